/** Manager and groups of a person, as the tenant's view has them. */
import type { EntraGroup, EntraUser } from '../../clients/graph/port.ts';
import { terminal } from '../../core/errors.ts';
import type { M365User } from '../../core/objects.ts';
import { hasLeft } from '../plans.ts';
import type { Look } from './look.ts';
import type { NamedGroup, ObservedManager, ObservedUser } from './observed.ts';

type Groups = Pick<
  ObservedUser,
  'groups' | 'formerGroups' | 'extraGroups' | 'memberships' | 'lostMemberships'
>;

export function groupsOf(look: Look, entra: EntraUser | undefined): Groups {
  const { user, deps } = look;
  if (user.metadata.deletionTimestamp === undefined && hasLeft(user, deps.nowMs())) {
    return { ...noGroups, memberships: membershipsToLeave(look, entra) };
  }
  const declared = user.spec.groups ?? [];
  const former = (user.status?.groups ?? []).filter((name) => !declared.includes(name));
  const groups = declared.map((name) => declaredGroup(look, name, entra));
  const formerGroups = former.map((name) => namedGroup(look, name, entra).group);
  return {
    groups,
    formerGroups,
    extraGroups: extraGroups(look, entra, [...groups, ...formerGroups]),
    memberships: [],
    lostMemberships: lostMemberships(look, entra, groups),
  };
}

const noGroups: Groups = {
  groups: [],
  formerGroups: [],
  extraGroups: [],
  memberships: [],
  lostMemberships: [],
};

/** All that the person is in, but for what others decide, and what gives a licence that is to stay. */
function membershipsToLeave(
  { user, view }: Look,
  entra: EntraUser | undefined,
): ObservedUser['memberships'] {
  if (entra === undefined) return [];
  const keeps = user.spec.seatsOnLeave === 'Keep' ? (entra.inheritedLicenses ?? []) : [];
  const giving = new Set(keeps.map(({ groupId }) => groupId));
  return view
    .groupsOf(entra.id)
    .filter(({ id, hasWritableMembers }) => hasWritableMembers && !giving.has(id))
    .map(({ id, displayName }) => ({ id, name: displayName.slice(0, 256) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** With `groupsExclusive` nothing but what is declared comes back. */
function lostMemberships(
  { user, view }: Look,
  entra: EntraUser | undefined,
  declared: readonly NamedGroup[],
): readonly NamedGroup[] {
  if (entra === undefined || user.spec.groupsExclusive === true) return [];
  const others = new Set(declared.map(({ id }) => id));
  return (user.status?.leaver?.groups ?? []).flatMap(({ id }): NamedGroup[] => {
    const [group] = view.groupsByName(id);
    if (group === undefined || others.has(id)) return [];
    const isLost = group.hasWritableMembers && !group.memberIds.has(entra.id);
    return isLost ? [{ name: group.displayName, id, isMember: false }] : [];
  });
}

/** Terminal where others than manifests decide who is a member: an administrator's role is one of them. */
function declaredGroup(look: Look, name: string, entra: EntraUser | undefined): NamedGroup {
  const { group, found } = namedGroup(look, name, entra);
  const isRefused = found?.hasWritableMembers === false && !group.isMember;
  if (!isRefused || look.user.metadata.deletionTimestamp !== undefined) return group;
  throw terminal(
    `the members of the group "${name}" are decided by a rule, a sync server, Exchange or an administrator's role: take it out of groups`,
    { reason: 'GroupNotWritable' },
  );
}

function namedGroup(
  { view }: Look,
  name: string,
  entra: EntraUser | undefined,
): { readonly group: NamedGroup; readonly found: EntraGroup | undefined } {
  const all = view.groupsByName(name);
  const mine = all.find(({ memberIds }) => entra !== undefined && memberIds.has(entra.id));
  if (mine === undefined && all.length > 1) {
    throw terminal(
      `${all.length} groups are named "${name}": rename all but one, or name it by its object id`,
      {
        reason: 'AmbiguousMatch',
      },
    );
  }
  const found = mine ?? all[0];
  if (found === undefined && isObjectId(name)) {
    throw terminal(`no group has the object id "${name}"`, { reason: 'GroupNotFound' });
  }
  return { group: { name, id: found?.id, isMember: mine !== undefined }, found };
}

function isObjectId(name: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

function extraGroups(
  { user, view }: Look,
  entra: EntraUser | undefined,
  known: readonly NamedGroup[],
): readonly NamedGroup[] {
  if (user.spec.groupsExclusive !== true || entra === undefined) return [];
  const ids = new Set(known.map(({ id }) => id));
  return view
    .groupsOf(entra.id)
    .filter(({ id, hasWritableMembers }) => hasWritableMembers && !ids.has(id))
    .map(({ id, displayName }) => ({ name: displayName, id, isMember: true }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function managerOf(look: Look): ObservedManager | undefined {
  const { manager, managerRef } = look.user.spec;
  if (manager !== undefined) return managerByName(look, manager.userPrincipalName);
  return managerRef === undefined ? undefined : managerByReference(look, managerRef.name);
}

function managerByName({ view }: Look, name: string): ObservedManager {
  const entraId = view.userByPrincipalName(name)?.id;
  return { field: 'manager', name, entraId, objectGuid: undefined };
}

function managerByReference({ deps, user }: Look, name: string): ObservedManager {
  const { namespace } = user.metadata;
  const manager = deps.cluster.get<M365User>('M365User', namespace, name);
  const isSameTenant = manager?.spec.tenantRef.name === user.spec.tenantRef.name;
  const { entraId, objectGuid } = (isSameTenant ? manager?.status : undefined) ?? {};
  return { field: 'managerRef', name, entraId, objectGuid };
}

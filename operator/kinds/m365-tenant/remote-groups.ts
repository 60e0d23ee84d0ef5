/** What the directory view and the cache show of a tenant's declared groups. */
import type { DeclaredGroup } from '../../api/groups.ts';
import type { DirectoryView } from '../../clients/graph/port.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import type { ObservedGroup, ObservedMember } from './observed.ts';

export function readGroups(
  tenant: M365Tenant,
  view: DirectoryView,
  people: readonly M365User[],
): readonly ObservedGroup[] {
  return (tenant.spec.groups ?? []).map((declared) => readGroup(declared, view, people));
}

function readGroup(
  declared: DeclaredGroup,
  view: DirectoryView,
  people: readonly M365User[],
): ObservedGroup {
  const found = view.groupsByName(declared.name);
  const group = found[0];
  const names = declared.members ?? [];
  const wanted = names.map((name) => ({ name, id: view.userByPrincipalName(name)?.id }));
  const known = wanted.filter((member): member is ObservedMember => member.id !== undefined);
  const memberIds = group?.memberIds ?? new Set<string>();
  return {
    name: declared.name,
    id: group?.id,
    found: found.length,
    hasOtherType: group?.type !== declared.type,
    hasWritableMembers: group?.hasWritableMembers === true,
    declaresMembers: declared.members !== undefined,
    missingMembers: known.filter(({ id }) => !memberIds.has(id)),
    surplusMembers:
      declared.exclusive === true ? surplus(declared, memberIds, { view, people, known }) : [],
    unknownMembers: wanted.filter(({ id }) => id === undefined).map(({ name }) => name),
  };
}

function surplus(
  { name }: DeclaredGroup,
  memberIds: ReadonlySet<string>,
  {
    view,
    people,
    known,
  }: {
    readonly view: DirectoryView;
    readonly people: readonly M365User[];
    readonly known: readonly ObservedMember[];
  },
): readonly ObservedMember[] {
  const group = name.toLowerCase();
  const belongs = new Set(known.map(({ id }) => id));
  for (const { spec, status } of people) {
    const names = spec.groups?.some((one) => one.toLowerCase() === group) === true;
    if (names && status?.entraId !== undefined) belongs.add(status.entraId);
  }
  return [...memberIds]
    .filter((id) => !belongs.has(id))
    .map((id) => ({ id, name: view.user(id)?.userPrincipalName ?? id }));
}

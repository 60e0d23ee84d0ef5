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
  const nested = declared.memberGroups ?? [];
  const wanted = [
    ...names.map((name) => ({ name, id: view.userByPrincipalName(name)?.id })),
    ...nested.map((name) => ({ name, id: onlyGroup(name, view) })),
  ];
  const known = wanted.filter((member): member is ObservedMember => member.id !== undefined);
  const memberIds = group?.memberIds ?? new Set<string>();
  return {
    name: declared.name,
    id: group?.id,
    found: found.length,
    hasOtherType: group?.type !== declared.type,
    hasWritableMembers: group?.hasWritableMembers === true,
    declaresMembers: names.length + nested.length > 0 || declared.members !== undefined,
    missingMembers: known.filter(({ id }) => !memberIds.has(id)),
    surplusMembers:
      declared.exclusive === true ? surplus(declared, memberIds, { view, people, known }) : [],
    unknownMembers: wanted.filter(({ id }) => id === undefined).map(({ name }) => name),
  };
}

/** Undefined: there is none of this name, or there are several. */
function onlyGroup(name: string, view: DirectoryView): string | undefined {
  const found = view.groupsByName(name);
  return found.length === 1 ? found[0]?.id : undefined;
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
    .map((id) => ({ id, name: nameOf(id, view) }));
}

function nameOf(id: string, view: DirectoryView): string {
  return view.user(id)?.userPrincipalName ?? view.groupsByName(id)[0]?.displayName ?? id;
}

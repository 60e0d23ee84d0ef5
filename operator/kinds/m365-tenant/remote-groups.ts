/** What the directory view and the cache show of a tenant's declared groups. */
import type { DeclaredGroup } from '../../api/groups.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import {
  compareMembers,
  othersIn,
  type PeopleInGroups,
  peopleInGroups,
  whoStays,
} from './declared-groups.ts';
import type { ObservedGroup } from './observed.ts';

interface Sight {
  readonly view: DirectoryView;
  /** Asked for only where a group is declared: they are many. */
  readonly people: () => readonly M365User[];
  readonly nowMs: number;
}

export function readGroups(
  { spec }: M365Tenant,
  { view, people, nowMs }: Sight,
): readonly ObservedGroup[] {
  const declared = spec.groups ?? [];
  if (declared.length === 0) return [];
  const inGroups = peopleInGroups(people(), nowMs, inOf);
  return declared.map((group) => readGroup(group, view, inGroups));
}

function readGroup(
  declared: DeclaredGroup,
  view: DirectoryView,
  people: PeopleInGroups,
): ObservedGroup {
  const found = view.groupsByName(declared.name);
  const group = found[0];
  const names = whoStays(declared.members, people);
  const nested = declared.memberGroups ?? [];
  return {
    name: declared.name,
    id: group?.id,
    found: found.length,
    hasOtherType: group?.type !== declared.type,
    hasWritableMembers: group?.hasWritableMembers === true,
    declaresMembers: nested.length > 0 || declared.members !== undefined,
    ...compareMembers({
      wanted: [
        ...names.map((name) => ({ name, id: view.userByPrincipalName(name)?.id })),
        ...nested.map((name) => ({ name, id: onlyGroup(name, view) })),
      ],
      memberIds: group?.memberIds ?? new Set(),
      others: othersIn(declared, people),
      nameOf: (id) => nameOf(id, view),
    }),
  };
}

function inOf({ spec, status }: M365User) {
  return { groups: spec.groups, id: status?.entraId };
}

/** Undefined: there is none of this name, or there are several. */
function onlyGroup(name: string, view: DirectoryView): string | undefined {
  const found = view.groupsByName(name);
  return found.length === 1 ? found[0]?.id : undefined;
}

function nameOf(id: string, view: DirectoryView): string {
  return view.user(id)?.userPrincipalName ?? view.groupsByName(id)[0]?.displayName ?? id;
}

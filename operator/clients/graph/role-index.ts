/** Who is an administrator of one tenant, in memory. */
import type { GroupIndex } from './group-index.ts';
import type { Graph } from './port.ts';
import type { HeldRole } from './roles-port.ts';

type Reads = Pick<Graph, 'listRoleHolders' | 'listGroupOwners' | 'listRolesOf'>;

type Groups = Pick<GroupIndex, 'roleGroups' | 'isInRoleGroup' | 'roleGroupsOf'>;

const nobody: ReadonlySet<string> = new Set();

export class RoleIndex {
  readonly #groups: Groups;
  /** Undefined: they were not read yet, or may not be. */
  #holders: Set<string> | undefined;
  #owners = nobody;
  /** Ids of assignments. */
  readonly #removed = new Set<string>();

  constructor(groups: Groups) {
    this.#groups = groups;
  }

  isPrivileged(id: string): boolean {
    const holders = this.#holders ?? nobody;
    return holders.has(id) || this.#owners.has(id) || this.#groups.isInRoleGroup(id, holders);
  }

  /** Names of the groups that make an administrator of this one. */
  groupsOf(id: string): readonly string[] {
    return this.#groups.roleGroupsOf(id, this.#holders ?? nobody);
  }

  /** Whoever becomes an administrator, or is none any more, is another one now. `groups`: until they are read. */
  async readAll(
    graph: Reads,
    groups: Promise<void>,
    changed: Set<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const holders = await graph.listRoleHolders(signal);
    await groups;
    const owners = new Set(await graph.listGroupOwners(this.#groups.roleGroups(), signal));
    const before = this.#holders?.union(this.#owners);
    this.#holders = new Set(holders);
    this.#owners = owners;
    if (holders === undefined || before === undefined) return;
    const now = this.#holders.union(owners);
    for (const id of now.symmetricDifference(before)) changed.add(id);
  }

  async readOne(
    graph: Reads,
    id: string,
    signal: AbortSignal,
  ): Promise<readonly HeldRole[] | undefined> {
    const read = await graph.listRolesOf(id, signal);
    const held = read?.filter((role) => !this.#removed.has(role.id));
    if (held?.some(({ isProtecting }) => isProtecting) === true) this.#holders?.add(id);
    else if (held !== undefined) this.#holders?.delete(id);
    return held;
  }

  noteRemoved(assignmentId: string): void {
    this.#removed.add(assignmentId);
  }
}

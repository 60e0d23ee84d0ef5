/** Groups within groups: what membership means when it is followed through (graph.md 10.2, `transitiveMemberOf`). */
import type { Directory } from './directory.ts';

/** Live groups in which the object is, directly or through other groups, nearest first, each once. */
export function transitiveGroups(directory: Directory, memberId: string, seq: number): string[] {
  return walk(memberId, (id) =>
    directory.memberships.groups(id, seq).filter((groupId) => isLiveGroup(directory, groupId, seq)),
  );
}

/** Members of the group and of the groups in it, nearest first, each once. */
export function transitiveMembers(directory: Directory, groupId: string, seq: number): string[] {
  return walk(groupId, (id) =>
    id === groupId || isLiveGroup(directory, id, seq) ? directory.memberships.members(id, seq) : [],
  );
}

function isLiveGroup(directory: Directory, id: string, seq: number): boolean {
  return directory.groups.at(id, seq)?.state === 'live';
}

/** Breadth first; groups may contain each other in a circle. */
function walk(start: string, next: (id: string) => readonly string[]): string[] {
  const found = new Set<string>();
  for (let ids: readonly string[] = [start]; ids.length > 0; ) {
    const fresh = ids.flatMap(next).filter((id) => !found.has(id));
    for (const id of fresh) found.add(id);
    ids = [...new Set(fresh)];
  }
  return [...found];
}

/** Deleted objects stay for 30 days and then go for good (graph.md 2.7). */
import type { TaskKind, World } from '../world.ts';
import type { Directory, Group, User } from './directory.ts';
import { saveGroup, saveUser } from './records.ts';

const KEPT_MS = 30 * 86_400_000;

interface Deletion {
  readonly tenantId: string;
  readonly id: string;
  /** Tells this deletion from a later one, after a restore. */
  readonly deletedDateTime: string;
}

const PURGE_USER: TaskKind<Deletion> = { name: 'directory.purgeUser' };
const PURGE_GROUP: TaskKind<Deletion> = { name: 'directory.purgeGroup' };

/** What the recycle bin does on the clock. */
export function registerRecycleBin(world: World): void {
  world.clock.on(PURGE_USER, (deletion) => {
    const directory = world.directories.get(deletion.tenantId);
    const version = directory?.users.latest(deletion.id);
    if (directory && version?.state === 'deleted' && isSame(version.value, deletion)) {
      saveUser(directory, version.value, 'purged');
    }
  });
  world.clock.on(PURGE_GROUP, (deletion) => {
    const directory = world.directories.get(deletion.tenantId);
    const version = directory?.groups.latest(deletion.id);
    if (directory && version?.state === 'deleted' && isSame(version.value, deletion)) {
      saveGroup(directory, version.value, 'purged');
    }
  });
}

function isSame({ properties }: User | Group, { deletedDateTime }: Deletion): boolean {
  return properties['deletedDateTime'] === deletedDateTime;
}

export function recycleUser(world: World, directory: Directory, user: User): void {
  const deleted = asDeleted(world, user);
  saveUser(directory, deleted.value, 'deleted');
  world.clock.schedule(deleted.purgeMs, PURGE_USER, deletion(directory, deleted.value));
}

export function recycleGroup(world: World, directory: Directory, group: Group): void {
  const deleted = asDeleted(world, group);
  saveGroup(directory, deleted.value, 'deleted');
  world.clock.schedule(deleted.purgeMs, PURGE_GROUP, deletion(directory, deleted.value));
}

function asDeleted<T extends User | Group>(world: World, value: T): { value: T; purgeMs: number } {
  const now = world.clock.nowMs();
  const deletedDateTime = new Date(now).toISOString();
  const properties = { ...value.properties, deletedDateTime };
  return { value: { ...value, properties }, purgeMs: now + KEPT_MS };
}

function deletion(directory: Directory, { id, properties }: User | Group): Deletion {
  const deletedDateTime = String(properties['deletedDateTime']);
  return { tenantId: directory.tenantId, id, deletedDateTime };
}

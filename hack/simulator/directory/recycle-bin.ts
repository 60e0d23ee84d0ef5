/** Deleted objects stay for 30 days and then go for good (graph.md 2.7). */
import type { TaskKind, World } from '../world.ts';
import type { Directory, User } from './directory.ts';
import { saveUser } from './records.ts';

const KEPT_MS = 30 * 86_400_000;

interface Deletion {
  readonly tenantId: string;
  readonly id: string;
  /** Tells this deletion from a later one, after a restore. */
  readonly deletedDateTime: string;
}

const PURGE_USER: TaskKind<Deletion> = { name: 'directory.purgeUser' };

/** What the recycle bin does on the clock. */
export function registerRecycleBin(world: World): void {
  world.clock.on(PURGE_USER, ({ tenantId, id, deletedDateTime }) => {
    const directory = world.directories.get(tenantId);
    const version = directory?.users.latest(id);
    const isSame = version?.value.properties['deletedDateTime'] === deletedDateTime;
    if (directory && version?.state === 'deleted' && isSame) {
      saveUser(directory, version.value, 'purged');
    }
  });
}

export function recycleUser(world: World, directory: Directory, user: User): void {
  const now = world.clock.nowMs();
  const deletedDateTime = new Date(now).toISOString();
  saveUser(directory, { ...user, properties: { ...user.properties, deletedDateTime } }, 'deleted');
  const deletion = { tenantId: directory.tenantId, id: user.id, deletedDateTime };
  world.clock.schedule(now + KEPT_MS, PURGE_USER, deletion);
}

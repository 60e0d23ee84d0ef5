import type { World } from '../world.ts';
import { registerDelegation } from './delegation.ts';
import { registerDomainRemoval } from './domain-removal.ts';
import { registerGroupLicenses } from './group-licenses.ts';
import { registerNotifications } from './notifications.ts';
import { registerRecycleBin } from './recycle-bin.ts';

/** All that the directory does on the clock. */
export function registerDirectoryTasks(world: World): void {
  registerDelegation(world);
  registerDomainRemoval(world);
  registerGroupLicenses(world);
  registerNotifications(world);
  registerRecycleBin(world);
}

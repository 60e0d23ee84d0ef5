/**
 * Who writes a tenant's accounts. A sync server that runs is never joined by a second writer: while the tenant shows that
 * it does, its people are treated as under EntraConnect, whatever is declared. Pure.
 */
import type { M365Tenant } from '../core/objects.ts';

type DirectoryMode = 'None' | 'Managed' | 'EntraConnect';

/** Reasons of ActiveDirectoryReady under which nothing is written into two directories. */
const fenceReasons: readonly string[] = [
  'DirectorySyncActive',
  'HandOverObserving',
  'HandOverNotConfirmed',
  'HandOverSyncActive',
  'HandOverSwitching',
];

export function directoryModeOf(tenant: M365Tenant): DirectoryMode {
  const declared = tenant.spec.identity?.activeDirectory ?? 'None';
  return declared === 'Managed' && isFenced(tenant) ? 'EntraConnect' : declared;
}

/** As the tenant's last look left it; a look that failed leaves the fence standing. */
export function isFenced({ status }: M365Tenant): boolean {
  return (
    status?.conditions?.some(
      ({ type, status: is, reason }) =>
        type === 'ActiveDirectoryReady' && is === 'False' && fenceReasons.includes(reason),
    ) === true
  );
}

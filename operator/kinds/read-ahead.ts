/**
 * At a start the directories of tenants are read while the list of people is still on its way: both take seconds, and neither
 * needs the other. What stands in a tenant's way is nothing to tell here: its look meets it, and tells it.
 */
import type { M365Tenant } from '../core/objects.ts';
import { clientsOf, connectionOf, type Deps, isTrue } from './access.ts';

export type ReadAheadDeps = Pick<Deps, 'cluster' | 'clientsFor' | 'isOurs'>;

/** As long as a look may take. */
const deadlineMs = 2 * 60_000;
/** As many as are read at once after a start (first-reads.ts): time that one waits there would be its own. */
const atOnce = 16;

/** How many were read, when all were or could not be; `onFailure` is told of those. */
export async function readAhead(
  deps: ReadAheadDeps,
  signal: AbortSignal,
  onFailure: (tenant: M365Tenant, error: unknown) => void,
): Promise<number> {
  const tenants = deps.cluster
    .list<M365Tenant>('M365Tenant')
    .filter((tenant) => deps.isOurs(tenant) && isAtWork(tenant))
    .values();
  let read = 0;
  const readOthers = async (): Promise<void> => {
    // All of them take from the same.
    for (const tenant of tenants) {
      if (signal.aborted) return;
      try {
        await readOne(deps, tenant, signal);
        read += 1;
      } catch (error) {
        onFailure(tenant, error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readOthers));
  return read;
}

/** Its directory is read in any case. */
function isAtWork(tenant: M365Tenant): boolean {
  const isLeaving = tenant.metadata.deletionTimestamp !== undefined;
  return !isLeaving && tenant.spec.suspend !== true && isTrue(tenant, 'AccessReady');
}

async function readOne(
  deps: ReadAheadDeps,
  tenant: M365Tenant,
  signal: AbortSignal,
): Promise<void> {
  const connection = connectionOf(deps.cluster, tenant);
  const { clients } = await clientsOf(deps, connection, signal);
  const view = clients.directory(tenant.status?.tenantId ?? '');
  // Each has a signal of its own: an edit that waits for one directory hurries that one.
  const own = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  if (!view.isLoaded) await view.refresh(own);
}

/** What is looked at for a PartnerConnection: Secret, tokens, catalogue, directory. Nothing is changed. */

import { marketsOf, referenceMarket } from '../../api/regions.ts';
import type { ConnectionClients } from '../../clients/port.ts';
import { type OperatorError, toOperatorError } from '../../core/errors.ts';
import type { M365Tenant, PartnerConnection } from '../../core/objects.ts';
import { keyOf } from '../../core/resource.ts';
import { clientsOf, type Deps } from '../access.ts';
import { nextFullLookMs } from '../schedule.ts';
import type { ObservedConnection, Probe } from './plan.ts';

export async function observeConnection(
  deps: Deps,
  connection: PartnerConnection,
  signal: AbortSignal,
): Promise<ObservedConnection> {
  // A schedule that is not valid is told here, where it stands.
  nextFullLookMs(connection, deps.nowMs());
  const users = await deps.cluster.referencingInAllShards<M365Tenant>(
    keyOf(connection),
    'M365Tenant',
    signal,
  );
  const counts = { tenants: users.length };
  const found = await probe(signal, () => clientsOf(deps, connection, signal));
  if (!found.ok || connection.metadata.deletionTimestamp !== undefined) {
    const credentials: ObservedConnection['credentials'] = found.ok
      ? { ok: true, value: { expireOn: found.value.credentialsExpireOn } }
      : found;
    return { ...counts, credentials };
  }
  const { clients, credentialsExpireOn } = found.value;
  return {
    ...counts,
    credentials: { ok: true, value: { expireOn: credentialsExpireOn } },
    ...(await probeCloud(deps, { clients, connection }, signal)),
  };
}

async function probeCloud(
  deps: Deps,
  {
    clients,
    connection,
  }: { readonly clients: ConnectionClients; readonly connection: PartnerConnection },
  signal: AbortSignal,
): Promise<Partial<ObservedConnection>> {
  const { partnerCenter, activeDirectory } = clients;
  const appAccess = await cloudProbe(signal, async () => {
    await partnerCenter.verifyAppToken(signal);
    return { customers: (await partnerCenter.listCustomers(signal)).length };
  });
  const userAccess = await cloudProbe(signal, () => partnerCenter.verifyUserToken(signal));
  const directory =
    activeDirectory === undefined
      ? undefined
      : await probeDirectory(signal, () => activeDirectory.verify(signal));
  const catalog = appAccess.ok
    ? await cloudProbe(signal, () => readCatalog(clients, connection, signal))
    : undefined;
  const activityLog = appAccess.ok
    ? await cloudProbe(signal, () => deps.seatChanges.read(connection, partnerCenter, signal))
    : undefined;
  return {
    appAccess,
    userAccess,
    clockOffsetMs: partnerCenter.clockOffsetMs,
    ...(directory === undefined ? {} : { directory }),
    ...(catalog === undefined ? {} : { catalog }),
    ...(activityLog === undefined ? {} : { activityLog }),
  };
}

async function readCatalog(
  { partnerCenter }: ConnectionClients,
  connection: PartnerConnection,
  signal: AbortSignal,
): Promise<{ found: number; missing: readonly string[] }> {
  const { catalog = [], region, markets } = connection.spec;
  const country = referenceMarket(region, markets ?? marketsOf(region));
  const missing: string[] = [];
  for (const offer of catalog) {
    const { productId, skuId } = offer;
    const item = await partnerCenter.getCatalogItem(productId, skuId, country, signal);
    if (item === undefined) missing.push(offer.name);
  }
  return { found: catalog.length - missing.length, missing };
}

/** A probe's failure is what it found: only an abort ends the look. */
async function probe<T>(signal: AbortSignal, look: () => Promise<T>): Promise<Probe<T>> {
  try {
    return { ok: true, value: await look() };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, error: toOperatorError(error) };
  }
}

/** A connection that breaks in this very moment says nothing: the next try goes to the next controller. */
async function probeDirectory<T>(signal: AbortSignal, look: () => Promise<T>): Promise<Probe<T>> {
  const found = await probe(signal, look);
  return !found.ok && found.error.class === 'Transient' ? probe(signal, look) : found;
}

/** A cloud that is out of order, or asks everybody to wait, says nothing of this connection: the engine tells what lasts. */
async function cloudProbe<T>(signal: AbortSignal, look: () => Promise<T>): Promise<Probe<T>> {
  const found = await probe(signal, look);
  if (!found.ok && saysNothing(found.error)) throw found.error;
  return found;
}

function saysNothing(error: OperatorError): boolean {
  return error.class === 'Transient' || error.holdsFlow;
}

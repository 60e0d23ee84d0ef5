/** Takes an unused licence, after a last look at whether it still is one. */
import type { LicensePoolStatus } from '../../api/license-pool.ts';
import { terminal, toOperatorError, transient } from '../../core/errors.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { Learned } from '../../core/plan.ts';
import { keyOf } from '../../core/resource.ts';
import type { Deps, TenantAccess } from '../access.ts';
import type { PoolAction } from './actions.ts';
import { afterRefusal, afterTake, holdOf, unusedOf } from './harvest.ts';
import { holderNow } from './remote-harvest.ts';
import { iso } from './time.ts';

/** The directory's own count of seats, below which none are given back, follows a little later. */
const countedMs = 10_000;

type Take = Extract<PoolAction, { readonly name: 'TakeLicense' }>;

export async function takeLicense(
  { proposal, skuId }: Take,
  work: {
    readonly deps: Deps;
    readonly pool: LicensePool;
    readonly access: TenantAccess;
    readonly signal: AbortSignal;
  },
): Promise<Learned<LicensePoolStatus>> {
  const { deps, pool, access, signal } = work;
  const { clients, tenantId } = access;
  const { id } = proposal;
  const nowMs = deps.nowMs() + clients.partnerCenter.clockOffsetMs;
  await requireUnused({ proposal, skuId }, { ...work, nowMs });
  const view = clients.directory(tenantId);
  const before = view.user(id)?.assignedLicenses ?? [];
  try {
    const change = { add: [], remove: [skuId] };
    const { requestId } = await clients.graph(tenantId).assignLicenses(id, change, signal);
    const after = before.filter((license) => license.skuId !== skuId);
    view.recordUser(id, { assignedLicenses: after });
    deps.wake(keyOf(pool), 'dependant', countedMs);
    return {
      status: { harvest: afterTake(pool.status?.harvest, proposal, iso(nowMs)) },
      audit: { requestId, target: id, before, after },
    };
  } catch (thrown) {
    const error = toOperatorError(thrown);
    // The seats of all others are looked after whatever Microsoft says of this one.
    if (error.class !== 'Terminal') throw error;
    return {
      status: { harvest: afterRefusal(pool.status?.harvest, proposal, error.message) },
      refusal: error.reason,
      audit: { requestId: error.requestId, target: id, before },
    };
  }
}

/** People come back, and Git changes, while a proposal waits. */
async function requireUnused(
  { proposal, skuId }: Pick<Take, 'proposal' | 'skuId'>,
  {
    deps,
    pool,
    access,
    signal,
    nowMs,
  }: Parameters<typeof takeLicense>[1] & { readonly nowMs: number },
): Promise<void> {
  const { harvest } = pool.spec;
  if (harvest === undefined) throw terminal('nothing is harvested', { reason: 'HarvestOff' });
  const found = await holderNow(deps, pool, { access, id: proposal.id, skuId }, signal);
  if (found !== undefined) {
    const { holder, signIns } = found;
    const unused = unusedOf(holder, { spec: harvest, sight: { signIns }, nowMs });
    if (unused?.reason === proposal.reason && holdOf(holder, undefined) === undefined) return;
  }
  throw transient('a licence that seemed unused is in use, or gone by now; all is planned anew', {
    reason: 'HarvestChanged',
  });
}

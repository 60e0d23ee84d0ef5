/** What the tenant has bought, by SKU and by subscription (graph.md 5.1, 5.5). */
import type { Properties, Subscription } from '../directory/directory.ts';
import { findPool, hasSeat, type Pool, pools } from '../directory/licenses.ts';
import { bestStatus } from '../directory/plans.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, parameter } from './call.ts';
import { notFound } from './errors.ts';
import { equalityFilters } from './filter-rules.ts';
import { list, single } from './query.ts';

export const SUBSCRIBED_SKU_HANDLERS: Handlers = {
  'GET /subscribedSkus': listSkus,
  'GET /subscribedSkus/{subscribedSku-id}': getSku,
  'GET /directory/subscriptions': listSubscriptions,
  'GET /directory/subscriptions/{companySubscription-id}': getSubscription,
  "GET /directory/subscriptions(commerceSubscriptionId='{commerceSubscriptionId}')":
    getSubscription,
};

/** What a replica has counted so far (graph.md 5.2). */
function seenUnits(call: Call, pool: Pool): number {
  if (call.world.settings.replicationLagMs <= 0) return pool.consumed;
  let count = 0;
  for (const { value } of call.directory.users.all('live', call.keySeq)) {
    if (hasSeat(value, pool.skuId)) count += 1;
  }
  return count;
}

function skuEntity(call: Call, pool: Pool): Properties {
  const { directory } = call;
  return {
    id: `${directory.tenantId}_${pool.skuId}`,
    accountId: directory.tenantId,
    accountName: directory.initialDomain.split('.')[0],
    appliesTo: 'User',
    capabilityStatus: bestStatus(pool.subscriptions),
    consumedUnits: seenUnits(call, pool),
    prepaidUnits: {
      enabled: pool.enabled,
      suspended: pool.suspended,
      warning: pool.warning,
      lockedOut: pool.lockedOut,
    },
    servicePlans: servicePlans(pool, []),
    skuId: pool.skuId,
    skuPartNumber: pool.skuPartNumber,
    subscriptionIds: pool.subscriptions.map((subscription) => subscription.id),
  };
}

export function servicePlans(pool: Pool, disabled: readonly string[]): Properties[] {
  return (pool.subscriptions[0]?.servicePlans ?? []).map((plan) => ({
    ...plan,
    provisioningStatus: disabled.includes(plan.servicePlanId) ? 'Disabled' : 'Success',
    appliesTo: 'User',
  }));
}

function listSkus(call: Call): ApiResponse {
  const items = () => pools(call.directory).map((pool) => skuEntity(call, pool));
  return list(call, { type: 'subscribedSku', set: 'subscribedSkus', items });
}

function getSku(call: Call): ApiResponse {
  const id = parameter(call, 'subscribedSku-id');
  const pool = findPool(call.directory, id.split('_').at(-1) ?? '');
  if (!pool) throw notFound(id);
  return single(call, {
    type: 'subscribedSku',
    set: 'subscribedSkus',
    entity: skuEntity(call, pool),
  });
}

function subscriptionEntity(subscription: Subscription): Properties {
  return {
    id: subscription.id,
    commerceSubscriptionId: subscription.commerceSubscriptionId,
    createdDateTime: new Date(subscription.createdMs).toISOString(),
    isTrial: subscription.isTrial,
    nextLifecycleDateTime:
      subscription.nextLifecycleMs === undefined
        ? null
        : new Date(subscription.nextLifecycleMs).toISOString(),
    ownerId: null,
    ownerTenantId: subscription.ownerTenantId,
    ownerType: 'User',
    serviceStatus: subscription.servicePlans.map((plan) => ({
      ...plan,
      appliesTo: 'User',
      provisioningStatus: 'Success',
    })),
    skuId: subscription.skuId,
    skuPartNumber: subscription.skuPartNumber,
    status: subscription.status,
    totalLicenses: subscription.seats,
  };
}

function listSubscriptions(call: Call): ApiResponse {
  return list(call, {
    type: 'companySubscription',
    set: 'directory/subscriptions',
    filters: equalityFilters('commerceSubscriptionId', 'skuId', 'status', 'ownerTenantId'),
    items: () => call.directory.subscriptions.values().map(subscriptionEntity),
  });
}

function getSubscription(call: Call): ApiResponse {
  const key = (
    call.parameters['companySubscription-id'] ??
    call.parameters['commerceSubscriptionId'] ??
    ''
  ).toLowerCase();
  const isByCommerce = 'commerceSubscriptionId' in call.parameters;
  const subscription = call.directory.subscriptions
    .values()
    .find(
      (known) => (isByCommerce ? known.commerceSubscriptionId.toLowerCase() : known.id) === key,
    );
  if (!subscription) throw notFound(key);
  return single(call, {
    type: 'companySubscription',
    set: 'directory/subscriptions',
    entity: subscriptionEntity(subscription),
  });
}

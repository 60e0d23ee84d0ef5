/** Licences of a customer by SKU, all subscriptions pooled (partner-center.md 3.7). */
import type { ApiResponse } from '../../world.ts';
import { ROLES, requireDelegatedRole } from '../access.ts';
import type { Offer } from '../catalogue/offers.ts';
import { requireCustomer } from '../customers/customers.ts';
import { attributes, collection } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { subscriptionsOf } from '../state.ts';
import { requireOffer } from './directory-seats.ts';
import type { Subscription } from './subscription.ts';

const READERS = [
  ROLES.directoryReaders,
  ROLES.globalReader,
  ROLES.userAdministrator,
  ROLES.licenseAdministrator,
];

export function listSubscribedSkus(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  requireDelegatedRole(exchange, customer.id, READERS);
  const groups = exchange.request.query.getAll('licenseGroupIds').map((id) => id.toLowerCase());
  // Every product of this world belongs to Group1 (licences of Entra).
  const isAsked = groups.length === 0 || groups.includes('group1');
  const held = subscriptionsOf(exchange.world, customer).filter(
    ({ status }) => status !== 'deleted',
  );
  const pools = Map.groupBy(held, (subscription) => requireOffer(subscription).provisioningId);
  const items = [...pools.values()].flatMap((pool) => {
    const [first] = pool;
    return first === undefined ? [] : [skuToWire(exchange, requireOffer(first), pool)];
  });
  const uri = `/customers/${customer.id}/subscribedskus`;
  return { status: 200, body: collection(isAsked ? items : [], uri) };
}

function skuToWire(
  exchange: Exchange,
  offer: Offer,
  pool: readonly Subscription[],
): Record<string, unknown> {
  const seats = (...statuses: readonly Subscription['status'][]): number =>
    pool
      .filter(({ status }) => statuses.includes(status))
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const [active, warning] = [seats('active'), seats('expired')];
  const customerId = exchange.params.customerId ?? '';
  const consumed = exchange.directory.consumedUnits(
    exchange.world,
    customerId.toLowerCase(),
    offer.provisioningId,
  );
  return {
    // Over-assigned licences show as none available (partner-center.md 6.4).
    availableUnits: Math.max(0, active + warning - consumed),
    activeUnits: active,
    consumedUnits: consumed,
    suspendedUnits: seats('suspended', 'disabled'),
    totalUnits: active + warning,
    warningUnits: warning,
    productSku: {
      id: offer.provisioningId,
      name: offer.title,
      skuPartNumber: offer.skuPartNumber,
      targetType: 'User',
      licenseGroupId: 'group1',
    },
    servicePlans: offer.servicePlans.map(({ servicePlanId, servicePlanName }) => ({
      displayName: servicePlanName,
      serviceName: servicePlanName,
      id: servicePlanId,
      capabilityStatus: active > 0 ? 'Enabled' : 'Suspended',
      targetType: 'User',
    })),
    capabilityStatus: active > 0 ? 'Enabled' : 'Suspended',
    attributes: attributes('SubscribedSku'),
  };
}

/**
 * Licence insights (partner-center.md 7.4), late by days. This world has no workloads: who holds a licence counts as
 * active in each of its services.
 */
import type { ApiResponse } from '../../world.ts';
import type { Offer } from '../catalogue/offers.ts';
import type { Customer } from '../customers/customer.ts';
import { requireCustomer } from '../customers/customers.ts';
import { attributes, collection } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { subscriptionsOf } from '../state.ts';
import { requireOffer } from '../subscriptions/directory-seats.ts';
import { DAY_MS, iso, startOfDay } from '../terms.ts';

const LAG_MS = 2 * DAY_MS;

interface Held {
  readonly offer: Offer;
  readonly sold: number;
  readonly assigned: number;
}

export function listDeployment(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const items = heldBy(exchange, customer).map(({ offer, sold, assigned }) => ({
    ...insight(exchange, customer, offer),
    licensesDeployed: assigned,
    licensesSold: sold,
    deploymentPercent: percent(assigned, sold),
    attributes: attributes('CustomerLicensesDeploymentInsights'),
  }));
  const uri = `/customers/${customer.id}/analytics/licenses/deployment`;
  return { status: 200, body: collection(items, uri) };
}

export function listUsage(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const items = heldBy(exchange, customer).flatMap(({ offer, assigned }) =>
    offer.servicePlans.map(({ servicePlanName }) => ({
      ...insight(exchange, customer, offer),
      workloadCode: servicePlanName,
      workloadName: servicePlanName,
      licensesActive: assigned,
      licensesQualified: assigned,
      usagePercent: percent(assigned, assigned),
      attributes: attributes('CustomerLicensesUsageInsights'),
    })),
  );
  const uri = `/customers/${customer.id}/analytics/licenses/usage`;
  return { status: 200, body: collection(items, uri) };
}

/** One row for each product of which the customer has seats. */
function heldBy(exchange: Exchange, customer: Customer): readonly Held[] {
  const active = subscriptionsOf(exchange.world, customer).filter(
    ({ status, partnerTenantId }) =>
      status === 'active' && partnerTenantId === exchange.partner.tenantId,
  );
  const pools = Map.groupBy(active, (subscription) => requireOffer(subscription).provisioningId);
  return [...pools].flatMap(([skuId, pool]) => {
    const [first] = pool;
    const sold = pool.reduce((sum, { quantity }) => sum + quantity, 0);
    const assigned = exchange.directory.consumedUnits(exchange.world, customer.id, skuId);
    return first === undefined ? [] : [{ offer: requireOffer(first), sold, assigned }];
  });
}

function insight({ world }: Exchange, customer: Customer, offer: Offer): Record<string, unknown> {
  return {
    customerId: customer.id,
    customerName: customer.billingProfile.companyName,
    productName: offer.title,
    serviceCode: 'O365',
    serviceName: 'Office 365',
    channel: 'Reseller',
    processedDateTime: iso(startOfDay(world.clock.nowMs() - LAG_MS)),
  };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10;
}

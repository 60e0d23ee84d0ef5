/** Ready-made customers, for the default world and for tests. */
import type { DirectoryApi } from '../directory/api.ts';
import type { World } from '../world.ts';
import { availabilityFor } from './catalogue/availabilities.ts';
import { findOffer } from './catalogue/offers.ts';
import { currencyOf } from './catalogue/prices.ts';
import { culturesOf } from './contract.ts';
import { pastAgreement } from './customers/agreements.ts';
import type { Address, Customer } from './customers/customer.ts';
import type { Order } from './ordering/order.ts';
import { openSubscription } from './ordering/provisioning.ts';
import type { Scope } from './routing.ts';
import { commerceOf } from './state.ts';
import { putSeatsNow } from './subscriptions/directory-seats.ts';
import { enterCycle } from './subscriptions/subscription-life.ts';
import { type BillingCycle, DAY_MS, startOfDay, type Term, termEnd, WINDOW_MS } from './terms.ts';

export interface ExistingSubscription {
  /** `CFQ7TTC0LCHC:0002` */
  readonly catalogItem: string;
  readonly quantity: number;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
  readonly friendlyName?: string;
  /** Start of the running term is computed from it. Default: 100 days ago. */
  readonly boughtMs?: number;
  /** Default true. */
  readonly autoRenewEnabled?: boolean;
}

export interface ExistingCustomer {
  readonly partnerTenantId: string;
  readonly tenantId: string;
  /** `fabrikam.onmicrosoft.com` */
  readonly initialDomain: string;
  readonly companyName: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  /** Completes or replaces the made-up billing address, e.g. with a postal code of the country. */
  readonly address?: Partial<Address>;
  /** Given: the Entra tenant is made too. Left out: the caller has made it in the directory. */
  readonly admin?: { readonly userName: string };
  /** Of an indirect reseller (`addReseller`). Default: the partner's own customer. */
  readonly resellerTenantId?: string;
  /** The customer agreement is confirmed. Default true. */
  readonly agreement?: boolean;
  readonly subscriptions?: readonly ExistingSubscription[];
}

const DEFAULT_AGE_MS = 100 * DAY_MS;

/**
 * A customer with whom the partner has had a reseller relationship for long: listed, `Allowed`, agreement confirmed,
 * no default GDAP. For a tenant that is known already it only adds the relationship of this partner (as an accepted
 * relationship request does) and the subscriptions. Returns the subscription ids in the order given.
 */
export function addExistingCustomer(
  world: World,
  directory: DirectoryApi,
  existing: ExistingCustomer,
): readonly string[] {
  const { customers, agreements } = commerceOf(world);
  if (existing.admin !== undefined) {
    directory.createTenant(world, {
      tenantId: existing.tenantId,
      initialDomain: existing.initialDomain,
      displayName: existing.companyName,
      country: existing.country,
      admin: existing.admin,
    });
  }
  const customer = customers.get(existing.tenantId) ?? newCustomer(world, existing);
  customers.set(customer.id, customer);
  const sinceMs = world.clock.nowMs() - DEFAULT_AGE_MS;
  customer.relationships.set(existing.partnerTenantId, {
    partnerTenantId: existing.partnerTenantId,
    sinceMs,
    listedFromMs: sinceMs,
    resellerTenantId: existing.resellerTenantId,
    ended: false,
  });
  if (existing.agreement !== false) {
    agreements.push(pastAgreement(customer, existing.partnerTenantId, sinceMs));
  }
  return (existing.subscriptions ?? []).map((subscription) =>
    addSubscription({ world, directory }, { customer, existing, subscription }),
  );
}

function newCustomer(world: World, existing: ExistingCustomer): Customer {
  const culture = culturesOf(existing.country)[0] ?? 'en-US';
  return {
    id: existing.tenantId,
    commerceId: world.random.uuid(),
    domain: existing.initialDomain.toLowerCase(),
    organizationRegistrationNumber: undefined,
    billingProfile: {
      id: world.random.uuid(),
      email: `billing@${existing.initialDomain}`,
      culture,
      language: culture.slice(0, 2),
      companyName: existing.companyName,
      defaultAddress: {
        country: existing.country,
        city: 'City',
        addressLine1: 'Street 1',
        firstName: 'First',
        lastName: 'Last',
        ...existing.address,
      },
      etag: world.random.uuid(),
    },
    allowDelegatedAccess: false,
    enableGdapByDefault: false,
    relationships: new Map(),
    account: { state: 'Allowed', changedMs: world.clock.nowMs() - DEFAULT_AGE_MS },
    tenantReadyMs: 0,
    subscriptionIds: [],
    orderIds: [],
    qualifications: [],
  };
}

function addSubscription(
  scope: Scope,
  {
    customer,
    existing,
    subscription: wanted,
  }: { customer: Customer; existing: ExistingCustomer; subscription: ExistingSubscription },
): string {
  const { world } = scope;
  const now = world.clock.nowMs();
  const boughtMs = wanted.boughtMs ?? now - DEFAULT_AGE_MS;
  const order = pastOrder(scope, customer, { existing, wanted, boughtMs });
  const line = order.lines[0];
  if (line === undefined) {
    throw new Error(`order ${order.id} has no line`);
  }
  let startMs = startOfDay(boughtMs);
  while (termEnd(startMs, wanted.termDuration) <= now) {
    startMs = termEnd(startMs, wanted.termDuration);
  }
  const subscription = openSubscription(scope, order, line, startMs);
  const windowEndMs = Math.max(boughtMs, startMs) + WINDOW_MS;
  subscription.boughtMs = Math.max(boughtMs, startMs);
  subscription.cancellationAllowedUntilMs = windowEndMs;
  subscription.refundBatches = [{ quantity: wanted.quantity, allowedUntilMs: windowEndMs }];
  subscription.autoRenewEnabled = wanted.autoRenewEnabled !== false;
  enterCycle(scope, subscription, now);
  line.subscriptionId = subscription.id;
  putSeatsNow(scope, subscription);
  return subscription.id;
}

function pastOrder(
  { world }: Scope,
  customer: Customer,
  {
    existing,
    wanted,
    boughtMs,
  }: { existing: ExistingCustomer; wanted: ExistingSubscription; boughtMs: number },
): Order {
  const [productId = '', skuId = ''] = wanted.catalogItem.split(':');
  const offer = findOffer(productId, skuId);
  if (offer === undefined) {
    throw new Error(`the price list has no ${wanted.catalogItem}`);
  }
  const availability = availabilityFor(world, offer, existing.country, wanted.termDuration);
  const order: Order = {
    id: world.random.hex(12),
    customerId: customer.id,
    partnerTenantId: existing.partnerTenantId,
    referenceCustomerId: customer.id,
    billingCycle: wanted.billingCycle,
    currency: currencyOf(existing.country),
    createdMs: boughtMs,
    listedFromMs: boughtMs,
    status: 'completed',
    lines: [
      {
        number: 0,
        productId,
        skuId,
        availabilityId: availability?.id ?? '',
        quantity: wanted.quantity,
        termDuration: wanted.termDuration,
        billingCycle: wanted.billingCycle,
        friendlyName: wanted.friendlyName,
        customTermEndDate: undefined,
        promotionId: undefined,
        partnerIdOnRecord: undefined,
        transactionType: 'New',
        subscriptionId: undefined,
      },
    ],
  };
  commerceOf(world).orders.set(order.id, order);
  customer.orderIds.push(order.id);
  return order;
}

/**
 * What the commerce side remembers of one simulated world. Times are milliseconds since the epoch, money is whole
 * minor units (cents). Tests read it through `commerceOf`; only the files of this folder change it.
 */
import { fromJson, type Json, toJson } from '../json.ts';
import type { Room } from '../rooms.ts';
import type { ApiResponse, Partner, World } from '../world.ts';
import type { AuditRecord } from './audit-record.ts';
import type { Invoice, LedgerEntry } from './books/entry.ts';
import type { Agreement, Customer } from './customers/customer.ts';
import type { Cart, Order } from './ordering/order.ts';
import type { Reseller } from './resellers/resellers.ts';
import type { Subscription } from './subscriptions/subscription.ts';
import type { Transition } from './subscriptions/transition.ts';
import type { Delivery } from './webhooks/outbox.ts';
import type { Registration } from './webhooks/registration.ts';

export interface Commerce {
  readonly customers: Map<string, Customer>;
  readonly agreements: Agreement[];
  /** By tenant ids of provider and reseller. */
  readonly resellers: Map<string, Reseller>;
  readonly carts: Map<string, Cart>;
  readonly orders: Map<string, Order>;
  readonly subscriptions: Map<string, Subscription>;
  /** By subscription that is upgraded, the oldest first. */
  readonly transitions: Map<string, readonly Transition[]>;
  /** In order of time. */
  readonly ledger: LedgerEntry[];
  /** By `partner tenant id|id`, in order of time. */
  readonly invoices: Map<string, Invoice>;
  /** `partner tenant id|start of the month`: charged to, not invoiced yet. */
  readonly openMonths: Set<string>;
  /** By partner tenant. */
  readonly webhooks: Map<string, Registration>;
  /** Events for webhooks, in order of time; the newest thousand. */
  readonly deliveries: Map<string, Delivery>;
  readonly auditRecords: AuditRecord[];
  /** Answers by tenant, method, path and MS-RequestId. */
  readonly replays: Map<string, { readonly atMs: number; readonly answer: ApiResponse }>;
  /** Requests in the running window, by resource and counting key. */
  readonly windows: Map<string, { startMs: number; count: number }>;
  /** Above 0, a PATCH of a subscription answers 202 and takes effect after this time. Tests set it. */
  slowUpdateMs: number;
}

export class CommerceRoom implements Room {
  state: Commerce = {
    customers: new Map(),
    agreements: [],
    resellers: new Map(),
    carts: new Map(),
    orders: new Map(),
    subscriptions: new Map(),
    transitions: new Map(),
    ledger: [],
    invoices: new Map(),
    openMonths: new Set(),
    webhooks: new Map(),
    deliveries: new Map(),
    auditRecords: [],
    replays: new Map(),
    windows: new Map(),
    slowUpdateMs: 0,
  };

  dump(): Json {
    return toJson(this.state);
  }

  load(state: Json): void {
    this.state = fromJson(state) as Commerce;
  }
}

/** The commerce state of this world. Not to be kept: loading a world replaces it. */
export function commerceOf(world: World): Commerce {
  return world.rooms.commerce.state;
}

/** Subscriptions of a customer, of every partner and status, the oldest first. */
export function subscriptionsOf(world: World, customer: Customer): readonly Subscription[] {
  const { subscriptions } = commerceOf(world);
  return customer.subscriptionIds.flatMap((id) => subscriptions.get(id) ?? []);
}

/** Orders of a customer, of every partner and status, the oldest first. */
export function ordersOf(world: World, customer: Customer): readonly Order[] {
  const { orders } = commerceOf(world);
  return customer.orderIds.flatMap((id) => orders.get(id) ?? []);
}

/** @throws Error where there is none: subscriptions and orders outlive no customer */
export function customerOf(
  world: World,
  { customerId }: { readonly customerId: string },
): Customer {
  const customer = commerceOf(world).customers.get(customerId);
  if (customer === undefined) {
    throw new Error(`there is no customer ${customerId}`);
  }
  return customer;
}

/** The partner of this tenant. Throws where the world has none: the world was built wrongly. */
export function requirePartner(world: World, tenantId: string): Partner {
  const partner = world.partners.get(tenantId);
  if (partner === undefined) {
    throw new Error(`partner tenant ${tenantId} is not in world.partners`);
  }
  return partner;
}

/** Random years of purchases, changes and renewals, for property tests. */
import * as fc from 'fast-check';
import { commerceOf } from './state.ts';
import { requireOffer } from './subscriptions/directory-seats.ts';
import type { Subscription } from './subscriptions/subscription.ts';
import { DAY_MS, iso, startOfDay } from './terms.ts';
import {
  buy,
  buyer,
  catalogItem,
  type TestCloud,
  testCloud,
  update,
  type Wanted,
} from './test-world.ts';

export type Step =
  | { readonly do: 'buy'; readonly wanted: Purchase }
  | { readonly do: 'wait'; readonly days: number }
  | { readonly do: 'change'; readonly which: number; readonly changes: Changes };

type Changes = Readonly<Record<string, unknown>> & {
  readonly seats?: number;
  readonly next?: number;
  readonly upgrade?: number;
};

/** `endsIn`: with the month that is so many months away. */
type Purchase = Wanted & { readonly endsIn?: number };

const TRIAL: Purchase = {
  sku: 'CFQ7TTC0LCHC:0006',
  quantity: 25,
  termDuration: 'P1M',
  billingCycle: 'none',
};
const PROMOTED: Purchase = {
  sku: 'CFQ7TTC0LFLX:0001',
  quantity: 55,
  promotionId: '39NFJQT1PJ7M:0001:39NFJQT1Q5KB',
};

const usual: fc.Arbitrary<Purchase> = fc
  .record({
    quantity: fc.integer({ min: 1, max: 60 }),
    sku: fc.constantFrom('CFQ7TTC0LCHC:0002', 'CFQ7TTC0LH18:0001', 'CFQ7TTC0LFLX:0001'),
    terms: fc.constantFrom(
      { termDuration: 'P1M', billingCycle: 'monthly' },
      { termDuration: 'P1Y', billingCycle: 'monthly' },
      { termDuration: 'P1Y', billingCycle: 'annual' },
      { termDuration: 'P3Y', billingCycle: 'annual' },
      { termDuration: 'P3Y', billingCycle: 'triennial' },
    ),
  })
  .map(({ terms, ...rest }) => ({ ...rest, ...terms }));

export const wanted: fc.Arbitrary<Purchase> = fc.oneof(
  { arbitrary: usual, weight: 6 },
  {
    arbitrary: fc
      .record({ purchase: usual, endsIn: fc.integer({ min: 1, max: 11 }) })
      .map(({ purchase, endsIn }) => ({ ...purchase, endsIn })),
    weight: 2,
  },
  fc.constantFrom(TRIAL, PROMOTED),
);

const change: fc.Arbitrary<Changes> = fc.oneof(
  { arbitrary: fc.record({ seats: fc.integer({ min: -5, max: 8 }) }), weight: 5 },
  { arbitrary: fc.record({ next: fc.integer({ min: 1, max: 60 }) }), weight: 2 },
  { arbitrary: fc.record({ upgrade: fc.integer({ min: 1, max: 20 }) }), weight: 1 },
  fc.constantFrom<Changes>(
    { status: 'suspended' },
    { status: 'active', autoRenewEnabled: true },
    { status: 'deleted' },
    { autoRenewEnabled: false, scheduledActions: [] },
    {
      autoRenewEnabled: false,
      scheduledActions: [{ scheduleType: 'TermEnd', actionType: 'Cancel' }],
    },
    { termDuration: 'P1Y', billingCycle: 'annual' },
    { termDuration: 'P3Y', billingCycle: 'monthly' },
    { billingCycle: 'monthly' },
  ),
);

export const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('buy' as const), wanted }), weight: 2 },
  {
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      days: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 120 })),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      which: fc.nat(20),
      changes: change,
    }),
    weight: 5,
  },
);

/** Seats at the end of each day, by `subscription day`. */
export type Held = Map<string, number>;

/** One customer of one partner, over years; every change goes through the service. */
export class Business {
  readonly cloud: TestCloud;
  readonly held: Held = new Map();
  readonly customer: string;

  constructor(startAt: string, currency: string) {
    const settings = { throttleFactor: Infinity };
    this.cloud = testCloud({ startAt, settings, partner: { currency } });
    this.customer = buyer(this.cloud);
  }

  take(next: Step): void {
    if (next.do === 'buy') {
      this.buy(next.wanted);
    } else if (next.do === 'wait') {
      this.wait(next.days);
    } else {
      this.change(next.which, next.changes);
    }
  }

  /** Some purchases end with a month, some are refused: one trial, pooled seats. */
  private buy({ endsIn, ...more }: Purchase): void {
    const now = new Date(this.cloud.world.clock.nowMs());
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + (endsIn ?? 0) + 1, 0);
    const aligned = endsIn === undefined ? {} : { customTermEndDate: iso(end) };
    buy(this.cloud, this.customer, { ...more, ...aligned });
  }

  /** To the same time of a later day, past each midnight on its own. */
  wait(days: number): void {
    for (let day = 0; day < days; day += 1) {
      this.noteSeats();
      this.cloud.world.clock.advance(DAY_MS);
    }
  }

  noteSeats(): void {
    const { world } = this.cloud;
    const midnight = startOfDay(world.clock.nowMs()) + DAY_MS;
    world.clock.advance(midnight - 1 - world.clock.nowMs());
    for (const subscription of commerceOf(world).subscriptions.values()) {
      this.held.set(`${subscription.id} ${midnight - DAY_MS}`, billedSeats(subscription));
    }
  }

  /** As many seats as there are, at most. */
  private upgrade(subscription: Subscription, seats: number): void {
    const [sku] = requireOffer(subscription).upgradesTo;
    if (sku === undefined) return;
    const url = `/v1/customers/${this.customer}/subscriptions/${subscription.id}/transitions`;
    const toCatalogItemId = catalogItem(this.cloud, this.customer, sku, subscription.termDuration);
    const quantity = Math.min(seats, subscription.quantity);
    this.cloud.send('POST', url, { toCatalogItemId, quantity, transitionType: 'transition_only' });
  }

  private change(which: number, { seats, next, upgrade, ...changes }: Changes): void {
    const all = [...commerceOf(this.cloud.world).subscriptions.values()];
    const subscription = all[which % Math.max(1, all.length)];
    if (subscription === undefined) return;
    const url = `/v1/customers/${this.customer}/subscriptions/${subscription.id}`;
    const { quantity, productId, skuId, termDuration, billingCycle } = subscription;
    if (upgrade !== undefined) {
      this.upgrade(subscription, upgrade);
      return;
    }
    const product = { productId, skuId, termDuration, billingCycle };
    update(this.cloud, url, {
      ...changes,
      ...(seats === undefined ? {} : { quantity: quantity + seats }),
      ...(next === undefined ? {} : { scheduledNextTermInstructions: { product, quantity: next } }),
    });
  }
}

function billedSeats({ status, quantity }: Subscription): number {
  return status === 'active' || status === 'suspended' ? quantity : 0;
}

export const someStart: fc.Arbitrary<string> = fc.constantFrom(
  '2025-01-31T09:00:00Z',
  '2026-09-01T09:00:00Z',
  '2028-02-29T22:00:00Z',
);

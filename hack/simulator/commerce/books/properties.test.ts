/** The books of random years: ledger = invoices = sum of lines, and each line is what was held on its days. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commerceOf } from '../state.ts';
import { requireOffer } from '../subscriptions/directory-seats.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import { DAY_MS, startOfDay, WINDOW_MS } from '../terms.ts';
import {
  buyer,
  catalogItem,
  subscribe,
  type TestCloud,
  testCloud,
  update,
  type Wanted,
} from '../test-world.ts';
import type { LedgerEntry } from './entry.ts';

const LINES = 'provider=onetime&invoicelineitemtype=billinglineitems';

type Step =
  | { readonly do: 'buy'; readonly wanted: Wanted }
  | { readonly do: 'wait'; readonly days: number }
  | { readonly do: 'change'; readonly which: number; readonly changes: Changes };

type Changes = Readonly<Record<string, unknown>> & {
  readonly seats?: number;
  readonly next?: number;
  readonly upgrade?: number;
};

const wanted: fc.Arbitrary<Wanted> = fc
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

const step: fc.Arbitrary<Step> = fc.oneof(
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

/** Seats at the end of each day, by subscription and day. */
type Held = Map<string, number>;

class Business {
  readonly cloud: TestCloud;
  readonly held: Held = new Map();
  private readonly customer: string;

  constructor(startAt: string, currency: string) {
    const settings = { throttleFactor: Infinity };
    this.cloud = testCloud({ startAt, settings, partner: { currency } });
    this.customer = buyer(this.cloud);
  }

  take(next: Step): void {
    if (next.do === 'buy') {
      subscribe(this.cloud, this.customer, next.wanted);
    } else if (next.do === 'wait') {
      this.wait(next.days);
    } else {
      this.change(next.which, next.changes);
    }
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

/** Never longer than 168 hours, never for more seats than there are. */
function checkWindows({ world }: TestCloud): void {
  const now = world.clock.nowMs();
  for (const subscription of commerceOf(world).subscriptions.values()) {
    const { quantity, extended, refundBatches } = subscription;
    const open = refundBatches.filter(({ allowedUntilMs }) => allowedUntilMs > now);
    const refundable = open.reduce((sum, batch) => sum + batch.quantity, 0);
    expect(quantity).toBeGreaterThan(0);
    expect(open.every(({ allowedUntilMs }) => allowedUntilMs <= now + WINDOW_MS)).toBe(true);
    expect(refundable).toBeLessThanOrEqual(quantity);
    const until = subscription.cancellationAllowedUntilMs ?? 0;
    expect(extended || until <= now + WINDOW_MS).toBe(true);
  }
}

function billedSeats({ status, quantity }: Subscription): number {
  return status === 'active' || status === 'suspended' ? quantity : 0;
}

/** Seats that the ledger charges, by subscription and day. */
function chargedSeats(ledger: readonly LedgerEntry[]): Held {
  const charged: Held = new Map();
  for (const { subscriptionId, quantity, chargeStartMs, chargeEndMs } of ledger) {
    for (let day = chargeStartMs; day < chargeEndMs; day += DAY_MS) {
      const key = `${subscriptionId} ${day}`;
      charged.set(key, (charged.get(key) ?? 0) + quantity);
    }
  }
  return charged;
}

interface Line {
  readonly subtotal: number;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly effectiveUnitPrice: number;
  readonly pcToBCExchangeRate: number;
}

function linesOf(cloud: TestCloud, url: string): readonly Line[] {
  const { items } = cloud.send('GET', `${url}?${LINES}&period=current`).json;
  return items as unknown as readonly Line[];
}

function cents(lines: readonly Line[]): number {
  return lines.reduce((sum, { subtotal }) => sum + Math.round(subtotal * 100), 0);
}

function checkBooks({ cloud, held }: Business): void {
  const { ledger } = commerceOf(cloud.world);
  const charged = chargedSeats(ledger);
  for (const [key, seats] of held) expect([key, charged.get(key) ?? 0]).toEqual([key, seats]);

  const invoices = cloud.send('GET', '/v1/invoices').json.items as unknown as readonly {
    readonly id: string;
    readonly totalCharges: number;
  }[];
  const invoiced = invoices.map(({ id, totalCharges }) => {
    const lines = linesOf(cloud, `/v1/invoices/${id}/lineitems`);
    expect([id, cents(lines)]).toEqual([id, Math.round(totalCharges * 100)]);
    for (const { subtotal, quantity, effectiveUnitPrice, unitPrice, ...line } of lines) {
      const perSeat = Math.floor(effectiveUnitPrice * line.pcToBCExchangeRate * 100 + 1e-6);
      expect(Math.round(subtotal * 100) + 0).toBe(perSeat * quantity + 0);
      expect(effectiveUnitPrice).toBeLessThanOrEqual(unitPrice);
    }
    return Math.round(totalCharges * 100);
  });
  const open = cents(linesOf(cloud, '/v1/invoices/unbilled/lineitems'));
  const booked = ledger.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  expect(invoiced.reduce((sum, amount) => sum + amount, open)).toBe(booked);
}

it('hold over random years of purchases, changes and renewals', () => {
  const start = fc.constantFrom(
    '2025-01-31T09:00:00Z',
    '2026-09-01T09:00:00Z',
    '2028-02-29T22:00:00Z',
  );
  const currency = fc.constantFrom('EUR', 'CHF', 'SEK');
  const steps = fc.array(step, { minLength: 10, maxLength: 40 });
  fc.assert(
    fc.property(start, currency, wanted, steps, (startAt, paidIn, first, rest) => {
      const business = new Business(startAt, paidIn);
      for (const next of [{ do: 'buy', wanted: first } as const, ...rest]) {
        business.take(next);
        checkWindows(business.cloud);
      }
      business.wait(400);
      // To a day on which the month before is invoiced.
      const day = new Date(business.cloud.world.clock.nowMs()).getUTCDate();
      business.wait(day < 10 ? 10 - day : 0);
      checkBooks(business);
    }),
    { numRuns: 60 },
  );
});

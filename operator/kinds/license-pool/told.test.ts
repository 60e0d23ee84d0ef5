/** What people are told of a pool by events: at the right moment, once, whatever looks and restarts follow. */
import { describe, expect, it } from 'vitest';
import { inHours, nowMs, pool } from '../../../hack/testing/build.ts';
import { FakeClock } from '../../../hack/testing/clock.ts';
import { MemoryStore, RecordedAudit, RecordedEvents } from '../../../hack/testing/engine.ts';
import { testMetrics } from '../../../hack/testing/metrics.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import { type AnyKind, isNamed } from '../../core/plan.ts';
import { keyOf } from '../../core/resource.ts';
import { dayMs } from '../../core/seats/commerce.ts';
import { FigureGauges } from '../../runtime/figure-gauges.ts';
import { reconcile } from '../../runtime/reconcile.ts';
import type { PoolAction } from './actions.ts';
import { findingTypes } from './findings.ts';
import type { ObservedPool, OwnedSubscription } from './observed.ts';
import { planPool } from './plan.ts';

const calm = new AbortController().signal;
const key = keyOf(pool());

const modelled = [
  'RecordPurchase',
  'CreateCart',
  'CheckoutCart',
  'IncreaseSeats',
  'DecreaseSeats',
  'ScheduleRenewal',
] as const;

/** The pool, and Microsoft as far as one subscription goes. */
class Told {
  readonly events = new RecordedEvents();
  readonly clock = new FakeClock(new Date(nowMs).toISOString());
  readonly #store = new MemoryStore(this.clock);
  #observed: ObservedPool;

  constructor(spec: Parameters<typeof pool>[0], observed: ObservedPool) {
    this.#observed = observed;
    this.#store.apply(pool(spec));
  }

  change(more: Partial<ObservedPool>): void {
    this.#observed = { ...this.#observed, ...more };
  }

  changeSubscription(more: Partial<OwnedSubscription>): void {
    const [one] = this.#observed.subscriptions;
    this.change({ subscriptions: [{ ...(one ?? ownSubscription()), ...more }] });
  }

  declare(spec: Parameters<typeof pool>[0]): void {
    this.#store.apply(pool(spec));
  }

  /** By a process of its own: nothing but status is remembered. Returns what was told. */
  async look(): Promise<readonly string[]> {
    const before = this.events.reasons.length;
    const metrics = testMetrics();
    const deps = {
      store: this.#store,
      events: this.events,
      audit: new RecordedAudit(),
      clock: this.clock,
      metrics,
      figures: new FigureGauges([], metrics, this.clock),
      mayWrite: () => true,
      isOurs: () => true,
      isPaused: false,
      unsaved: new Map(),
      failures: new Map(),
    };
    await reconcile(this.#kind(), deps, key, calm);
    return this.events.reasons.slice(before);
  }

  #kind(): AnyKind {
    return {
      kind: 'LicensePool',
      plural: 'licensepools',
      references: () => [],
      findings: findingTypes,
      observe: () => Promise.resolve(this.#observed),
      plan: (one, observed, atMs) => planPool(one as never, observed as ObservedPool, atMs),
      apply: (action) => Promise.resolve(this.#apply(action as PoolAction)),
    };
  }

  #apply(action: PoolAction): object {
    if (!isNamed(action, modelled)) throw new Error(`nothing here asks for ${action.name}`);
    switch (action.name) {
      case 'RecordPurchase':
        return { status: { intent: { requestId: 'r', quantity: action.quantity } } };
      case 'CreateCart':
        return { status: { intent: { requestId: 'r', quantity: action.quantity, cartId: 'c' } } };
      case 'CheckoutCart':
        this.change({ subscriptions: [ownSubscription({ quantity: 2, orderId: 'o' })] });
        return { status: { intent: { requestId: 'r', quantity: 2, cartId: 'c', orderId: 'o' } } };
      case 'IncreaseSeats':
      case 'DecreaseSeats':
        this.changeSubscription({
          quantity: action.quantity,
          nextTerm: undefined,
          refundable: [],
        });
        break;
      case 'ScheduleRenewal':
        this.changeSubscription({ nextTerm: { ...sameProduct, quantity: action.quantity } });
        break;
    }
    return {};
  }
}

const sameProduct = { productId: '', skuId: '', term: 'P1Y', billingCycle: 'monthly' } as const;
const auto = { decrease: 'Auto' } as const;
const idle = (more: Partial<OwnedSubscription> = {}) =>
  observedPool({ assigned: 7, subscriptions: [ownSubscription(more)] });
const closesIn = (hours: number) => ({ refundable: [{ quantity: 2, until: inHours(hours) }] });
const floor = { seats: { buffer: { count: 0, marginFloorPercent: 10 } } };

/** What a look tells; two more, by other processes, tell nothing of it again. */
async function toldOnce(told: Told): Promise<readonly string[]> {
  const first = await told.look();
  for (let again = 0; again < 2; again += 1) {
    await told.clock.advance(60_000);
    expect(await told.look()).toEqual([]);
  }
  return first;
}

describe('people are told, once, of', () => {
  it('SeatsPurchased: more of a subscription, and a first purchase', async () => {
    const more = new Told({}, observedPool({ reserved: 2 }));
    expect(await toldOnce(more)).toEqual(['SeatsPurchased']);
    const first = new Told({}, observedPool({ subscriptions: [], assigned: 0, reserved: 2 }));
    expect(await toldOnce(first)).toEqual(['SeatsPurchased']);
  });

  it('SeatsReduced', async () => {
    const told = new Told({ spec: { ...auto, renewalNoticeDays: 1 } }, idle(closesIn(100)));
    expect(await toldOnce(told)).toEqual(['SeatsReduced']);
  });

  it('DropScheduled, when the renewal comes near', async () => {
    const told = new Told({ spec: { ...auto, renewalNoticeDays: 300 } }, idle());
    expect(await toldOnce(told)).toEqual([]);
    await told.clock.advance(10 * dayMs);
    expect(await toldOnce(told)).toEqual(['DropScheduled']);
  });

  it('ScheduleLost and ScheduleReissued, where others took the schedule', async () => {
    const told = new Told({ spec: { ...auto, renewalNoticeDays: 365 } }, idle());
    expect(await toldOnce(told)).toEqual(['DropScheduled']);
    told.changeSubscription({ nextTerm: undefined });
    expect(await toldOnce(told)).toEqual(['ScheduleReissued', 'ScheduleLost']);
    told.changeSubscription({ nextTerm: undefined });
    expect(await toldOnce(told)).toEqual(['ScheduleReissued', 'ScheduleLost']);
  });

  it('a schedule that our own purchase made needless, and that is wanted again: as new, not as lost', async () => {
    const told = new Told({ spec: { ...auto, renewalNoticeDays: 365 } }, idle());
    await told.look();
    told.change({ reserved: 4 });
    expect(await toldOnce(told)).toEqual(['SeatsPurchased']);
    told.change({ reserved: 0 });
    expect(await toldOnce(told)).toEqual(['DropScheduled', 'Ready']);
  });

  it('WindowClosing, a day before it closes on idle seats that are held', async () => {
    const told = new Told({}, idle(closesIn(48)));
    expect(await toldOnce(told)).toEqual([]);
    await told.clock.advance(dayMs);
    expect(await toldOnce(told)).toEqual(['WindowClosing']);
  });

  it('MarginBelowFloor, and anew when it had been above', async () => {
    const told = new Told({ spec: floor }, observedPool());
    expect(await toldOnce(told)).toEqual([]);
    told.change({ assigned: 8 });
    expect(await toldOnce(told)).toEqual(['MarginBelowFloor']);
    told.change({ assigned: 10 });
    expect(await toldOnce(told)).toEqual([]);
    told.change({ assigned: 8 });
    expect(await toldOnce(told)).toEqual(['MarginBelowFloor']);
  });

  it('GuardrailHeld', async () => {
    const limits = { maxSeatsPerChange: 1 };
    const told = new Told({ spec: { limits } }, observedPool({ reserved: 2 }));
    expect(await toldOnce(told)).toEqual(['GuardrailHeld']);
    told.declare({ spec: { limits: { maxSeatsPerChange: 2 } } });
    expect(await toldOnce(told)).toEqual(['SeatsPurchased']);
  });

  it('ExtendedServiceTerm, and what others have the subscription become', async () => {
    const extended = idle({
      autoRenewEnabled: false,
      scheduledActions: ['TermEnd/RenewToExtendedServiceTerm'],
    });
    const told = new Told({ spec: { endOfTerm: 'Extend' } }, extended);
    expect(await toldOnce(told)).toEqual(['ExtendedServiceTerm']);
    const other = { ...sameProduct, productId: 'OTHER', quantity: 10 };
    const upgraded = new Told(
      {},
      observedPool({ subscriptions: [ownSubscription({ nextTerm: other })] }),
    );
    expect(await toldOnce(upgraded)).toEqual(['ForeignInstruction']);
  });

  it('RenewalDue: 30, 14, 7 and 1 days before, each once', async () => {
    const told = new Told({}, observedPool());
    const endMs = Date.parse('2027-01-02T00:00:00Z');
    const tellings: [number, readonly string[]][] = [];
    for (const days of [31, 30, 20, 14, 10, 7, 2, 1]) {
      await told.clock.advance(endMs - days * dayMs - told.clock.nowMs());
      tellings.push([days, await toldOnce(told)]);
    }
    const due = tellings.filter(([, events]) => events.length > 0);
    expect(due.map(([days, events]) => `${days} ${events.join(' ')}`)).toEqual([
      '30 RenewalDue',
      '14 RenewalDue',
      '7 RenewalDue',
      '1 RenewalDue',
    ]);
  });
});

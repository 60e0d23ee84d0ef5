/**
 * The commerce of the simulator, in this process, where the histories of the seat planner else have a model: every change
 * goes through its Partner Center as our client writes it, and what it costs is what its ledger says.
 */
import { changedSubscription } from '../../operator/clients/partner-center/subscription-wire.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import type { Subscription } from '../simulator/commerce/subscriptions/subscription.ts';
import { iso } from '../simulator/commerce/terms.ts';
import {
  type Answer,
  buy,
  buyer,
  catalogItem,
  type TestCloud,
  testCloud,
} from '../simulator/commerce/test-world.ts';
import {
  Commerce,
  day,
  Forbidden,
  type Held,
  hour,
  nextQuantity,
  type Plan,
} from './seat-commerce.ts';

/** At 16.00 a month in this world, as many seats as anybody wants. */
const item = { productId: 'CFQ7TTC0SWD3', skuId: '0001' } as const;
const sku = `${item.productId}:${item.skuId}`;

const base = { minimum: 1, maximum: 10_000 } as const;

/** As the simulator's price list has them. */
export const simulatedPlans = {
  annual: { ...base, name: 'annual', term: 'P1Y', billingCycle: 'Monthly', cost: 1600 },
  prepaid: { ...base, name: 'prepaid', term: 'P1Y', billingCycle: 'Annual', cost: 19_200 },
  monthly: { ...base, name: 'monthly', term: 'P1M', billingCycle: 'Monthly', cost: 1920 },
  threeYears: { ...base, name: 'three-years', term: 'P3Y', billingCycle: 'Monthly', cost: 1600 },
} as const satisfies Readonly<Record<string, Plan>>;

export class SimulatedCommerce extends Commerce {
  readonly #cloud: TestCloud;
  readonly #customer: string;
  readonly #plans: readonly Plan[];
  readonly #hours: (held: Held) => number;
  /** How many lines of the ledger are in `ledger`. */
  #lines = 0;
  /** How long each renewal takes that has begun. */
  readonly #renewalMs = new Map<string, number>();

  private constructor(now: number, renewalHours: (held: Held) => number, plans: readonly Plan[]) {
    super(now, renewalHours);
    this.#hours = renewalHours;
    this.#plans = plans;
    this.#cloud = testCloud({ startAt: iso(now), settings: { throttleFactor: Infinity } });
    this.#customer = buyer(this.#cloud);
  }

  /** Where only these are sold. */
  static with(plans: readonly Plan[]) {
    return (now: number, renewalHours: (held: Held) => number): Commerce =>
      new SimulatedCommerce(now, renewalHours, plans);
  }

  override buy(plan: Plan, quantity: number, alignedEnd?: number): Held {
    this.#comeToNow();
    const aligned = alignedEnd === undefined ? {} : { customTermEndDate: iso(alignedEnd - day) };
    const { term: termDuration, billingCycle } = plan;
    const line = { sku, quantity, termDuration, billingCycle: billingCycle.toLowerCase() };
    accept(buy(this.#cloud, this.#customer, { ...line, ...aligned }));
    this.#read();
    const held = this.all.at(-1);
    if (held?.quantity !== quantity) throw new Forbidden('nothing was bought');
    return held;
  }

  override setQuantity(id: string, quantity: number, slowHours = 0): void {
    const { world } = this.#cloud;
    commerceOf(world).slowUpdateMs = Math.ceil(slowHours * hour);
    this.#change(id, (resource) => changedSubscription(resource, { what: 'Seats', quantity }));
    commerceOf(world).slowUpdateMs = 0;
    const until = this.now + Math.ceil(slowHours * hour);
    if (slowHours > 0) this.#held(id).busy = { until, to: quantity, finish: () => undefined };
  }

  override cancel(id: string): void {
    this.#change(id, (resource) => changedSubscription(resource, { what: 'Cancel' }));
  }

  override schedule(id: string, quantity: number): void {
    this.#comeToNow();
    const { term, billingCycle } = this.#held(id).plan;
    const offer = catalogItem(this.#cloud, this.#customer, sku, term);
    const product = {
      ...item,
      availabilityId: offer.split(':')[2] ?? '',
      termDuration: term,
      billingCycle: billingCycle.toLowerCase(),
    };
    const nextTerm = { ...product, quantity };
    this.#change(id, (resource) => changedSubscription(resource, { what: 'NextTerm', nextTerm }));
  }

  override endAs(id: string, endOfTerm: 'Renew' | 'Cancel'): void {
    this.#change(id, (resource) => changedSubscription(resource, { what: 'EndOfTerm', endOfTerm }));
  }

  override switchOffRenewal(id: string): void {
    const off = {
      autoRenewEnabled: false,
      scheduledActions: [],
      scheduledNextTermInstructions: undefined,
    };
    this.#change(id, (resource) => ({ ...resource, ...off }));
  }

  override tick(): void {
    const { world } = this.#cloud;
    const [first] = this.active;
    if (first !== undefined) world.settings.renewalMs = Math.ceil(this.#hours(first) * hour);
    const before = this.active.map((held) => ({ ...held }));
    const charged = this.ledger;
    this.#comeToNow();
    this.#read();
    if (before.some(({ busy }) => busy !== undefined)) return;
    const begun = before.filter(({ id, cycleStart }) => this.#held(id).cycleStart > cycleStart);
    const told = begun.reduce((sum, { id }) => sum + this.#ofCycle(this.#held(id)), 0);
    if (this.ledger - charged === told) return;
    throw new Error(`${told} is owed for what begins, and ${this.ledger - charged} is charged`);
  }

  /** As it counts in what is owed, which is compared with what the plan says. */
  #ofCycle(held: Held): number {
    return held.quantity * this.share(held, held.cycleStart);
  }

  #held(id: string): Held {
    const found = this.all.find((held) => held.id === id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  #change(id: string, changed: (resource: Record<string, unknown>) => object): void {
    this.#comeToNow();
    const url = `/v1/customers/${this.#customer}/subscriptions/${id}`;
    const { body } = accept(this.#cloud.send('GET', url));
    accept(this.#cloud.send('PATCH', url, changed(body as Record<string, unknown>)));
    this.#read();
  }

  #comeToNow(): void {
    const { clock } = this.#cloud.world;
    clock.advance(this.now - clock.nowMs());
  }

  /** What the model keeps by itself is taken from the simulator instead. */
  #read(): void {
    const { ledger, subscriptions } = commerceOf(this.#cloud.world);
    for (const { amountMinor } of ledger.slice(this.#lines)) this.ledger += amountMinor;
    this.#lines = ledger.length;
    for (const subscription of subscriptions.values()) {
      const known = this.all.find(({ id }) => id === subscription.id);
      const held = this.#heldAs(subscription, known);
      if (known === undefined) this.all.push(held);
      else Object.assign(known, held);
    }
  }

  #heldAs(one: Subscription, known: Held | undefined): Held {
    if (one.extended) throw new Error(`${one.id} drifts into the extended service term`);
    const { renewing, busy } = this.#runningOn(one, known);
    return {
      id: one.id,
      plan: this.#planOf(one),
      quantity: one.quantity,
      state: one.status === 'deleted' ? 'deleted' : 'active',
      termStart: one.termStartMs,
      termEnd: one.termEndMs,
      cycleStart: one.cycleStartMs,
      batches: one.refundBatches.map(({ quantity, allowedUntilMs: until }) => ({
        quantity,
        until,
      })),
      cancellableUntil: one.cancellationAllowedUntilMs ?? 0,
      autoRenew: one.autoRenewEnabled,
      instruction: one.nextTerm?.quantity,
      action: actionOf(one),
      renewing,
      busy,
    };
  }

  #planOf({ id, termDuration, billingCycle }: Subscription): Plan {
    const found = this.#plans.find(
      (plan) => plan.term === termDuration && plan.billingCycle.toLowerCase() === billingCycle,
    );
    if (found === undefined) throw new Error(`${id} has a term that nobody sells`);
    return found;
  }

  #runningOn(one: Subscription, known: Held | undefined): Pick<Held, 'renewing' | 'busy'> {
    if (one.busy === undefined || one.termEndMs > this.now) {
      const isSlow = known?.busy !== undefined && known.busy.until > this.now;
      return { renewing: undefined, busy: isSlow ? known.busy : undefined };
    }
    const { sinceMs } = one.busy;
    const began = `${one.id} ${sinceMs}`;
    const takes = this.#renewalMs.get(began) ?? this.#cloud.world.settings.renewalMs;
    this.#renewalMs.set(began, takes);
    const { nextTerm, quantity } = one;
    const next = { action: actionOf(one), instruction: nextTerm?.quantity, quantity };
    return { renewing: { until: sinceMs + takes, to: nextQuantity(next) }, busy: undefined };
  }
}

function actionOf({ scheduledActions }: Subscription): Held['action'] {
  return scheduledActions.some(({ actionType }) => actionType === 'Cancel') ? 'Cancel' : undefined;
}

/** @throws Forbidden for what the simulator refuses */
function accept(answer: Answer): Answer {
  if (answer.status >= 300) throw new Forbidden(JSON.stringify(answer.body));
  return answer;
}

/**
 * Microsoft's commerce rules once more, for the property test of the seat planner: written from partner-center.md 6, and
 * sharing nothing with the planner. Whatever Microsoft forbids throws.
 */
import type { BillingCycle, Term } from '../../operator/core/seats/input.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
/** Nothing is begun so shortly before a window or a term ends: clocks differ, and calls take their time. */
export const lastMinute = hour / 60;
const months: Readonly<Record<Term | BillingCycle, number>> = {
  P1M: 1,
  P1Y: 12,
  P3Y: 36,
  Monthly: 1,
  Annual: 12,
  Triennial: 36,
};

export interface Plan {
  readonly name: string;
  readonly term: Term;
  readonly billingCycle: BillingCycle;
  readonly cost: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface Held {
  readonly id: string;
  readonly plan: Plan;
  quantity: number;
  state: 'active' | 'deleted';
  termStart: number;
  termEnd: number;
  cycleStart: number;
  batches: { quantity: number; until: number }[];
  cancellableUntil: number;
  autoRenew: boolean;
  instruction: number | undefined;
  action: 'Cancel' | undefined;
  /** Term ended; what it becomes was fixed at that moment. */
  renewing: { readonly until: number; readonly to: number } | undefined;
  /** A slow update (202). */
  busy: { readonly until: number; readonly to: number; readonly finish: () => void } | undefined;
}

export class Forbidden extends Error {}

const known = new Map<number, number>();

/** Clamped to the last day of a shorter month. */
function later(start: number, count: number): number {
  const key = start + count;
  const found = known.get(key);
  if (found !== undefined) return found;
  const from = new Date(start);
  const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count, 1));
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), last));
  known.set(key, to.getTime());
  return to.getTime();
}

export function midnight(ms: number): number {
  return ms - (((ms % day) + day) % day);
}

export class Commerce {
  now: number;
  ledger = 0;
  readonly all: Held[] = [];
  readonly #renewalHours: (held: Held) => number;

  constructor(now: number, renewalHours: (held: Held) => number) {
    this.now = now;
    this.#renewalHours = renewalHours;
  }

  get active(): readonly Held[] {
    return this.all.filter(({ state }) => state === 'active');
  }

  /** Seats that people can sit on for longer than what runs: nobody is given one that is about to go. */
  get seats(): number {
    return this.active.reduce((sum, held) => sum + Math.min(held.quantity, this.#soon(held)), 0);
  }

  #soon(held: Held): number {
    if (held.renewing !== undefined) return held.renewing.to;
    if (held.busy !== undefined) return held.busy.to;
    return this.now >= held.termEnd - lastMinute ? nextQuantity(held) : held.quantity;
  }

  buy(plan: Plan, quantity: number, alignedEnd?: number): Held {
    if (quantity < plan.minimum || quantity > plan.maximum) throw new Forbidden('900275');
    const start = midnight(this.now);
    const end = later(start, months[plan.term]);
    if (alignedEnd !== undefined && !this.#mayAlign(plan, alignedEnd, end))
      throw new Forbidden('900242');
    const held: Held = {
      id: `sub-${this.all.length}`,
      plan,
      quantity,
      state: 'active',
      termStart: start,
      termEnd: alignedEnd ?? end,
      cycleStart: start,
      batches: [{ quantity, until: this.now + 168 * hour }],
      cancellableUntil: this.now + 168 * hour,
      autoRenew: true,
      instruction: undefined,
      action: undefined,
      renewing: undefined,
      busy: undefined,
    };
    this.all.push(held);
    this.#charge(held, quantity, start);
    return held;
  }

  #mayAlign(plan: Plan, end: number, latest: number): boolean {
    const lent = this.active.some((held) => held.plan.term !== 'P1M' && held.termEnd === end);
    return plan.term !== 'P1M' && lent && end > this.now && end <= latest;
  }

  /** Full replace: the instruction does not survive. `slowHours`: answered with 202, and done later. */
  setQuantity(id: string, quantity: number, slowHours = 0): void {
    const held = this.#writable(id);
    const change = quantity - held.quantity;
    if (change === 0) throw new Error('a change of nothing loses the instruction for nothing');
    if (quantity < held.plan.minimum || quantity > held.plan.maximum) throw new Forbidden('900275');
    if (-change > this.refundable(held)) throw new Forbidden('800090');
    const finish = () => {
      held.batches = held.batches.filter(({ until }) => until > this.now);
      if (change > 0) held.batches.push({ quantity: change, until: this.now + 168 * hour });
      else this.#giveBack(held, -change);
      held.quantity = quantity;
      held.instruction = undefined;
      this.#charge(held, change, this.now);
    };
    if (slowHours === 0) finish();
    else held.busy = { until: this.now + slowHours * hour, to: quantity, finish };
  }

  /** When each window closes. */
  windows(): readonly number[] {
    return this.active.flatMap(({ batches }) => batches.map(({ until }) => until));
  }

  /** Also so long from now. */
  refundable({ batches }: Held, ahead = 0): number {
    return batches
      .filter(({ until }) => until > this.now + ahead)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  }

  #giveBack(held: Held, seats: number): void {
    let left = seats;
    for (const batch of held.batches.toSorted((a, b) => a.until - b.until)) {
      if (batch.until <= this.now) continue;
      const taken = Math.min(left, batch.quantity);
      batch.quantity -= taken;
      left -= taken;
    }
  }

  cancel(id: string): void {
    const held = this.#writable(id);
    if (this.now >= held.cancellableUntil) throw new Forbidden('900213');
    this.#charge(held, -held.quantity, this.now);
    held.state = 'deleted';
  }

  schedule(id: string, quantity: number): void {
    const held = this.#writable(id);
    if (!held.autoRenew) throw new Forbidden('an instruction needs auto-renew');
    if (quantity < held.plan.minimum || quantity > held.plan.maximum) throw new Forbidden('900275');
    held.instruction = quantity;
  }

  endAs(id: string, end: 'Renew' | 'Cancel'): void {
    const held = this.#writable(id);
    held.autoRenew = end === 'Renew';
    held.action = end === 'Cancel' ? 'Cancel' : undefined;
    if (end !== 'Renew') held.instruction = undefined;
  }

  /** Somebody else, without saying what is to come instead. */
  switchOffRenewal(id: string): void {
    const held = this.#writable(id);
    held.autoRenew = false;
    held.instruction = undefined;
    held.action = undefined;
  }

  #writable(id: string): Held {
    const held = this.all.find((one) => one.id === id);
    if (held?.state !== 'active') throw new Forbidden(`${id} is not active`);
    if (held.renewing !== undefined || held.busy !== undefined) throw new Forbidden('409');
    return held;
  }

  isWritable(held: Held): boolean {
    return held.state === 'active' && held.renewing === undefined && held.busy === undefined;
  }

  /** The next instant at which Microsoft does something by itself. */
  nextMoment(): number {
    return Math.min(
      ...this.active.flatMap((held) => [
        held.busy?.until ?? Number.POSITIVE_INFINITY,
        held.renewing?.until ?? this.#cycleEnd(held),
      ]),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Does what is due at this very instant. */
  tick(): void {
    for (const held of this.active) {
      if (held.busy !== undefined && held.busy.until <= this.now) {
        const { finish } = held.busy;
        held.busy = undefined;
        finish();
      } else if (held.renewing !== undefined) {
        if (held.renewing.until <= this.now) this.#renew(held, held.renewing.to);
      } else if (this.#cycleEnd(held) <= this.now) {
        this.#endCycle(held);
      }
    }
  }

  #endCycle(held: Held): void {
    if (this.#cycleEnd(held) < held.termEnd) {
      held.cycleStart = this.#cycleEnd(held);
      this.#charge(held, held.quantity, held.cycleStart);
      return;
    }
    if (held.action === 'Cancel') {
      held.state = 'deleted';
      return;
    }
    if (!held.autoRenew) throw new Error(`${held.id} drifts into the extended service term`);
    const to = nextQuantity(held);
    held.renewing = { until: this.now + this.#renewalHours(held) * hour, to };
    // A slow update that a renewal meets is dropped.
    held.busy = undefined;
  }

  #renew(held: Held, quantity: number): void {
    held.renewing = undefined;
    held.instruction = undefined;
    held.quantity = quantity;
    held.termStart = held.termEnd;
    held.cycleStart = held.termEnd;
    held.termEnd = later(held.termStart, months[held.plan.term]);
    held.batches = [{ quantity, until: this.now + 168 * hour }];
    held.cancellableUntil = this.now + 168 * hour;
    this.#charge(held, quantity, held.termStart);
  }

  /** As the billing rhythm has it, whatever the end of the term. */
  #wholeCycleEnd({ plan, termStart, cycleStart }: Held): number {
    const step = months[plan.billingCycle];
    // So many have surely passed: no month has more days.
    let count = step * Math.max(1, Math.floor((cycleStart - termStart) / (31 * day * step)));
    while (later(termStart, count) <= cycleStart) count += step;
    return later(termStart, count);
  }

  #cycleEnd(held: Held): number {
    return Math.min(this.#wholeCycleEnd(held), held.termEnd);
  }

  #charge(held: Held, seats: number, from: number): void {
    this.ledger += seats * this.share(held, from);
  }

  /** The rest of the running cycle by the day, each seat cut off to whole minor units, as Microsoft does. */
  protected share(held: Held, from: number): number {
    const days = (this.#cycleEnd(held) - Math.max(midnight(from), held.cycleStart)) / day;
    const whole = (this.#wholeCycleEnd(held) - held.cycleStart) / day;
    return Math.floor((held.plan.cost * days) / whole);
  }

  monthlyCost(): number {
    const threeYears = this.active.map(
      ({ quantity, plan }) => (quantity * plan.cost * 36) / months[plan.billingCycle],
    );
    return Math.round(threeYears.reduce((sum, cost) => sum + cost, 0) / 36);
  }

  /** What is still to be paid, or was for days to come, to the end of every term. */
  owed(): number {
    let sum = 0;
    for (const held of this.active) {
      const probe = { ...held };
      sum += held.quantity * (this.now < this.#cycleEnd(probe) ? this.share(probe, this.now) : 0);
      while (this.#cycleEnd(probe) < probe.termEnd) {
        probe.cycleStart = this.#cycleEnd(probe);
        sum += held.quantity * this.share(probe, probe.cycleStart);
      }
    }
    return sum;
  }
}

export function nextQuantity({
  action,
  instruction,
  quantity,
}: Pick<Held, 'action' | 'instruction' | 'quantity'>): number {
  return action === 'Cancel' ? 0 : (instruction ?? quantity);
}

/**
 * Three years of one pool: people, outsiders and faults on one side, the planner's lines carried out on the other, and a
 * judge between them that reckons for itself. A breach throws.
 */
import type {
  Approval,
  IssuedInstruction,
  Mode,
  SeatInput,
} from '../../operator/core/seats/input.ts';
import type { LineAction, SeatLine, SeatPlan } from '../../operator/core/seats/output.ts';
import { SeededRandom } from '../simulator/random.ts';
import {
  Commerce,
  day,
  type Held,
  hour,
  lastMinute,
  midnight,
  type Plan,
} from './seat-commerce.ts';
import {
  expectInstructions,
  expectNothingMissed,
  expectSeatsForAll,
  expectSeatsForPeople,
  expectSettled,
  type Situation,
} from './seat-judge.ts';
import { People, type PeopleHappening } from './seat-people.ts';
import { shown } from './seat-shown.ts';

const start = Date.UTC(2026, 5, 1, 9);
const end = Date.UTC(2029, 5, 1);

export interface Rules {
  readonly plans: readonly Plan[];
  readonly buffer: number;
  readonly min: number;
  readonly horizonDays: number;
  readonly renewalHorizonDays: number;
  readonly decrease: Mode;
  /** Seconds that the operator's idea of Microsoft's clock is ahead. */
  readonly skew: number;
  /** Of the faults and delays. */
  readonly seed: number;
}

type Outside = 'outsideIncrease' | 'outsideDecrease' | 'outsideSchedule' | 'outsideRenewalOff';

export interface Happening {
  /** Hours since the one before. */
  readonly afterHours: number;
  readonly what: PeopleHappening | Outside | 'crash';
  readonly size: number;
}

export interface Outcome {
  readonly lines: Readonly<Record<string, number>>;
  readonly locksJudged: number;
}

/** Makes Microsoft: at that time, with renewals that take so many hours. */
type Founding = (now: number, renewalHours: (held: Held) => number) => Commerce;

export function live(
  planner: (input: SeatInput) => SeatPlan,
  rules: Rules,
  happenings: readonly Happening[],
  found: Founding = (now, renewalHours) => new Commerce(now, renewalHours),
): Outcome {
  const history = new History(planner, rules, found);
  history.look();
  for (const happening of happenings) {
    const at = history.commerce.now + happening.afterHours * hour;
    if (at >= end) break;
    history.advance(at);
    history.happen(happening);
  }
  history.advance(end);
  return history.outcome;
}

function isOutside(what: Happening['what']): what is Outside {
  return what.startsWith('outside');
}

class History {
  readonly commerce: Commerce;
  readonly outcome = { lines: {} as Record<string, number>, locksJudged: 0 };
  readonly #planner: (input: SeatInput) => SeatPlan;
  readonly #rules: Rules;
  readonly #random: () => number;
  readonly #people: People;
  /** Bought, and not to be seen before then. */
  readonly #underWay = new Map<string, number>();
  #issued: IssuedInstruction[] = [];
  #approval: Approval | undefined;
  #downUntil = 0;
  #lookAt = Number.POSITIVE_INFINITY;
  /** Since when the operator knows all, and has nothing left to do. */
  #settledAt: number | undefined;
  /** When a renewal or a slow change last ran: nothing tells of its end. */
  #movedAt = 0;

  constructor(planner: (input: SeatInput) => SeatPlan, rules: Rules, found: Founding) {
    this.#planner = planner;
    this.#rules = rules;
    const numbers = new SeededRandom(rules.seed);
    this.#random = () => numbers.next();
    const random = this.#random;
    this.#people = new People(random);
    this.commerce = found(start, () => (random() < 0.1 ? 20 : 1) * random());
  }

  advance(until: number): void {
    const { commerce } = this;
    for (;;) {
      const next = Math.min(
        commerce.nextMoment(),
        this.#lookAt,
        ...this.#underWay.values(),
        ...this.#people.starting,
        ...commerce.windows().filter((at) => at > commerce.now),
        // Who should have left while nobody was there leaves at the next look.
        ...this.#people.leaving.filter((at) => at > commerce.now),
      );
      if (next > until) break;
      commerce.now = Math.max(commerce.now, next);
      this.#moment();
    }
    commerce.now = until;
  }

  #moment(): void {
    const { commerce } = this;
    const { now } = commerce;
    const isKnown = this.#isKnown();
    if (isKnown) this.#judge();
    commerce.tick();
    expectSeatsForAll(this.#situation());
    const arrived = [...this.#underWay].filter(([, at]) => at <= now);
    for (const [id] of arrived) this.#underWay.delete(id);
    const begun = this.#people.come(now);
    const left = this.#leave();
    if (isKnown && begun > 0) expectSeatsForPeople(this.#situation());
    if (now >= this.#lookAt || arrived.length + begun + left > 0) this.look();
  }

  /** Nothing has happened for a while, and nothing runs, that the operator does not know of. */
  #isKnown(): boolean {
    const { commerce } = this;
    const isMoving = commerce.active.some((held) => !commerce.isWritable(held));
    if (isMoving) this.#movedAt = commerce.now;
    if (this.#settledAt === undefined || isMoving || this.#underWay.size > 0) return false;
    const lately = Math.max(this.#settledAt, this.#movedAt + hour);
    return commerce.now >= Math.max(this.#downUntil, lately + 2 * lastMinute);
  }

  #judge(): void {
    const { commerce } = this;
    expectSeatsForPeople(this.#situation());
    const ending = commerce.active.filter(({ termEnd }) => termEnd <= commerce.now);
    const closing = commerce.active.filter(({ batches }) =>
      batches.some(({ until }) => until === commerce.now),
    );
    expectNothingMissed(this.#situation(), closing);
    if (ending.length === 0) return;
    this.outcome.locksJudged += 1;
    expectInstructions(this.#situation(), ending);
  }

  /** @returns how many have left; none while nobody is there to take their seat back */
  #leave(): number {
    const { now } = this.commerce;
    return now < this.#downUntil ? 0 : this.#people.go(now);
  }

  happen({ what, size }: Happening): void {
    if (what === 'crash') {
      this.#downUntil = this.commerce.now + size * 3 * hour;
    } else if (isOutside(what)) {
      this.#outside(what, size);
    } else {
      this.#people.happen(what, size, this.commerce.now);
      this.look();
    }
  }

  /** Found from the audit log, some hours later. */
  #outside(what: Outside, size: number): void {
    const { commerce } = this;
    const open = commerce.active
      .filter((held) => commerce.isWritable(held) && !this.#underWay.has(held.id))
      .filter((held) => held.termEnd > commerce.now + 3 * day);
    const held = open[Math.floor(this.#random() * open.length)];
    if (held === undefined) return;
    this.#meddle(what, held, size);
    this.#settledAt = undefined;
    this.#lookAt = Math.min(this.#lookAt, commerce.now + this.#random() * day);
  }

  #meddle(what: Outside, held: Held, size: number): void {
    const { commerce } = this;
    const { quantity, id, plan } = held;
    const free = commerce.seats - this.#seatsUnderWay() - this.#people.assigned;
    const more = Math.min(size, plan.maximum - quantity);
    const less = Math.min(size, free, commerce.refundable(held), quantity - plan.minimum);
    const next = Math.min(plan.maximum, Math.max(plan.minimum, quantity - 3 + size));
    if (what === 'outsideIncrease' && more > 0) commerce.setQuantity(id, quantity + more);
    if (what === 'outsideDecrease' && less > 0) commerce.setQuantity(id, quantity - less);
    if (what === 'outsideSchedule' && held.autoRenew) commerce.schedule(id, next);
    if (what === 'outsideRenewalOff') commerce.switchOffRenewal(id);
  }

  look(): void {
    const { commerce } = this;
    this.#settledAt = undefined;
    if (commerce.now < this.#downUntil) {
      this.#lookAt = this.#downUntil;
      return;
    }
    this.#leave();
    for (let round = 0; round < 30; round += 1) {
      this.#people.sitDown(commerce.seats - this.#seatsUnderWay());
      const input = this.#input();
      const plan = this.#approved(input, this.#planner(input));
      const line = plan.lines.find(({ state }) => state === 'Due');
      if (line === undefined) return this.#settle(plan, input.nowMs);
      if (!this.#perform(line)) {
        this.#lookAt = commerce.now + hour / 12;
        return;
      }
    }
    throw new Error('the plan does not come to rest');
  }

  #settle(plan: SeatPlan, nowMs: number): void {
    const { commerce } = this;
    const lookAgainMs = plan.lookAgainMs ?? Number.POSITIVE_INFINITY;
    if (lookAgainMs <= nowMs) throw new Error('is to be looked at again in the past');
    this.#settledAt = commerce.now;
    this.#lookAt = lookAgainMs - this.#skewMs();
    expectSettled(this.#situation(), plan, nowMs);
  }

  /** Half of what waits for somebody's word gets it. */
  #approved(input: SeatInput, plan: SeatPlan): SeatPlan {
    const known = this.#approval;
    if (known?.hash === plan.hash && known.lines === undefined) {
      this.#approval = { ...known, lines: plan.approval.lines };
    }
    const waits = plan.lines.some(({ hold }) => hold?.reason.startsWith('Approval') === true);
    if (!waits || this.#random() < 0.5) return plan;
    this.#approval = { hash: plan.hash, expiresMs: input.nowMs + 5 * day };
    return this.#planner({ ...input, approval: this.#approval });
  }

  /** @returns false where the answer did not come: the line was done, or was not. */
  #perform(line: SeatLine): boolean {
    const fate = this.#random();
    if (fate < 0.05) return false;
    this.outcome.lines[line.action] = (this.outcome.lines[line.action] ?? 0) + 1;
    this.#send(line, fate > 0.95);
    if (fate < 0.1) return false;
    if (!['ScheduleDecrease', 'ScheduleIncrease', 'Reissue'].includes(line.action)) return true;
    const subscriptionId = line.subscriptionId ?? '';
    this.#issued = [
      ...this.#issued.filter((known) => known.subscriptionId !== subscriptionId),
      { subscriptionId, quantity: line.to, termEndMs: line.effectiveMs },
    ];
    return true;
  }

  #send(line: SeatLine, mayBeSlow: boolean): void {
    const { commerce } = this;
    const isSlow = mayBeSlow && (line.action === 'Increase' || line.action === 'Decrease');
    const before = commerce.ledger;
    this.#calls[line.action](line.subscriptionId ?? '', line, isSlow ? this.#random() * 2 : 0);
    const isSameDay = midnight(commerce.now) === midnight(commerce.now + this.#skewMs());
    const charged = commerce.ledger - before;
    if (!isSlow && isSameDay && charged !== line.charge) {
      throw new Error(`${line.action} was to be charged ${line.charge}, and is ${charged}`);
    }
  }

  readonly #calls: Readonly<
    Record<LineAction, (id: string, line: SeatLine, slowHours: number) => void>
  > = {
    Purchase: (_, line) => {
      const plan = this.#rules.plans.find(({ name }) => name === line.offer);
      if (plan === undefined) throw new Error(`${line.offer} is not sold`);
      const held = this.commerce.buy(plan, line.quantity, line.alignedEndMs);
      this.#underWay.set(held.id, this.commerce.now + Math.ceil(this.#random() * hour));
    },
    Increase: (id, { to }, slowHours) => this.commerce.setQuantity(id, to, slowHours),
    Decrease: (id, { to }, slowHours) => this.commerce.setQuantity(id, to, slowHours),
    Cancel: (id) => this.commerce.cancel(id),
    SetEndOfTerm: (id, { endOfTerm }) =>
      this.commerce.endAs(id, endOfTerm === 'Cancel' ? 'Cancel' : 'Renew'),
    ScheduleDecrease: (id, { to }) => this.commerce.schedule(id, to),
    ScheduleIncrease: (id, { to }) => this.commerce.schedule(id, to),
    Reissue: (id, { to }) => this.commerce.schedule(id, to),
  };

  #seatsUnderWay(): number {
    return this.commerce.active
      .filter(({ id }) => this.#underWay.has(id))
      .reduce((sum, { quantity }) => sum + quantity, 0);
  }

  #skewMs(): number {
    return this.#rules.skew * 1000;
  }

  #situation(): Situation {
    const { assigned, waiting, starting, leaving } = this.#people;
    return {
      ...this.#rules,
      commerce: this.commerce,
      mayDecrease: this.#rules.decrease === 'Auto',
      assigned,
      waiting,
      starting,
      leaving,
      underWay: this.#seatsUnderWay(),
    };
  }

  #input(): SeatInput {
    const { commerce } = this;
    const { assigned, waiting, starting, leaving } = this.#people;
    const { plans, buffer, min, horizonDays, renewalHorizonDays, decrease } = this.#rules;
    return {
      nowMs: commerce.now + this.#skewMs(),
      demand: {
        assigned,
        consumed: assigned,
        reserved: waiting,
        starting: starting.map((atMs) => ({ atMs })),
        leaving: leaving.map((atMs) => ({ atMs })),
      },
      horizonMs: horizonDays * day,
      renewalHorizonMs: renewalHorizonDays * day,
      bounds: { min, max: 10_000 },
      buffer: { count: buffer },
      price: 2000,
      currency: 'EUR',
      offers: plans.map(({ minimum, maximum, ...plan }) => ({
        ...plan,
        minimumQuantity: minimum,
        maximumQuantity: maximum,
      })),
      subscriptions: commerce.active.filter(({ id }) => !this.#underWay.has(id)).map(shown),
      ordered: this.#seatsUnderWay(),
      modes: { increase: 'Auto', decrease },
      approval: this.#approval,
      guardrails: [],
      isAccountUnderReview: false,
      endOfTerm: { declared: 'Renew', isConfirmed: false },
      issued: this.#issued,
    };
  }
}

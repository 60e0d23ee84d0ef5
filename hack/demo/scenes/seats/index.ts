/**
 * `npm run demo -- --scene seats`: fourteen months of seats in less than a minute. Microsoft's clock is moved, and the
 * operator follows it. What it all has cost is read from Microsoft's ledger, beside a customer that nobody looks after.
 */
import type { LicensePool } from '../../../../operator/core/objects.ts';
import type { Stage } from '../../../stage/index.ts';
import { conditionOf } from '../../objects.ts';
import { type Audience, chapter, type Fact, type Scene, tellFacts } from '../../scene.ts';
import { chargedAtStart, chargedIn, monthStartMs } from './books.ts';
import { Counter } from './counter.ts';
import { managed, start, untouched, worldFile } from './customers.ts';
import { type Deed, months, type Step } from './months.ts';
import { Portal } from './portal.ts';
import { type Account, type Entry, entryText, ledgerTable } from './table.ts';

export const seats: Scene = {
  tells: 'fourteen months of seats: windows, a renewal, purchases by others, and the money saved',
  stage: { withoutDirectory: true, simulator: { world: worldFile } },
  play: async (stage, audience, atTheEnd) => {
    const operator = await stage.startOperator({ pollSeconds: 1 });
    try {
      await operator.ready();
      const { facts } = await playSeats(stage, audience);
      chapter(audience, 'Is it true?');
      const isFine = tellFacts(audience, facts);
      await atTheEnd();
      return isFine;
    } finally {
      await operator.stop();
    }
  },
};

export interface Outcome {
  readonly entries: readonly Entry[];
  readonly accounts: readonly Account[];
  readonly facts: readonly Fact[];
  /** Of the months themselves, without what was set up before. */
  readonly seconds: number;
}

/** It begins with a look at what it is charged. */
const newMonth: Step = { day: 0, says: 'a new month', deed: { does: 'wait' } };
const dayMs = 24 * 60 * 60_000;
/** What is told of while it is true. */
const alerts = ['MarginBelowFloor', 'WindowClosing', 'RenewalDue', 'ExtendedServiceTerm'];

export async function playSeats(stage: Stage, audience: Audience): Promise<Outcome> {
  const year = new Year(stage, audience);
  chapter(audience, `${managed.companyName} is connected; decrease: Plan, so nothing is dropped`);
  await year.open();
  chapter(audience, 'Fourteen months, on the clock of Microsoft');
  const begun = audience.elapsedMs();
  for (const month of months.keys()) await year.play(month);
  const seconds = Math.round((audience.elapsedMs() - begun) / 1000);
  chapter(audience, 'What Microsoft has charged, by its ledger');
  const { entries, accounts } = year;
  audience.screen.say(ledgerTable(accounts));
  return { entries, accounts, facts: await year.facts(seconds), seconds };
}

class Year {
  readonly entries: Entry[] = [];
  readonly accounts: Account[] = [];
  readonly #stage: Stage;
  readonly #audience: Audience;
  readonly #counter: Counter;
  readonly #ours: Portal;
  readonly #theirs: Portal;

  constructor(stage: Stage, audience: Audience) {
    this.#stage = stage;
    this.#audience = audience;
    this.#counter = new Counter(stage);
    this.#ours = new Portal(stage.simulator, managed);
    this.#theirs = new Portal(stage.simulator, untouched);
  }

  async open(): Promise<void> {
    await this.#counter.open();
    await this.#counter.news();
  }

  async play(month: number): Promise<void> {
    const { world } = this.#stage.simulator;
    const begins = monthStartMs(month) + (Date.parse(start) - monthStartMs(0));
    const { tells = '', steps = [] } = months[month] ?? {};
    const all = steps[0]?.day === 0 ? steps : [newMonth, ...steps];
    this.#passTo(begins);
    if (month % 2 === 1) await this.#counter.lookAtConnection();
    for (const step of all) await this.#take(step, begins + step.day * dayMs, month);
    const last = this.entries.at(-1);
    this.#passTo(monthStartMs(month + 1) - 1);
    this.accounts.push({
      month: new Date(begins).toISOString().slice(0, 7),
      people: this.#counter.people,
      seats: this.#ours.seats,
      marginPercent: last?.marginPercent ?? '',
      charged: chargedIn(world, managed.tenantId, month),
      seatsUntouched: this.#theirs.seats,
      chargedUntouched: chargedIn(world, untouched.tenantId, month),
      happened: tells,
    });
  }

  async #take(step: Step, atMs: number, month: number): Promise<void> {
    const { says, deed } = step;
    this.#passTo(atMs);
    const { clock } = this.#stage.simulator.world;
    const before = Math.floor(clock.nowMs() / 1000) * 1000;
    await this.#do(deed);
    const isOutside = deed.does === 'buyOutside' || deed.does === 'loseSchedule';
    const author = isOutside ? await this.#counter.authorOf(before) : undefined;
    const pool = await this.#counter.settled();
    const news = await this.#counter.news();
    const isNewMonth = step === newMonth;
    const entry = this.#entryOf(pool, { says, isNewMonth, month, author, news });
    this.entries.push(entry);
    this.#audience.screen.say(entryText(entry));
  }

  async #do(deed: Deed): Promise<void> {
    switch (deed.does) {
      case 'join':
        await this.#counter.join(deed.people);
        this.#untouchedBuys(this.#counter.people - this.#theirs.seats);
        break;
      case 'leave':
        await this.#counter.leave(deed.people);
        break;
      case 'buyOutside':
        this.#ours.buy(deed.seats);
        this.#theirs.buy(deed.seats);
        break;
      case 'loseSchedule':
        this.#ours.change({ scheduledNextTermInstructions: undefined });
        break;
      case 'allow':
        await this.#counter.allow(deed.decrease);
        break;
      case 'wait':
        break;
    }
  }

  /** There too nobody is without a seat, and nobody buys one while there is one. */
  #untouchedBuys(missing: number): void {
    if (missing > 0) this.#theirs.buy(missing);
  }

  #entryOf(
    pool: LicensePool,
    more: Pick<Entry, 'says' | 'isNewMonth' | 'month' | 'author' | 'news'>,
  ): Entry {
    const { world } = this.#stage.simulator;
    const { money, seats: found, explanation = '' } = pool.status ?? {};
    return {
      ...more,
      at: new Date(world.clock.nowMs()).toISOString().slice(0, 10),
      people: this.#counter.people,
      seats: this.#ours.seats,
      idle: found?.idle,
      cost: money?.cost,
      margin: money?.margin,
      marginPercent: money?.marginPercent ?? '?',
      alerts: alerts.filter((type) => conditionOf(pool, type)?.status === 'True'),
      explanation,
      chargedAtStart: chargedAtStart(world, managed.tenantId, more.month),
      nextTermSeats: this.#ours.subscription?.nextTerm?.quantity,
    };
  }

  #passTo(ms: number): void {
    const { clock } = this.#stage.simulator.world;
    clock.advance(Math.max(0, ms - clock.nowMs()));
  }

  async facts(seconds: number): Promise<readonly Fact[]> {
    const { violations } = this.#stage.simulator;
    const quiet = this.entries.filter(({ isNewMonth }) => isNewMonth);
    const seen = new Set(this.entries.flatMap(({ news }) => news));
    const authors = this.entries.flatMap(({ author }) => author ?? []);
    return [
      {
        what: `each of ${quiet.length} months was charged what status said that it costs`,
        isTrue: quiet.every(({ cost, chargedAtStart: charged }) => cost === charged),
      },
      {
        what: 'nobody was ever without a seat',
        isTrue:
          this.entries.every(({ seats: bought, people }) => bought >= people) &&
          (await this.#counter.everybodyIsReady()),
      },
      {
        what: `every change at the portal was told with its author, ${this.#ours.person}`,
        isTrue: authors.length === 5 && authors.every((author) => author === this.#ours.person),
      },
      {
        what: 'the number of seats of the next term was set, lost, and set again',
        isTrue: ['DropScheduled', 'ScheduleLost', 'ScheduleReissued'].every((reason) =>
          seen.has(reason),
        ),
      },
      {
        what: 'the operator did nothing that a careful client never does',
        isTrue: violations.total() === 0,
      },
      { what: `fourteen months in less than a minute (${seconds} s)`, isTrue: seconds < 60 },
    ];
  }
}

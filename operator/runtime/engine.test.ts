/**
 * The engine under random faults: whatever happens on the way, in the end the outside is as the objects say, nothing is
 * left of what was deleted, and every status that was ever stored obeyed the rules (MemoryStore checks each).
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import {
  MemoryStore,
  RecordedAudit,
  RecordedEvents,
  RecordedLog,
} from '../../hack/testing/engine.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { type Toy, ToyWorld, toy, toyKey, toyKind } from '../../hack/testing/toy.ts';
import { terminal, transient, wait } from '../core/errors.ts';
import { createManager } from './manager.ts';

const names = ['a', 'b', 'c'] as const;
const faults = {
  transient: () => transient('lost', { reason: 'Lost' }),
  wait: () => wait('busy', { reason: 'Busy', delayMs: 3_000 }),
  terminal: () => terminal('refused', { reason: 'Refused' }),
  bug: () => new TypeError('x is undefined'),
};

const step = fc.oneof(
  fc.record({
    do: fc.constantFrom('apply' as const, 'suspend' as const),
    name: fc.constantFrom(...names),
    size: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constant('meddle' as const), name: fc.constantFrom(...names) }),
  fc.record({
    do: fc.constant('fail' as const),
    at: fc.constantFrom('observe', 'before', 'after', 'kubernetes'),
    as: fc.constantFrom('transient', 'wait', 'terminal', 'bug'),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 1_000, 60_000) }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Run {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore(this.clock);
  readonly world = new ToyWorld();
  readonly audit = new RecordedAudit();
  readonly #manager;

  constructor(isRecoverable: boolean) {
    this.#manager = createManager({
      kinds: [toyKind(this.world, { isRecoverable })],
      store: this.store,
      subscribe: this.store.subscribe,
      referencing: this.store.referencing,
      events: new RecordedEvents(),
      audit: this.audit,
      clock: this.clock,
      log: new RecordedLog(),
      metrics: testMetrics(),
      mayWrite: () => true,
    });
    this.#manager.start();
  }

  async take(one: Step): Promise<void> {
    if (one.do === 'pass') await this.clock.advance(one.ms);
    else if (one.do === 'fail') this.#failOnce(one.at, faults[one.as]);
    else if (one.do === 'meddle') {
      const thing = this.world.things.get(`id-${one.name}`);
      if (thing !== undefined) thing.size = 99;
    } else if (one.do === 'delete') {
      const { metadata } = this.store.get(toyKey(one.name)) ?? {};
      if (metadata !== undefined && metadata.deletionTimestamp === undefined) {
        this.store.delete(toyKey(one.name));
      }
    } else this.#apply(one.name, one.size, one.do === 'suspend');
  }

  /** All faults over, all pauses lifted, everybody looked at. */
  async heal(): Promise<void> {
    this.#disarm();
    await this.clock.advance(3_600_000);
    for (const name of names) {
      const { spec, metadata } = (this.store.get(toyKey(name)) ?? {}) as Partial<Toy>;
      if (spec === undefined || metadata?.deletionTimestamp !== undefined) continue;
      this.#apply(name, spec.size, false);
    }
    await this.clock.advance(3_600_000);
    for (const name of names) this.#manager.wake(toyKey(name), 'edit');
    await this.clock.advance(3_600_000);
    await this.#manager.stop();
  }

  #apply(name: string, size: number, suspend: boolean): void {
    const old = this.store.get(toyKey(name)) as Toy | undefined;
    if (old?.metadata.deletionTimestamp !== undefined) return;
    const spec = { size, ...(suspend ? { suspend } : {}) };
    const { status: _, ...object } = old ?? toy(name, spec);
    this.store.apply({ ...object, spec });
  }

  #failOnce(at: string, create: () => Error): void {
    const fail = (): void => {
      this.#disarm();
      throw create();
    };
    if (at === 'observe') this.world.beforeObserve = fail;
    if (at === 'before') this.world.beforeCall = fail;
    if (at === 'after') this.world.afterCall = fail;
    if (at === 'kubernetes') this.store.beforeWrite = fail;
  }

  #disarm(): void {
    this.world.beforeObserve = () => undefined;
    this.world.beforeCall = () => undefined;
    this.world.afterCall = () => undefined;
    this.store.beforeWrite = () => undefined;
  }
}

it.each([true, false])(
  'converges through any faults (recoverable: %s)',
  async (isRecoverable) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const run = new Run(isRecoverable);
        for (const one of steps) await run.take(one);
        await run.heal();
        const outside = [...run.world.things]
          .map(([id, { size }]) => `${id} ${String(size)}`)
          .toSorted();
        const wanted = names
          .map((name) => run.store.get(toyKey(name)) as Toy | undefined)
          .filter((resource) => resource !== undefined);
        expect(outside).toEqual(
          wanted.map(({ metadata, spec }) => `id-${metadata.name} ${String(spec.size)}`),
        );
        for (const { status, metadata } of wanted) {
          expect(status?.observedGeneration).toBe(metadata.generation);
          expect(status?.conditions?.map((c) => `${c.type}=${c.status}`)).toEqual([
            'Ready=True',
            'Synced=True',
          ]);
        }
        // Whatever reached the outside is in the audit log, succeeded or not.
        expect(run.audit.records.length).toBeGreaterThanOrEqual(run.world.calls.length);
      }),
      { numRuns: 100 },
    );
  },
  60_000,
);

import { beforeEach, describe, expect, it } from 'vitest';
import type { MemoryStore, RecordedAudit, RecordedEvents } from '../../hack/testing/engine.ts';
import { PassKit } from '../../hack/testing/pass.ts';
import { type Toy, type ToyWorld, toy, toyKey, toyKind } from '../../hack/testing/toy.ts';
import { transient } from '../core/errors.ts';
import { annotations, finalizer } from '../core/plan.ts';
import type { ReconcileDeps } from './pass.ts';
import { reconcile } from './reconcile.ts';

let pass: PassKit;
let world: ToyWorld;
let store: MemoryStore;
let events: RecordedEvents;
let audit: RecordedAudit;
let deps: ReconcileDeps;

beforeEach(() => {
  pass = new PassKit();
  ({ world, store, events, audit, deps } = pass);
});

const key = toyKey('a');
const calm = new AbortController().signal;
const run: PassKit['run'] = (isRecoverable, signal) => pass.run(isRecoverable, signal);
const conditions = (): ReturnType<PassKit['conditions']> => pass.conditions();
const status = (): ReturnType<PassKit['status']> => pass.status();

describe('a new object', () => {
  it('is claimed, made and shown Ready in one pass', async () => {
    store.apply(toy('a', { size: 1 }));
    expect(await run()).toEqual({ look: 'onChange' });
    expect(store.require(key).metadata.finalizers).toEqual([finalizer]);
    expect(world.things.get('id-a')).toEqual({ size: 1 });
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
    expect(status()).toMatchObject({ externalId: 'id-a', size: 1, observedGeneration: 1 });
    expect(status()).not.toHaveProperty('creating');
  });

  it('costs one finalizer write and one status write where its ids can be found again', async () => {
    store.apply(toy('a', { size: 1 }));
    await run(true);
    expect(store.writes).toEqual(['addFinalizer', 'saveStatus']);
    expect(status()).toMatchObject({ externalId: 'id-a' });
  });

  it('that is as declared at once is told of by its status and the audit log; later changes by events', async () => {
    store.apply(toy('a', { size: 1 }));
    await run(true);
    expect([events.reasons, audit.records.length]).toEqual([[], 1]);
    store.apply({ ...(store.require(key) as Toy), spec: { size: 2 } });
    await run(true);
    expect([events.reasons, audit.records.length]).toEqual([['ResizeThing'], 2]);
  });

  it('that belongs to another shard is left alone', async () => {
    pass.isOurs = false;
    store.apply(toy('a', { size: 1 }));
    expect(await run()).toEqual({ look: 'onChange' });
    expect([store.writes, world.calls]).toEqual([[], []]);
  });

  it('has its intent stored before anything is made, and its id before anything follows', async () => {
    store.apply(toy('a', { size: 1 }));
    const seen: unknown[] = [];
    world.beforeCall = () => void seen.push(status()?.creating, conditions()['Reconciling']);
    await run();
    expect(seen).toEqual([true, 'True Progressing']);
    expect(store.writes).toEqual(['addFinalizer', 'saveStatus', 'saveStatus', 'saveStatus']);
  });

  it('is told of by one event and one audit line; the intent by none', async () => {
    const annotated = { [annotations.changeRef]: 'CHG-7' };
    store.apply(toy('a', { size: 1 }, { annotations: annotated, managers: ['argocd'] }));
    await run();
    expect(events.records).toEqual([
      {
        type: 'Normal',
        reason: 'CreateThing',
        action: 'CreateThing',
        note: 'CreateThing of a thing',
      },
    ]);
    expect(audit.records).toEqual([
      {
        resource: { kind: 'Toy', namespace: 'default', name: 'a', uid: 'uid-a', generation: 1 },
        requestedBy: { managers: ['argocd'], changeRef: 'CHG-7' },
        system: 'World',
        operation: 'CreateThing',
        result: 'succeeded',
        requestId: 'r-1',
        target: 'id-a',
        after: { size: 1 },
      },
    ]);
  });
});

describe('an object that is as it should be', () => {
  it('costs nothing: no write, no event', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    store.writes.length = 0;
    events.records.length = 0;
    await run();
    expect(store.writes).toEqual([]);
    expect(events.records).toEqual([]);
  });

  it('is repaired when others changed the outside, and both are told', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    events.records.length = 0;
    world.things.set('id-a', { size: 9 });
    await run();
    expect(world.things.get('id-a')).toEqual({ size: 1 });
    expect(events.reasons).toEqual(['DriftDetected', 'ResizeThing', 'DriftCorrected']);
    expect(conditions()).not.toHaveProperty('Drifted');
  });

  it('that polls and is not Ready is Reconciling; Ready, it is not', async () => {
    store.apply(toy('a', { size: 1, managementPolicies: ['Observe'] }));
    const next = { look: 'after', delayMs: 60_000, reason: 'Polling' } as const;
    const kind = toyKind(world, { isRecoverable: true, next });
    expect(await reconcile(kind, deps, key, calm)).toEqual(next);
    expect(conditions()).toHaveProperty('Reconciling', 'True Polling');
    world.things.set('id-a', { size: 1 });
    await reconcile(kind, deps, key, calm);
    expect(conditions()).not.toHaveProperty('Reconciling');
    expect(events.reasons).toEqual(['Ready']);
  });

  it('echoes the request to look again', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    store.annotate(key, { [annotations.reconcileRequestedAt]: '2026-01-01T10:00:00Z' });
    await run();
    expect(status()?.lastHandledReconcileAt).toBe('2026-01-01T10:00:00Z');
  });
});

describe('policies', () => {
  it('forbidden actions are not done, and named', async () => {
    store.apply(toy('a', { size: 1, managementPolicies: ['Observe', 'Update'] }));
    expect(await run(true)).toEqual({ look: 'onChange' });
    expect(world.calls).toEqual([]);
    const synced = status()?.conditions?.find((c) => c.type === 'Synced');
    expect(synced).toMatchObject({
      status: 'False',
      reason: 'ActionsForbidden',
      message: 'managementPolicies do not allow: CreateThing',
    });
  });

  it('drift shows also where it may not be corrected', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    const { status: stored, ...object } = store.require(key) as Toy;
    expect(stored?.size).toBe(1);
    store.apply({ ...object, spec: { size: 1, managementPolicies: ['Observe'] } });
    world.things.set('id-a', { size: 9 });
    await run();
    expect(conditions()).toHaveProperty('Drifted', 'True SizeDiffers');
    expect(world.things.get('id-a')).toEqual({ size: 9 });
  });

  it('a suspended object is not looked at; Ready stays as it was', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    const before = world.observations;
    store.apply({ ...(store.require(key) as Toy), spec: { size: 2, suspend: true } });
    expect(await run()).toEqual({ look: 'onChange' });
    expect(world.observations).toBe(before);
    expect(conditions()).toEqual({
      Ready: 'True Ready',
      Synced: 'Unknown Paused',
      Paused: 'True Paused',
    });
    expect(status()?.observedGeneration).toBe(2);
  });

  it('nothing is looked at while the whole operator is paused, deletions neither', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    const before = world.observations;
    pass.isPaused = true;
    store.apply({ ...(store.require(key) as Toy), spec: { size: 2 } });
    expect(await run()).toEqual({ look: 'onChange' });
    expect(conditions()).toMatchObject({ Ready: 'True Ready', Paused: 'True Paused' });
    store.delete(key);
    await run();
    expect(world.observations).toBe(before);
    expect(conditions()).toMatchObject({ Paused: 'True Paused', Deleting: 'True Deleting' });
    pass.isPaused = false;
    await run();
    expect(store.get(key)).toBe(undefined);
  });

  it('a suspended new object gets no finalizer', async () => {
    store.apply(toy('a', { size: 1, suspend: true }));
    await run();
    expect(store.writes).toEqual(['saveStatus']);
  });
});

describe('an edit while work is under way', () => {
  it('wins: nothing further is done, what was learned is kept, and the next look is now', async () => {
    store.apply(toy('a', { size: 1 }));
    // The edit lands after the intent was stored and before the thing is made.
    let saves = 0;
    const saveStatus = store.saveStatus.bind(store);
    store.saveStatus = async (...args) => {
      const saved = await saveStatus(...args);
      saves += 1;
      if (saves === 1) store.apply({ ...(store.require(key) as Toy), spec: { size: 5 } });
      return saved;
    };
    expect(await run()).toEqual({ look: 'after', delayMs: 0, reason: 'Changed' });
    expect(world.calls).toEqual([]);
    expect(status()).toMatchObject({ creating: true, observedGeneration: 1 });
    await run();
    expect(world.things.get('id-a')).toEqual({ size: 5 });
    expect(status()?.observedGeneration).toBe(2);
  });

  it('a deletion wins too', async () => {
    store.apply(toy('a', { size: 1 }));
    world.beforeObserve = () => {
      if (store.get(key)?.metadata.deletionTimestamp === undefined) store.delete(key);
    };
    await run(true);
    expect(world.calls).toEqual([]);
  });

  it('an object of the same name that is another one gets nothing of the old one', async () => {
    store.apply(toy('a', { size: 1 }));
    world.afterCall = () => {
      store.apply({ ...toy('a', { size: 7 }), metadata: { ...toy('a', { size: 7 }).metadata } });
      const { metadata } = store.require(key);
      Object.assign(metadata, { uid: 'uid-other' });
      Object.assign(store.require(key), { status: undefined });
      world.afterCall = () => undefined;
    };
    await run(true);
    expect(status()).toBe(undefined);
  });
});

describe('leadership', () => {
  it('lost before the pass: nothing is read or written', async () => {
    store.apply(toy('a', { size: 1 }));
    pass.isLeading = false;
    await run();
    expect([world.observations, store.writes]).toEqual([0, []]);
  });

  it('lost in the middle: no outside change and no write follows', async () => {
    store.apply(toy('a', { size: 1 }));
    world.beforeObserve = () => {
      pass.isLeading = false;
    };
    await run();
    expect(world.calls).toEqual([]);
    expect(store.writes).toEqual(['addFinalizer']);
  });
});

function loseAtLook(): void {
  world.beforeObserve = () => {
    pass.isLeading = false;
  };
}

describe('leadership lost during the last look', () => {
  it('writes no status', async () => {
    store.apply(
      toy('a', { size: 1, managementPolicies: ['Observe'] }, { finalizers: [finalizer] }),
    );
    loseAtLook();
    await run();
    expect(store.writes).toEqual([]);
  });

  it('gives up no finalizer', async () => {
    const gone = { finalizers: [finalizer], deletionTimestamp: 'then' };
    store.apply(toy('a', { size: 1 }, gone));
    loseAtLook();
    await run();
    expect(store.writes).toEqual([]);
  });
});

describe('deletion', () => {
  it('undoes what is outside, then gives up the finalizer', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    store.delete(key);
    world.afterCall = () => {
      expect(store.get(key)).toBeDefined();
    };
    await run();
    expect(world.things.size).toBe(0);
    expect(store.get(key)).toBe(undefined);
  });

  it('works while suspended', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    store.apply({ ...(store.require(key) as Toy), spec: { size: 1, suspend: true } });
    store.delete(key);
    await run();
    expect(store.get(key)).toBe(undefined);
  });

  it('that policy forbids is not done; the object says so and waits', async () => {
    store.apply(toy('a', { size: 1, managementPolicies: ['Observe', 'Create', 'Update'] }));
    await run();
    store.delete(key);
    await run();
    expect(world.things.size).toBe(1);
    expect(conditions()).toMatchObject({
      Synced: 'False ActionsForbidden',
      Deleting: 'True Deleting',
    });
  });

  it('leaves what the plan releases', async () => {
    const policies = ['Observe', 'Create', 'Update'] as const;
    const kept = toy('a', { size: 1, managementPolicies: policies }, { labels: { keep: 'yes' } });
    store.apply(kept);
    await run();
    store.delete(key);
    await run();
    expect(store.get(key)).toBe(undefined);
    expect(world.things.size).toBe(1);
  });

  it('that fails keeps the finalizer', async () => {
    store.apply(toy('a', { size: 1 }));
    await run();
    store.delete(key);
    world.beforeCall = () => {
      throw transient('down', { reason: 'Down' });
    };
    await expect(run()).rejects.toThrow('down');
    expect(store.require(key).metadata.finalizers).toEqual([finalizer]);
  });

  it('of an object that was never claimed needs nothing', async () => {
    store.apply(toy('a', { size: 1 }, { finalizers: ['other'], deletionTimestamp: 'then' }));
    expect(await run()).toEqual({ look: 'onChange' });
    expect(world.observations).toBe(0);
  });
});

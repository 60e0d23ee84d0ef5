import { describe, expect, it } from 'vitest';
import { brokenStatusRules } from '../../hack/testing/expect-status.ts';
import { condition, conditionsForError, mergeConditions, notReady, ready } from './conditions.ts';
import { bug, terminal, transient, wait } from './errors.ts';
import type { Condition, Resource } from './resource.ts';

const synced = condition('Synced', 'True', 'Synced', 'all is well');
const first = '2026-01-01T00:00:00Z';
const later = '2026-01-02T00:00:00Z';

function objectWith(conditions: readonly Condition[], generation = 1): Resource {
  const metadata = {
    name: 'a',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    generation,
    creationTimestamp: first,
  };
  const status = { observedGeneration: generation, conditions };
  return { apiVersion: 'v1', kind: 'Toy', metadata, spec: {}, status };
}

describe('mergeConditions', () => {
  it('keeps the time of a condition whose status stays, whatever else changes', () => {
    const before = mergeConditions([], [notReady('Waiting', 'for x')], 1, first);
    const after = mergeConditions(before, [notReady('Failed', 'because of y')], 2, later);
    expect(after).toEqual([
      { ...notReady('Failed', 'because of y'), observedGeneration: 2, lastTransitionTime: first },
    ]);
  });

  it('that say the same are those that are stored', () => {
    const before = mergeConditions([], [ready('Ready', 'done')], 1, first);
    expect(mergeConditions(before, [ready('Ready', 'done')], 1, later)[0]).toBe(before[0]);
    expect(mergeConditions(before, [ready('Ready', 'done')], 2, later)).toEqual([
      { ...before[0], observedGeneration: 2 },
    ]);
  });

  it('moves the time when the status changes', () => {
    const before = mergeConditions([], [notReady('Waiting', 'for x')], 1, first);
    const after = mergeConditions(before, [ready('Ready', 'done')], 1, later);
    expect(after[0]?.lastTransitionTime).toBe(later);
  });

  it('drops types that are not wanted any more, and abnormal ones that are not True', () => {
    const before = mergeConditions([], [condition('Drifted', 'True', 'Differs', 'x')], 1, first);
    const wanted = [ready('Ready', 'done'), condition('Stalled', 'False', 'Fine', 'x')];
    expect(mergeConditions(before, wanted, 1, later).map((c) => c.type)).toEqual(['Ready']);
  });

  it('sorts by what people read first, unknown types last by name', () => {
    const types = ['Zeta', 'Drifted', 'Synced', 'Alpha', 'Stalled', 'Ready'];
    const wanted = types.map((type) => condition(type, 'True', 'Fact', 'x'));
    const order = mergeConditions([], wanted, 1, first).map((c) => c.type);
    expect(order).toEqual(['Ready', 'Synced', 'Stalled', 'Drifted', 'Alpha', 'Zeta']);
  });
});

describe('conditionsForError', () => {
  const current = [ready('Ready', 'done'), synced];
  const broken = { reason: 'Broken' };

  it('takes Ready away: what stands there now is not as declared, or nobody knows', () => {
    const shown = conditionsForError(transient('down', broken), current);
    expect(shown.find((c) => c.type === 'Ready')).toEqual(notReady('Broken', 'down'));
    expect(shown.find((c) => c.type === 'Reconciling')?.status).toBe('True');
  });

  it('says Ready=False where nothing was said before, at the first failure', () => {
    const shown = conditionsForError(transient('hiccup', broken), []);
    expect(shown.find((c) => c.type === 'Ready')?.status).toBe('False');
  });

  it.each([
    { error: terminal('no', broken), stalled: true },
    { error: wait('no', broken), stalled: false },
    { error: bug('no'), stalled: false },
  ])('stalls for Terminal only: $error.class', ({ error, stalled }) => {
    const types = conditionsForError(error, current).map((c) => c.type);
    expect(types.includes('Stalled')).toBe(stalled);
    expect(types.includes('Reconciling')).toBe(!stalled);
  });

  it('keeps what it does not know and ends a pause', () => {
    const before = [
      ...current,
      condition('CredentialsReady', 'True', 'Fine', 'x'),
      condition('Paused', 'True', 'Paused', 'x'),
    ];
    const types = conditionsForError(wait('no', broken), before).map((c) => c.type);
    expect(types).toContain('CredentialsReady');
    expect(types).not.toContain('Paused');
  });

  it.each([transient('x', broken), wait('x', broken), terminal('x', broken), bug('x')])(
    'obeys every rule of status: $class',
    (error) => {
      const merged = mergeConditions(current, conditionsForError(error, current), 1, later);
      expect(brokenStatusRules(objectWith(merged))).toEqual([]);
    },
  );
});

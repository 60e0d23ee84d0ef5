import { describe, expect, it } from 'vitest';
import { toy, toyKey } from '../../hack/testing/toy.ts';
import { condition, ready } from '../core/conditions.ts';
import { annotations } from '../core/plan.ts';
import type { CommonStatus, Metadata, Resource } from '../core/resource.ts';
import { concernsDependants, ownLane } from './changes.ts';

const status = {
  observedGeneration: 1,
  externalId: 'x',
  conditions: [{ ...ready('Ready', 'done'), lastTransitionTime: 'then', observedGeneration: 1 }],
};
const base: Resource = { ...toy('a', { size: 1 }), status };

function withMetadata(metadata: Partial<Metadata>): Resource {
  return { ...base, metadata: { ...base.metadata, ...metadata } };
}

function withStatus(more: CommonStatus & { readonly externalId?: string }): Resource {
  return { ...base, status: { ...status, ...more } };
}

const newer = [{ ...ready('Ready', 'done'), lastTransitionTime: 'now', observedGeneration: 2 }];
const drifted = [...status.conditions, condition('Drifted', 'True', 'Differs', 'x')];
const annotated = (name: string): Resource => withMetadata({ annotations: { [name]: 'x' } });

type Means = readonly [lane: string | undefined, concernsDependants: boolean];
const edit: Means = ['edit', true];
const dependants: Means = [undefined, true];
const nothing: Means = [undefined, false];

describe('a change', () => {
  it.each<[string, Resource | undefined, Resource | undefined, Means]>([
    ['new', undefined, base, edit],
    ['gone', base, undefined, dependants],
    ['another of the same name', base, withMetadata({ uid: 'other' }), edit],
    ['spec', base, withMetadata({ generation: 2 }), edit],
    ['deletion', base, withMetadata({ deletionTimestamp: 'now' }), edit],
    ['a request to look', base, annotated(annotations.reconcileRequestedAt), edit],
    ['an approval', base, annotated(annotations.approve), edit],
    ['a confirmation', base, annotated(annotations.confirm), edit],
    ['another annotation', base, annotated('example.com/x'), nothing],
    ['a label', base, withMetadata({ labels: { a: 'b' } }), dependants],
    ['our finalizer', base, withMetadata({ finalizers: ['x'] }), nothing],
    [
      'times and generations of status',
      base,
      withStatus({ observedGeneration: 2, conditions: newer }),
      nothing,
    ],
    ['a field of status', base, withStatus({ externalId: 'y' }), dependants],
    ['a condition', base, withStatus({ conditions: drifted }), dependants],
  ])('%s', (_, old, now, [lane, concerns]) => {
    const change = { key: toyKey('a'), old, new: now, initial: false };
    expect(ownLane(change)).toBe(lane);
    expect(concernsDependants(change)).toBe(concerns);
  });

  it.each([
    [-1, 'retry'],
    [0, 'retry'],
    [1, 'resync'],
  ])(
    'of the first list, looked at in generation %i of 1, goes as %s',
    (observedGeneration, lane) => {
      const now = withStatus({ observedGeneration });
      expect(ownLane({ key: toyKey('a'), new: now, initial: true })).toBe(lane);
    },
  );
});

it('of a status field concerns those only who look at that field', () => {
  const change = {
    key: toyKey('a'),
    old: withStatus({ externalId: 'x', lastHandledReconcileAt: '1' }),
    new: withStatus({ externalId: 'x', lastHandledReconcileAt: '2' }),
    initial: false,
  };
  expect(concernsDependants(change)).toBe(true);
  expect(concernsDependants(change, ['lastHandledReconcileAt'])).toBe(true);
  expect(concernsDependants(change, ['externalId'])).toBe(false);
  expect(concernsDependants(change, [])).toBe(false);
});

describe('a namespace', () => {
  it('concerns its dependants when its labels change', () => {
    const namespace: Resource = { ...base, kind: 'Namespace', status: undefined };
    const now = { ...namespace, metadata: { ...base.metadata, labels: { tier: 'gold' } } };
    expect(
      concernsDependants({ key: 'Namespace//a', old: namespace, new: now, initial: false }),
    ).toBe(true);
  });
});

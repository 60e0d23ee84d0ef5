import { describe, expect, it } from 'vitest';
import { condition, notReady, ready } from '../../operator/core/conditions.ts';
import type { Condition, Resource } from '../../operator/core/resource.ts';
import { brokenStatusRules, brokenStoredRules } from './expect-status.ts';
import { toy } from './toy.ts';

const time = '2026-01-01T00:00:00Z';
const later = '2026-01-02T00:00:00Z';
const synced = condition('Synced', 'True', 'Synced', 'all is well');
const fine = [ready('Ready', 'done'), synced];
const stalled = condition('Stalled', 'True', 'No', 'x');
const reconciling = condition('Reconciling', 'True', 'No', 'x');

interface Shape {
  readonly generation?: number;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

function objectWith(conditions: readonly Condition[], shape: Shape = {}): Resource {
  const { generation = 1, observedGeneration = generation, lastTransitionTime = time } = shape;
  const stamped = conditions.map((c) => ({ observedGeneration, lastTransitionTime, ...c }));
  const status = { observedGeneration, conditions: stamped };
  return { ...toy('a', { size: 1 }, { generation }), status };
}

function rulesOf(broken: readonly string[]): readonly string[] {
  return broken.map((line) => line.slice(0, 3));
}

describe('the rules of status', () => {
  it.each<[readonly string[], readonly Condition[]]>([
    [['S01'], [ready('Ready', 'done')]],
    [['S01', 'S12'], [synced]],
    [['S02'], [...fine, synced]],
    [['S03'], [ready('not camel', 'done'), synced]],
    [['S03'], [ready('Ready', ''), synced]],
    [['S04'], [...fine, condition('Stalled', 'False', 'Fine', 'x')]],
    [
      ['S05', 'S12'],
      [notReady('No', 'x'), synced, stalled, reconciling],
    ],
    [['S06'], [...fine, stalled]],
    [['S06'], [condition('Ready', 'Unknown', 'No', 'x'), synced, stalled]],
    [['S08'], [{ ...ready('Ready', 'done'), observedGeneration: 9 }, synced]],
    [['S08'], [{ ...ready('Ready', 'done'), observedGeneration: undefined }, synced]],
    [['S11'], [ready('Ready', 'since 2026-01-01T00:00:00Z'), synced]],
    [['S11'], [ready('Ready', 'id 0f0e0d0c-0b0a-0908-0706-050403020100'), synced]],
    [['S14'], [{ ...ready('Ready', 'done'), lastTransitionTime: undefined }, synced]],
    [['S14'], [{ ...ready('Ready', 'done'), lastTransitionTime: '1 January' }, synced]],
  ])('%j is noticed', (rules, conditions) => {
    expect(rulesOf(brokenStatusRules(objectWith(conditions)))).toEqual(rules);
  });

  it('S07 and S10 are noticed', () => {
    const ahead = objectWith(fine, { observedGeneration: 5 });
    expect(brokenStatusRules(ahead)).toEqual(['S07: observedGeneration 5, generation 1']);
    const back = brokenStatusRules(objectWith(fine), objectWith(fine, { generation: 2 }));
    expect(rulesOf(back)).toEqual(['S10']);
  });

  it('S09 is noticed', () => {
    const moved = objectWith(fine, { lastTransitionTime: later });
    expect(rulesOf(brokenStatusRules(moved, objectWith(fine)))).toEqual(['S09', 'S09']);
  });

  it('S13 is noticed: a status that the CRD does not default', () => {
    expect(rulesOf(brokenStoredRules(toy('a', { size: 1 })))).toEqual(['S13']);
    const defaulted = { ...toy('a', { size: 1 }), status: { observedGeneration: -1 } };
    expect(brokenStoredRules(defaulted)).toEqual([]);
  });

  it.each<[string, readonly Condition[]]>([
    ['done', fine],
    ['failed for good', [notReady('No', 'x'), synced, stalled]],
    ['under way', [notReady('No', 'x'), synced, reconciling]],
    ['a repair of what is done', [...fine, reconciling]],
    ['waiting for others', [notReady('No', 'x'), synced]],
  ])('a sound status breaks none: %s', (_, conditions) => {
    expect(brokenStoredRules(objectWith(conditions))).toEqual([]);
    expect(
      brokenStoredRules(objectWith(conditions, { generation: 2, observedGeneration: 1 })),
    ).toEqual([]);
  });
});

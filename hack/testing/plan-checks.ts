/** What must hold of every plan of every kind, whatever was observed. */
import { expect } from 'vitest';
import { mergeConditions } from '../../operator/core/conditions.ts';
import { type Action, changesOutside, type Plan, permit } from '../../operator/core/plan.ts';
import type { CommonStatus, Resource } from '../../operator/core/resource.ts';
import { expectStatusRules } from './expect-status.ts';

type AnyPlan = Plan<Action, CommonStatus>;

/** `Ready` as people see it: `True Provisioned`. */
export function readyOf(plan: AnyPlan): string {
  return shown(plan, 'Ready') ?? 'missing';
}

export function shown(plan: AnyPlan, type: string): string | undefined {
  const found = plan.conditions.find((condition) => condition.type === type);
  return found === undefined ? undefined : `${found.status} ${found.reason}`;
}

export function actionNames(plan: AnyPlan): string[] {
  return plan.actions.map(({ name }) => name);
}

/** A row of a table of cases: what is not said is not asserted. */
export interface ExpectedPlan {
  readonly ready: string;
  readonly actions: readonly string[];
  /** By type, as `shown` tells them; undefined: the condition is absent. */
  readonly conditions?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds, or not before something changes. */
  readonly look?: number | 'onChange' | undefined;
}

/** The plan of an object that is not being deleted. */
export function expectPlan(resource: Resource, plan: AnyPlan, expected: ExpectedPlan): void {
  expect(readyOf(plan)).toBe(expected.ready);
  expect(actionNames(plan)).toEqual(expected.actions);
  for (const [type, wanted] of Object.entries(expected.conditions ?? {})) {
    expect(shown(plan, type)).toBe(wanted);
  }
  if (expected.look === 'onChange') expect(plan.next).toEqual({ look: 'onChange' });
  else if (expected.look !== undefined) {
    expect(plan.next).toMatchObject({ look: 'after', delayMs: expected.look });
  }
  expect(plan.released).toBe(false);
  expectSoundPlan(resource, plan);
}

/** Status rules (expect-status.ts), and nothing is left to do where only looking is allowed. */
export function expectSoundPlan(resource: Resource, plan: AnyPlan): void {
  const { generation } = resource.metadata;
  const wanted = [
    ...plan.conditions,
    { type: 'Synced', status: 'True' as const, reason: 'Synced', message: 'looked at' },
  ];
  const conditions = mergeConditions([], wanted, generation, '2026-03-02T10:00:00Z');
  const status = { ...plan.status, conditions, observedGeneration: generation };
  expectStatusRules({ ...resource, status });
  expect(plan.conditions.every(({ observedGeneration }) => observedGeneration === undefined)).toBe(
    true,
  );
  expect(permit(plan.actions, ['Observe']).allowed.filter(changesOutside)).toEqual([]);
}

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

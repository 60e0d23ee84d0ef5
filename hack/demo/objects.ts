/** Our objects on the stage, as rows for people. */
import type { M365Tenant, M365User } from '../../operator/core/objects.ts';
import type { Resource } from '../../operator/core/resource.ts';
import type { Stage } from '../stage/index.ts';
import { table } from './table.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function conditionOf(resource: Resource, type: string): Condition | undefined {
  const { conditions = [] } = (resource.status ?? {}) as { conditions?: readonly Condition[] };
  return conditions.find((condition) => condition.type === type);
}

export function isReady(resource: Resource): boolean {
  const { observedGeneration } = (resource.status ?? {}) as { observedGeneration?: number };
  const ready = conditionOf(resource, 'Ready')?.status === 'True';
  return ready && observedGeneration === resource.metadata.generation;
}

/** Every object of the four kinds, connections first. */
export async function allObjects(stage: Stage): Promise<readonly Resource[]> {
  const plurals = ['partnerconnections', 'm365tenants', 'licensepools', 'm365users'];
  return (await Promise.all(plurals.map((plural) => stage.list<Resource>(plural)))).flat();
}

export function stateTable(objects: readonly Resource[], seconds: number): string {
  const ready = objects.filter(isReady).length;
  const rows = objects.map((object) => [
    isReady(object) ? '✓' : '·',
    `${object.kind} ${object.metadata.name}`,
    conditionOf(object, 'Ready')?.reason ?? 'Waiting',
    shortened(conditionOf(object, 'Ready')?.message ?? 'not looked at yet'),
  ]);
  return `${table(['', 'object', 'state', ''], rows)}\n  ${ready} of ${objects.length} ready after ${Math.round(seconds)} s`;
}

/** Without a terminal: a line whenever something changes, and no clock in it. */
export function stateLines(objects: readonly Resource[]): string {
  return objects
    .map((object) => {
      const ready = conditionOf(object, 'Ready');
      return `  ${object.kind} ${object.metadata.name}: ${ready?.reason ?? 'Waiting'}`;
    })
    .join('\n');
}

function shortened(text: string): string {
  return text.length > 72 ? `${text.slice(0, 71)}…` : text;
}

export function tenantsIn(objects: readonly Resource[]): readonly M365Tenant[] {
  return objects.filter((object): object is M365Tenant => object.kind === 'M365Tenant');
}

export function usersIn(objects: readonly Resource[]): readonly M365User[] {
  return objects.filter((object): object is M365User => object.kind === 'M365User');
}

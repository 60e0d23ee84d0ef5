/**
 * What must hold after every history of faults: one outside object per resource and no orphan, the operator's queues
 * empty, and a status that tells the truth.
 */
import { expect } from 'vitest';
import type { Resource } from '../../operator/core/resource.ts';
import type { Metrics } from '../../operator/runtime/metrics.ts';
import { type Sample, samplesOf, sum } from '../bench/metrics.ts';
import { conditionOf, isReady } from '../demo/objects.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import type { Directory } from '../simulator/directory/directory.ts';
import type { Simulator } from '../simulator/index.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { expectStatusRules } from './expect-status.ts';

/** A customer as these tests declare it: tenant, pool and users of one name, one domain. */
export interface DeclaredCustomer {
  /** Prefix of `.onmicrosoft.com`. */
  readonly name: string;
  readonly domain: string;
  /** Principal names, all with one licence of the one pool. */
  readonly users: readonly string[];
}

export function directoryOf(simulator: Simulator, name: string): Directory | undefined {
  return [...simulator.world.directories.values()].find((directory) =>
    directory.domains.has(`${name}.onmicrosoft.com`),
  );
}

/** Undefined: there is none, or there are several, which no history may make. */
export function customerIdOf(simulator: Simulator, name: string): string | undefined {
  const { customers } = commerceOf(simulator.world);
  const ours = [...customers.values()].filter(({ domain }) => domain === `${name}.onmicrosoft.com`);
  return ours.length === 1 ? ours[0]?.id : undefined;
}

/** Live users of the customer's own domain, by principal name. */
export function peopleIn(directory: Directory | undefined, domain: string) {
  const last = directory?.log.last ?? 0;
  return [...(directory?.users.all('live', last) ?? [])]
    .map(({ value }) => value)
    .filter(({ userPrincipalName }) => userPrincipalName.endsWith(`@${domain}`))
    .sort((a, b) => a.userPrincipalName.localeCompare(b.userPrincipalName));
}

export function expectOneOfEverything(simulator: Simulator, declared: DeclaredCustomer): void {
  const { name, domain, users } = declared;
  const id = customerIdOf(simulator, name);
  expect(id, `one customer "${name}"`).toBeDefined();
  expectCommerceOnce(simulator, id, users.length);
  const directory = directoryOf(simulator, name);
  const people = peopleIn(directory, domain).map((user) => [
    user.userPrincipalName,
    user.licenses.length,
  ]);
  expect(people).toEqual([...users].sort().map((user) => [user, 1]));
  const ours = [...(directory?.servicePrincipals.values() ?? [])].filter(
    ({ appId }) => appId === DEFAULT_PARTNER.clientId,
  );
  expect(ours, 'our application in the tenant').toHaveLength(1);
  expect(openAssignments(simulator, id), 'broad access that was not given back').toEqual([]);
}

function expectCommerceOnce(simulator: Simulator, id: string | undefined, seats: number): void {
  const { agreements, subscriptions, carts } = commerceOf(simulator.world);
  const ofOurs = <T extends { readonly customerId: string }>(all: Iterable<T>): readonly T[] =>
    [...all].filter(({ customerId }) => customerId === id);
  expect(ofOurs(agreements), 'agreements').toHaveLength(1);
  const bought = ofOurs(subscriptions.values()).map(({ quantity, status }) => [quantity, status]);
  expect(bought, 'subscriptions').toEqual([[seats, 'active']]);
  // A cart costs nothing until it is checked out: one that was lost before may lie there beside the one that was used.
  expect(ofOurs(carts.values()).length, 'carts').toBeLessThanOrEqual(2);
}

function openAssignments(simulator: Simulator, customerId: string | undefined) {
  const partner = simulator.world.directories.get(DEFAULT_PARTNER.tenantId);
  return [...(partner?.relationships.values() ?? [])]
    .filter(({ customer }) => customer?.tenantId === customerId)
    .flatMap((relationship) => [...relationship.assignments.values()])
    .filter(({ status }) => status === 'active' || status === 'pending');
}

/** Keys that could be worked on and are not, and workers that work: both 0 where all is done. */
export function unfinishedWork(samples: readonly Sample[]): number {
  return sum(samples, 'workqueue_depth') + sum(samples, 'controller_runtime_active_workers');
}

export async function expectDrained(metrics: Metrics): Promise<void> {
  expect(unfinishedWork(samplesOf(await metrics.registry.metrics()))).toBe(0);
}

/** Every object is Ready as it stands now, and its status keeps the rules. */
export function expectAllReady(objects: readonly Resource[]): void {
  expect(objects, 'there are objects').not.toEqual([]);
  const others = objects.filter((object) => !isReady(object));
  const shown = others.map((object) => [
    object.kind,
    object.metadata.name,
    conditionOf(object, 'Ready')?.message,
  ]);
  expect(shown, 'not Ready').toEqual([]);
  for (const object of objects) expectStatusRules(object);
}

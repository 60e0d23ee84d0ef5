/**
 * What the status of every object must be like at any time, whoever reads it (kstatus, Flux, kubectl wait, Argo CD);
 * after the rules of Flux's checker (fluxcd/pkg runtime/conditions/check). Call it after every reconcile of a test.
 *
 * | rule | says                                                                              |
 * | ---- | --------------------------------------------------------------------------------- |
 * | S01  | Ready and Synced are there as soon as there is any status of ours                 |
 * | S02  | no type twice                                                                     |
 * | S03  | status is True, False or Unknown; reason is CamelCase; message is not empty       |
 * | S04  | abnormal types are there only while True                                          |
 * | S05  | Reconciling and Stalled exclude each other                                        |
 * | S06  | Ready=True and Stalled=True exclude each other                                    |
 * | S07  | observedGeneration is there and not above generation                              |
 * | S08  | the observedGeneration of a condition is not above that of the status             |
 * | S09  | lastTransitionTime moves when the status of that type does, and only then         |
 * | S10  | observedGeneration never goes back                                                |
 * | S11  | messages are constant for one state: no times, no ids                             |
 */
import type { CommonStatus, Condition, Resource } from '../../operator/core/resource.ts';

const abnormal = new Set(['Reconciling', 'Stalled', 'Paused', 'Drifted', 'Deleting']);
const variable =
  /\d{4}-\d\d-\d\dT\d\d:\d\d|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

type Check = (now: Facts, before: Facts | undefined) => readonly string[];

interface Facts {
  readonly generation: number;
  readonly observedGeneration: number | undefined;
  readonly conditions: readonly Condition[];
}

function factsOf(resource: Resource): Facts {
  const { observedGeneration, conditions = [] } = (resource.status ?? {}) as CommonStatus;
  return { generation: resource.metadata.generation, observedGeneration, conditions };
}

function isTrue({ conditions }: Facts, type: string): boolean {
  return conditions.some((c) => c.type === type && c.status === 'True');
}

function each(facts: Facts, problemOf: (c: Condition) => string | undefined): readonly string[] {
  return facts.conditions.map(problemOf).filter((problem) => problem !== undefined);
}

const rules: Readonly<Record<string, Check>> = {
  S01: ({ conditions }) =>
    ['Ready', 'Synced']
      .filter((type) => !conditions.some((c) => c.type === type))
      .map((type) => `${type} is missing`),
  S02: ({ conditions }) => {
    const types = conditions.map((c) => c.type);
    return types.filter((type, i) => types.indexOf(type) !== i).map((type) => `${type} twice`);
  },
  S03: (now) =>
    each(now, (c) => {
      const isWell = ['True', 'False', 'Unknown'].includes(c.status);
      const isCamel = /^[A-Z][A-Za-z0-9]*$/.test(c.reason);
      return isWell && isCamel && c.message !== '' ? undefined : `${c.type} is malformed`;
    }),
  S04: (now) =>
    each(now, (c) =>
      abnormal.has(c.type) && c.status !== 'True' ? `${c.type} is not True` : undefined,
    ),
  S05: (now) => (isTrue(now, 'Reconciling') && isTrue(now, 'Stalled') ? ['both are True'] : []),
  S06: (now) => (isTrue(now, 'Ready') && isTrue(now, 'Stalled') ? ['both are True'] : []),
  S07: ({ observedGeneration, generation }) =>
    observedGeneration === undefined || observedGeneration > generation
      ? [`observedGeneration ${String(observedGeneration)}, generation ${String(generation)}`]
      : [],
  S08: (now) =>
    each(now, (c) =>
      (c.observedGeneration ?? -1) > (now.observedGeneration ?? -1)
        ? `${c.type} is ahead`
        : undefined,
    ),
  S09: (now, before) =>
    each(now, (c) => {
      const old = before?.conditions.find((other) => other.type === c.type);
      if (old === undefined) return undefined;
      const isMoved = old.lastTransitionTime !== c.lastTransitionTime;
      return isMoved && old.status === c.status ? `${c.type} moved, its status did not` : undefined;
    }),
  S10: (now, before) =>
    (now.observedGeneration ?? -1) < (before?.observedGeneration ?? -1) ? ['it went back'] : [],
  S11: (now) =>
    each(now, (c) => (variable.test(c.message) ? `${c.type}: "${c.message}"` : undefined)),
};

/** Broken rules, `S04: Stalled is not True`. Empty: all is well. */
export function brokenStatusRules(resource: Resource, before?: Resource): readonly string[] {
  const now = factsOf(resource);
  if (resource.status === undefined || now.observedGeneration === -1) return [];
  const old = before?.metadata.uid === resource.metadata.uid ? factsOf(before) : undefined;
  return Object.entries(rules).flatMap(([rule, check]) =>
    check(now, old).map((problem) => `${rule}: ${problem}`),
  );
}

/** `before`: the same object as it was at some earlier time. */
export function expectStatusRules(resource: Resource, before?: Resource): void {
  const broken = brokenStatusRules(resource, before);
  if (broken.length > 0) {
    throw new Error(
      `the status breaks rules of hack/testing/expect-status.ts:\n${broken.join('\n')}`,
    );
  }
}

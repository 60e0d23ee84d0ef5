/**
 * What the status of every object must be like at any time, whoever reads it (kstatus, Flux, kubectl wait, Argo CD);
 * after kstatus (kubernetes-sigs/cli-utils pkg/kstatus) and Flux's checker (fluxcd/pkg runtime/conditions/check, F and W
 * below). Call it after every reconcile of a test; the integration tests do so by themselves (live-clusters.ts).
 *
 * | rule | says                                                                              |
 * | ---- | --------------------------------------------------------------------------------- |
 * | S01  | Ready and Synced are there as soon as there is any status of ours                 |
 * | S02  | no type twice                                                                     |
 * | S03  | status is True, False or Unknown; reason is CamelCase; message is not empty       |
 * | S04  | abnormal types are there only while True                                          |
 * | S05  | Reconciling and Stalled exclude each other                                        |
 * | S06  | Stalled=True goes with Ready=False                                                |
 * | S07  | observedGeneration is there and not above generation                              |
 * | S08  | the observedGeneration of each condition is that of the status                    |
 * | S09  | lastTransitionTime moves when the status of that type does, and only then         |
 * | S10  | observedGeneration never goes back                                                |
 * | S11  | messages are constant for one state: no times, no ids                             |
 * | S12  | kstatus agrees: Failed where Stalled, Current where Ready and nothing is going on |
 * | S13  | an object that nobody has looked at is not Current: its status is defaulted       |
 * | S14  | lastTransitionTime is there, RFC 3339 in UTC                                      |
 *
 * Of Flux's: F2 = S01, F4 = S06, F5 = S05, F6 = S07, F8 F9 W5 = S08, W3 W4 = S04. Left out, on purpose: F1 F3 W1
 * (a repair keeps Ready=True beside Reconciling=True, which kstatus calls InProgress; Drifted may stand beside Ready),
 * F7 (an edit comes at any time, before anybody could write), F10 (Flux shows progress before it looks; a look here
 * ends with its generation, failed or not), W2 (Drifted and Paused do not explain Ready).
 */
import type { CommonStatus, Condition, Resource } from '../../operator/core/resource.ts';

const abnormal = new Set(['Reconciling', 'Stalled', 'Paused', 'Drifted', 'Deleting']);
const variable =
  /\d{4}-\d\d-\d\dT\d\d:\d\d|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

type Check = (now: Facts, before: Facts | undefined) => readonly string[];

interface Facts {
  readonly isDeleted: boolean;
  readonly generation: number;
  readonly observedGeneration: number | undefined;
  readonly conditions: readonly Condition[];
}

function factsOf(resource: Resource): Facts {
  const { observedGeneration, conditions = [] } = (resource.status ?? {}) as CommonStatus;
  const { generation, deletionTimestamp } = resource.metadata;
  return { isDeleted: deletionTimestamp !== undefined, generation, observedGeneration, conditions };
}

function statusOf({ conditions }: Facts, type: string): string | undefined {
  return conditions.find((c) => c.type === type)?.status;
}

function isTrue(facts: Facts, type: string): boolean {
  return statusOf(facts, type) === 'True';
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
  S06: (now) =>
    isTrue(now, 'Stalled') && statusOf(now, 'Ready') !== 'False' ? ['Ready is not False'] : [],
  S07: ({ observedGeneration, generation }) =>
    observedGeneration === undefined || observedGeneration > generation
      ? [`observedGeneration ${String(observedGeneration)}, generation ${String(generation)}`]
      : [],
  S08: (now) =>
    each(now, (c) =>
      c.observedGeneration === now.observedGeneration
        ? undefined
        : `${c.type} has ${String(c.observedGeneration)}, the status ${String(now.observedGeneration)}`,
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
  S12: (now) => {
    if (now.isDeleted || now.observedGeneration !== now.generation) return [];
    const kstatus = kstatusOf(now);
    const wanted = wantedKstatus(now);
    return kstatus === wanted ? [] : [`kstatus says ${kstatus}, the conditions ${wanted}`];
  },
  S14: (now) =>
    each(now, ({ type, lastTransitionTime = '' }) =>
      rfc3339.test(lastTransitionTime) ? undefined : `${type}: "${lastTransitionTime}"`,
    ),
};

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

type Kstatus = 'Terminating' | 'InProgress' | 'Failed' | 'Current';

/** In kstatus' own order (pkg/kstatus/status/generic.go, status.go, 2026-08), which knows none of our other types. */
function kstatusOf(facts: Facts): Kstatus {
  const { isDeleted, observedGeneration, generation } = facts;
  if (isDeleted) return 'Terminating';
  if (observedGeneration !== undefined && observedGeneration !== generation) return 'InProgress';
  if (isTrue(facts, 'Reconciling')) return 'InProgress';
  if (isTrue(facts, 'Stalled')) return 'Failed';
  const ready = statusOf(facts, 'Ready');
  // Nothing that it knows: then all is well, it thinks.
  return ready === undefined || ready === 'True' ? 'Current' : 'InProgress';
}

/** What our conditions mean to people. */
function wantedKstatus(facts: Facts): Kstatus {
  if (isTrue(facts, 'Stalled')) return 'Failed';
  return isTrue(facts, 'Ready') && !isTrue(facts, 'Reconciling') ? 'Current' : 'InProgress';
}

/** Broken rules, `S04: Stalled is not True`. Empty: all is well. */
export function brokenStatusRules(resource: Resource, before?: Resource): readonly string[] {
  const now = factsOf(resource);
  if (resource.status === undefined || now.observedGeneration === -1) return [];
  const old = before?.metadata.uid === resource.metadata.uid ? factsOf(before) : undefined;
  return Object.entries(rules).flatMap(([rule, check]) =>
    check(now, old).map((problem) => `${rule}: ${problem}`),
  );
}

/** As `brokenStatusRules`, of an object as the API server has it, which defaults what is missing. */
export function brokenStoredRules(resource: Resource): readonly string[] {
  const facts = factsOf(resource);
  const isUnseen = facts.conditions.length === 0 && !facts.isDeleted;
  const isTaken = isUnseen && kstatusOf(facts) === 'Current';
  return [
    ...(isTaken ? ['S13: kstatus calls it Current, nobody has looked at it'] : []),
    ...brokenStatusRules(resource),
  ];
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

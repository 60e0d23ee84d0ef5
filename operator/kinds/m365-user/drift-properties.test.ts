/** Whoever changes what, and whenever: what the planner shows of it and what it writes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourMs, inHours, nowMs, user, withConditions } from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { expectSoundPlan } from '../../../hack/testing/plan-checks.ts';
import type { DriftPolicy, DriftRules } from '../../api/drift.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import { planUser } from './plan.ts';

const fields = ['jobTitle', 'department', 'companyName'] as const;
type Field = (typeof fields)[number];
const values = ['Buyer', 'Boss', 'Guest'] as const;

interface Step {
  readonly by: 'Git' | 'others';
  readonly field: Field;
  readonly value: (typeof values)[number];
  /** Since the step before. */
  readonly minutes: number;
}

interface Passed extends Step {
  readonly atMs: number;
  readonly declared: string | undefined;
  /** What stood there before the pass. */
  readonly found: EntraUser;
  readonly shown: readonly string[];
  readonly types: readonly string[];
  readonly written: readonly string[];
  readonly after: M365User;
}

const stepBy = (by: fc.Arbitrary<Step['by']>): fc.Arbitrary<Step> =>
  fc.record({
    by,
    field: fc.constantFrom(...fields),
    value: fc.constantFrom(...values),
    minutes: fc.constantFrom(1, 5, 20, 70),
  });
const anySteps = fc.array(stepBy(fc.constantFrom('Git' as const, 'others' as const)), {
  maxLength: 25,
});
const gitSteps = fc.array(stepBy(fc.constant('Git' as const)), { maxLength: 15 });
const policies = fc.constantFrom<DriftPolicy>('Report', 'Correct', 'Adopt', 'Ignore');

/** One pass of the engine: looks, does, and looks again until nothing is left. */
function pass(start: M365User, found: EntraUser, { atMs, rules }: Moment) {
  let [resource, entra] = [start, found];
  const written: string[] = [];
  const first = planUser(resource, observedUser({ entra, driftRules: rules }), atMs);
  for (let round = 0; round < 4; round += 1) {
    const observed = observedUser({ entra, driftRules: rules });
    const plan = planUser(resource, observed, atMs);
    expect(planUser(resource, observed, atMs)).toEqual(plan);
    expectSoundPlan(resource, plan);
    resource = withConditions(
      { ...resource, status: { ...resource.status, ...plan.status } },
      plan.conditions,
    );
    if (plan.actions.length === 0) return { resource, entra, written, first, last: plan };
    for (const action of plan.actions) {
      if (action.name !== 'UpdateEntraUser') continue;
      written.push(...Object.keys(action.patch));
      entra = { ...entra, ...action.patch };
    }
  }
  throw new Error('it did not converge');
}

interface Moment {
  readonly atMs: number;
  readonly rules: DriftRules;
}

function changedInGit({ metadata, ...resource }: M365User, { field, value }: Step): M365User {
  return {
    ...resource,
    metadata: { ...metadata, generation: metadata.generation + 1 },
    spec: { ...resource.spec, [field]: value },
  };
}

function play(steps: readonly Step[], rules: DriftRules, start: M365User): readonly Passed[] {
  let atMs = nowMs;
  let { resource, entra } = pass(start, entraUser({ accountEnabled: true }), { atMs, rules });
  return steps.map((step) => {
    atMs += step.minutes * 60_000;
    if (step.by === 'Git') resource = changedInGit(resource, step);
    const found = step.by === 'Git' ? entra : { ...entra, [step.field]: step.value };
    const done = pass(resource, found, { atMs, rules });
    ({ resource, entra } = done);
    const drift = done.first.status.drift ?? [];
    return {
      ...step,
      atMs,
      declared: resource.spec[step.field],
      found,
      shown: drift.map(({ path }) => path),
      types: drift.map(({ path, type }) => `${path} ${type}`),
      written: done.written,
      after: resource,
    };
  });
}

const declaring = (more: Partial<M365User['spec']> = {}) =>
  user({ spec: { jobTitle: 'Buyer', department: 'Buyer', ...more } });

describe('drift, whoever changes what', () => {
  it('is never what Git alone has changed', () => {
    fc.assert(
      fc.property(gitSteps, policies, (steps, policy) => {
        for (const { shown, written, found, field, value } of play(
          steps,
          { default: policy },
          declaring(),
        )) {
          expect(shown).toEqual([]);
          const isToSet = policy !== 'Ignore' && found[field] !== value;
          expect(written).toEqual(isToSet ? [field] : []);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is neither shown nor written of a field under Ignore', () => {
    fc.assert(
      fc.property(anySteps, policies, (steps, policy) => {
        const rules: DriftRules = {
          default: policy,
          rules: [{ fields: ['jobTitle'], policy: 'Ignore' }],
        };
        for (const { shown, written } of play(steps, rules, declaring())) {
          expect([...shown, ...written]).not.toContain('jobTitle');
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each(['Report', 'Adopt'] as const)(
    'is not written under %s, and shown only under Report',
    (policy) => {
      fc.assert(
        fc.property(anySteps, (steps) => {
          for (const one of play(steps, { default: policy }, declaring())) {
            if (one.by !== 'others' || one.declared === undefined) continue;
            expect(one.written).toEqual([]);
            const isShown = policy === 'Report' && one.found[one.field] !== one.declared;
            expect(one.shown.includes(one.field)).toBe(isShown);
          }
        }),
        { numRuns: 100 },
      );
    },
  );

  it('is set back under Correct, but no more than three times within an hour', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const times = new Map<Field, readonly number[]>();
        for (const one of play(steps, { default: 'Correct' }, declaring())) {
          // What Git decides anew is nobody's fight.
          if (one.by === 'Git') times.delete(one.field);
          if (one.by === 'Git' || one.declared === undefined) continue;
          if (one.found[one.field] === one.declared) continue;
          expect(one.shown).toContain(one.field);
          const isLeft = one.types.includes(`${one.field} Contended`);
          expect(one.written.includes(one.field)).toBe(!isLeft);
          if (isLeft) continue;
          const recent = (times.get(one.field) ?? []).filter((ms) => one.atMs - ms < hourMs);
          times.set(one.field, [...recent, one.atMs]);
          expect(recent.length).toBeLessThan(3);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is not an accepted value until its end, and is any other', () => {
    const acceptedDrift = [
      { field: 'jobTitle', value: 'Guest', reason: 'r', owner: 'o', until: inHours(3) },
    ];
    fc.assert(
      fc.property(anySteps, (steps) => {
        const untilMs = nowMs + 3 * hourMs;
        for (const one of play(steps, { default: 'Report' }, declaring({ acceptedDrift }))) {
          const { jobTitle } = one.found;
          if (jobTitle === 'Guest' && one.atMs < untilMs) {
            expect([...one.shown, ...one.written]).not.toContain('jobTitle');
          }
          if (one.by === 'Git' || one.field !== 'jobTitle' || jobTitle === one.declared) continue;
          const isAccepted = jobTitle === 'Guest' && one.atMs < untilMs;
          expect(one.shown.includes('jobTitle')).toBe(!isAccepted);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('leaves little in status: nothing of a field that is in order for an hour', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const all = play(steps, { default: 'Correct' }, declaring());
        for (const { after, atMs } of all) {
          const { corrections = [], lastApplied = '' } = after.status ?? {};
          // Eight digits for each of name, display name, sign-in and the three fields.
          expect(lastApplied.length).toBeLessThanOrEqual(8 * 6);
          for (const { times, handsOffUntil } of corrections) {
            const endMs = Date.parse(handsOffUntil ?? times.at(-1) ?? '');
            expect(endMs).toBeGreaterThan(handsOffUntil === undefined ? atMs - hourMs : atMs);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

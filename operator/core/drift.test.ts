import { describe, expect, it } from 'vitest';
import { hourMs, inHours, nowMs, user } from '../../hack/testing/build.ts';
import type { DriftEntry } from '../api/common.ts';
import type { AcceptedDrift, DriftPolicy, DriftRules } from '../api/drift.ts';
import {
  type DriftContext,
  type DriftRecord,
  driftedCondition,
  judge,
  lookAgain,
  policyOf,
} from './drift.ts';
import { onChange } from './plan.ts';

const title: DriftEntry = {
  path: 'jobTitle',
  type: 'Different',
  declared: 'Buyer',
  actual: 'Boss',
};
const accepted = (more: Partial<AcceptedDrift> = {}): AcceptedDrift => ({
  field: 'jobTitle',
  value: 'Boss',
  reason: 'until the contract is signed',
  owner: 'hr@contoso.example',
  until: inHours(2),
  ...more,
});

interface Given {
  readonly policy?: DriftPolicy;
  readonly rules?: DriftRules;
  readonly isApplied?: boolean;
  readonly parts?: Parameters<typeof user>[0];
  readonly atMs?: number;
}

function context({ policy, rules, isApplied = true, parts, atMs = nowMs }: Given): DriftContext {
  return {
    resource: user(parts),
    rules: rules ?? (policy === undefined ? undefined : { default: policy }),
    isApplied: () => isApplied,
    nowMs: atMs,
  };
}

/** `shown written`, e.g. `Different yes`. */
function told(given: Given, found: DriftEntry = title): string {
  const { drift, leave } = judge([found], context(given));
  return `${drift[0]?.type ?? 'hidden'} ${leave.has(found.path) ? 'no' : 'yes'}`;
}

const observe = { spec: { managementPolicies: ['Observe' as const] } };
const accepting = (more: Partial<AcceptedDrift> = {}) => ({
  spec: { acceptedDrift: [accepted(more)] },
});
/** Set back so many times, the last some minutes ago. */
const corrected = (times: number, drift: DriftEntry[] = []) => ({
  status: {
    drift,
    corrections: [
      {
        path: 'jobTitle',
        times: Array.from({ length: times }, (_, i) => inHours(-(times - i) / 10)),
      },
    ],
  },
});

describe('a difference', () => {
  it.each<readonly [string, Given, string]>([
    ['by default is shown and set back', {}, 'Different yes'],
    ['under Correct is shown and set back', { policy: 'Correct' }, 'Different yes'],
    ['under Report is shown', { policy: 'Report' }, 'Different no'],
    ['under Adopt stays', { policy: 'Adopt' }, 'hidden no'],
    ['under Ignore stays', { policy: 'Ignore' }, 'hidden no'],
    ['that is our own is set', { isApplied: false }, 'hidden yes'],
    ['that is our own is set under Report', { isApplied: false, policy: 'Report' }, 'hidden yes'],
    ['that is our own is set under Adopt', { isApplied: false, policy: 'Adopt' }, 'hidden yes'],
    ['that is our own stays under Ignore', { isApplied: false, policy: 'Ignore' }, 'hidden no'],
    [
      'is shown where nothing may be changed',
      { isApplied: false, parts: observe },
      'Different yes',
    ],
    ['that is accepted stays', { parts: accepting() }, 'hidden no'],
    ['that is accepted stays, also our own', { parts: accepting(), isApplied: false }, 'hidden no'],
    ['of another value is not accepted', { parts: accepting({ value: 'Chief' }) }, 'Different yes'],
    [
      'of another field is not accepted',
      { parts: accepting({ field: 'surname' }) },
      'Different yes',
    ],
    ['is accepted to its end', { parts: accepting({ until: inHours(0) }) }, 'Different yes'],
    [
      "follows the object's policy before the tenant's",
      { policy: 'Report', parts: { spec: { driftPolicy: 'Correct' } } },
      'Different yes',
    ],
    ['is set back a third time', { parts: corrected(2) }, 'Different yes'],
    ['is contended the fourth time', { parts: corrected(3) }, 'Contended no'],
    [
      'is no fight while a correction is tried again',
      { parts: corrected(3, [title]) },
      'Different yes',
    ],
    ['is no fight after the hour', { parts: corrected(3), atMs: nowMs + hourMs }, 'Different yes'],
    ['is no fight where it is our own', { parts: corrected(3), isApplied: false }, 'hidden yes'],
    [
      'is no fight where it is only shown',
      { parts: corrected(3), policy: 'Report' },
      'Different no',
    ],
  ])('%s', (_, given, expected) => {
    expect(told(given)).toBe(expected);
  });

  it('that is missing is accepted as missing', () => {
    const missing: DriftEntry = { path: 'groups[Sales]', type: 'Missing', declared: 'Sales' };
    const exception = { field: 'groups[Sales]', reason: 'r', owner: 'o', until: inHours(1) };
    expect(told({ parts: { spec: { acceptedDrift: [exception] } } }, missing)).toBe('hidden no');
  });

  it('that is accepted is looked at again at its end', () => {
    const { lookAtMs } = judge([title], context({ parts: accepting() }));
    expect(lookAtMs).toBe(nowMs + 2 * hourMs);
  });
});

describe('the rule of a field', () => {
  const rules: DriftRules = {
    default: 'Report',
    rules: [
      { kinds: ['M365User'], fields: ['groups', 'activeDirectory.title'], policy: 'Ignore' },
      { fields: ['domains.federation'], policy: 'Adopt' },
      { fields: ['groups', 'activeDirectory'], policy: 'Correct' },
    ],
  };
  it.each([
    ['M365User', 'groups[Sales [north].x]', 'Ignore'],
    ['M365Tenant', 'groups[Sales].members', 'Correct'],
    ['M365User', 'activeDirectory.title', 'Ignore'],
    ['M365User', 'activeDirectory.titles', 'Correct'],
    ['M365User', 'activeDirectory.groups[Sales]', 'Correct'],
    ['M365Tenant', 'domains[a.example].federation.issuerUri', 'Adopt'],
    ['M365Tenant', 'domains[a.example].authentication', 'Report'],
    ['M365User', 'jobTitle', 'Report'],
  ])('for %s %s is %s', (kind, path, policy) => {
    expect(policyOf(rules, kind, path)).toBe(policy);
  });
});

describe('a fight', () => {
  /** Judges again and again, as status goes on; each step is at its minute, with what is found. */
  function history(steps: readonly (readonly [minute: number, actual: string | undefined])[]) {
    let status: DriftRecord = {};
    return steps.map(([minute, actual]) => {
      const found = actual === undefined ? [] : [{ ...title, actual }];
      const atMs = nowMs + minute * 60_000;
      const judged = judge(found, { ...context({ atMs }), resource: { ...user(), status } });
      status = { drift: judged.drift, corrections: judged.corrections };
      return judged.drift[0]?.type ?? 'none';
    });
  }
  const rounds = (...minutes: readonly number[]) =>
    minutes.flatMap((m) => [[m, 'Boss'] as const, [m + 1, undefined] as const]);
  const once = ['Different', 'none'];

  it('is left after three corrections within the hour', () => {
    const shown = history([...rounds(0, 10, 20), [30, 'Boss'], [50, 'Boss']]);
    expect(shown).toEqual([...once, ...once, ...once, 'Contended', 'Contended']);
  });

  it('is none where they are further apart', () => {
    const shown = history(rounds(0, 40, 80, 145, 210));
    expect(shown).toEqual([...once, ...once, ...once, ...once, ...once]);
  });

  it('goes on being left while the other writer changes the field', () => {
    const shown = history([...rounds(0, 10, 20), [30, 'Boss'], [80, 'Chief'], [130, 'Chief']]);
    expect(shown.slice(-3)).toEqual(['Contended', 'Contended', 'Contended']);
  });

  it('is over after a quiet hour: the field is set back', () => {
    const shown = history([...rounds(0, 10, 20), [30, 'Boss'], [90, 'Boss'], [91, undefined]]);
    expect(shown.slice(-3)).toEqual(['Contended', 'Different', 'none']);
  });

  it('leaves nothing in status of a field that is in order for an hour', () => {
    const { corrections } = judge([], context({ parts: corrected(3), atMs: nowMs + hourMs }));
    expect(corrections).toBeUndefined();
  });

  it('is over where a look is asked for', () => {
    const held = [{ path: 'jobTitle', times: [inHours(-0.1)], handsOffUntil: inHours(0.9) }];
    const drift = [{ ...title, type: 'Contended' as const }];
    const metadata = { annotations: { 'm365-operator.io/reconcile-requested-at': 'now' } };
    const status = { drift, corrections: held };
    expect(told({ parts: { status } })).toBe('Contended no');
    expect(told({ parts: { status, metadata } })).toBe('Different yes');
  });

  it('lets the other fields go on', () => {
    const other = { ...title, path: 'department' };
    const { leave } = judge([title, other], context({ parts: corrected(3) }));
    expect([...leave]).toEqual(['jobTitle']);
  });

  it('is named in the condition, the same as long as it lasts', () => {
    const { drift } = judge([title], context({ parts: corrected(3) }));
    expect(driftedCondition(drift, user())).toEqual([
      {
        type: 'Drifted',
        status: 'True',
        reason: 'Contended',
        message:
          'changed outside: jobTitle; left to another writer after three corrections within an hour: jobTitle',
      },
    ]);
  });

  it('is named with its other writer, once the audit log has told', () => {
    const { drift } = judge([title], context({ parts: corrected(3) }));
    const named = drift.map((entry) => ({ ...entry, changedBy: 'sync-app' }));
    expect(driftedCondition(named, user())[0]?.message).toMatch(/an hour: jobTitle \(sync-app\)$/);
  });
});

describe('the next look', () => {
  it('is the sooner', () => {
    const soon = { look: 'after', delayMs: 5, reason: 'Poll' } as const;
    expect(lookAgain(onChange, undefined, nowMs)).toBe(onChange);
    expect(lookAgain(soon, nowMs + 10, nowMs)).toBe(soon);
    expect(lookAgain(onChange, nowMs + 10, nowMs)).toMatchObject({ delayMs: 10, reason: 'Drift' });
  });
});

import { describe, expect, it } from 'vitest';
import { hourMs, inHours, nowMs, tenant, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, shown } from '../../../hack/testing/plan-checks.ts';
import type { SecretData } from '../../core/cluster.ts';
import * as act from './actions.ts';
import { applyOnSecret } from './apply-secret.ts';
import type { Look } from './look.ts';
import { initialPassword } from './passwords.ts';
import { planUser } from './plan.ts';
import { signInOf } from './sign-in-look.ts';
import type { Work } from './work.ts';

type OnSecret = Parameters<typeof applyOnSecret>[0];

const dayMs = 24 * hourMs;
const ending = { initialPassword: { secretName: 'mia', expireAfterDays: 7 } };
const stored = (hours: number, more: object = {}) => ({
  passwordSecret: { name: 'mia', storedAt: inHours(hours), ...more },
});
const person = (status: object = {}, spec: object = ending) => user({ spec, status });
const asked = (status: object = {}) => {
  const found = person(status);
  const annotations = { 'm365-operator.io/rotate-password-at': 'now' };
  return { ...found, metadata: { ...found.metadata, annotations } };
};

describe('the password in a Secret', () => {
  it.each([
    ['has days left', person(stored(-24)), [], 6 * dayMs],
    ['is over', person(stored(-24 * 7)), ['ExpirePasswordSecret'], undefined],
    [
      'has no end',
      person(stored(-24 * 7), { initialPassword: { secretName: 'mia' } }),
      [],
      undefined,
    ],
    ['was not put there by the operator', person(), [], undefined],
    ['is gone', person(stored(-24 * 9, { expiredAt: inHours(-48) })), [], undefined],
    ['is a new one since', person(stored(-24, { expiredAt: inHours(-48) })), [], 6 * dayMs],
  ] as const)('%s', (_, resource, actions, delayMs) => {
    const plan = planUser(resource, observedUser(), nowMs);
    expect(actionNames(plan)).toEqual(actions);
    expect(plan.next).toMatchObject(delayMs === undefined ? { look: 'onChange' } : { delayMs });
  });

  const first = {
    initialPassword: { secretName: 'mia', expireAfterDays: 7, expireAtFirstSignIn: true },
  };
  const hours = (at: number) => nowMs + at * hourMs;

  it.each([
    ['nobody has signed in', { lastMs: undefined, isTold: true, nextMs: hours(6) }, [], 6],
    ['that was before', { lastMs: hours(-25), isTold: true, nextMs: hours(6) }, [], 6],
    [
      'somebody has',
      { lastMs: hours(-24), isTold: true, nextMs: hours(6) },
      ['ExpirePasswordSecret'],
      undefined,
    ],
    ['the days end first', { lastMs: undefined, isTold: true, nextMs: hours(200) }, [], 144],
    ['nobody tells', { lastMs: undefined, isTold: false, nextMs: hours(6) }, [], 6],
  ])('goes at the first sign-in: %s', (_, signIn, actions, lookHours) => {
    const plan = planUser(person(stored(-24), first), observedUser({ signIn }), nowMs);
    expect(actionNames(plan)).toEqual(actions);
    if (lookHours !== undefined) expect(plan.next).toMatchObject({ delayMs: lookHours * hourMs });
    expect(shown(plan, 'PasswordExpiry')).toBe(signIn.isTold ? undefined : 'False SignInsUnknown');
  });

  it('stays while an account is still to be made with it', () => {
    const plan = planUser(person(stored(-24 * 7)), observedUser({ entra: undefined }), nowMs);
    expect(actionNames(plan)).toEqual(['CreateEntraUser']);
  });

  it('is on record before it is made, where it has an end', () => {
    const missing = observedUser({ entra: undefined, hasPasswordSecret: false });
    const made = ['CreatePasswordSecret', 'CreateEntraUser'];
    expect(actionNames(planUser(person(), missing, nowMs))).toEqual([
      'RecordPasswordSecret',
      ...made,
    ]);
    expect(actionNames(planUser(person(stored(0)), missing, nowMs))).toEqual(made);
    const endless = person({}, { initialPassword: { secretName: 'mia' } });
    expect(actionNames(planUser(endless, missing, nowMs))).toEqual(made);
  });

  it('begins its days anew with each one', () => {
    expect(actionNames(planUser(asked(stored(-24 * 7)), observedUser(), nowMs))).toEqual([
      'RecordPasswordSecret',
      'RenewPasswordSecret',
      'SetEntraPassword',
    ]);
  });

  it('is on record also where a name that leaves a federated domain needs one', () => {
    const moving = planUser(
      person(stored(-240, { expiredAt: inHours(-1) })),
      observedUser({
        entra: entraUser({ userPrincipalName: 'mia@adfs.example', onPremisesImmutableId: 'QQ==' }),
        federatedDomains: ['adfs.example'],
      }),
      nowMs,
    );
    expect(actionNames(moving)).toEqual(['RecordPasswordSecret', 'UpdateEntraUser']);
  });
});

/** A namespace with this Secret; `patched`: what was written to it. */
function work(data: SecretData | undefined, status: object = {}) {
  const patched: object[] = [];
  const deps = {
    nowMs: () => nowMs,
    randomBytes: (count: number) => new Uint8Array(count),
    cluster: {
      readSecret: () => Promise.resolve(data),
      ensureSecret: () => Promise.resolve({ password: Buffer.from('Correct-Horse-1') }),
      patchSecret: (_: string, name: string, change: object) => {
        patched.push({ [name]: change });
        return Promise.resolve();
      },
    },
  };
  const signal = new AbortController().signal;
  const access = { tenant: tenant(), clients: {} };
  const given = { deps, user: person(status), access, signal };
  return { patched, given: given as unknown as Work };
}

describe('taking a password out', () => {
  const gone = stored(-240, { expiredAt: inHours(-1) });

  it('leaves the other keys alone, and says when', async () => {
    const { patched, given } = work(
      { password: Buffer.from('x'), other: Buffer.from('y') },
      stored(-168),
    );
    const learned = await applyOnSecret(act.expirePasswordSecret as OnSecret, given);
    expect(patched).toEqual([{ mia: { password: null } }]);
    expect(learned.status).toEqual(stored(-168, { expiredAt: inHours(0) }));
  });

  it('has nothing to do where somebody deleted the Secret', async () => {
    const { patched, given } = work(undefined, stored(-168));
    const learned = await applyOnSecret(act.expirePasswordSecret as OnSecret, given);
    expect([patched, learned.status?.passwordSecret?.expiredAt]).toEqual([[], inHours(0)]);
  });

  it('is no reason to refuse a new account: it gets another one', async () => {
    const { patched, given } = work({ other: Buffer.from('y') }, gone);
    const password = await initialPassword(given);
    expect(patched).toEqual([{ mia: { password } }]);
    const missing = work({ other: Buffer.from('y') }).given;
    await expect(initialPassword(missing)).rejects.toMatchObject({ reason: 'SecretKeyMissing' });
  });

  it('is told apart from the next one by its time', async () => {
    const { given } = work(undefined, gone);
    const learned = await applyOnSecret(act.createPasswordSecret as OnSecret, given);
    expect(learned.status).toEqual(stored(0, { expiredAt: inHours(-1) }));
    expect(JSON.stringify(learned)).not.toContain('Correct-Horse');
  });
});

describe('what is looked at for the first sign-in', () => {
  const first = {
    initialPassword: { secretName: 'mia', expireAfterDays: 7, expireAtFirstSignIn: true },
  };
  const look = (status: object, spec: object, signIns = 'Available') => {
    const asked: object[] = [];
    const activity = {
      signIns,
      readMs: nowMs,
      goOnMs: undefined,
      account: () => ({ lastSuccessMs: nowMs - 5 }),
      refresh: (wanted: object) => {
        asked.push(wanted);
        return Promise.resolve();
      },
    };
    const access = { tenantId: 't', clients: { activity: () => activity } };
    const deps = { nowMs: () => nowMs };
    return { asked, of: { user: person(status, spec), deps, access } as unknown as Look };
  };

  it('is one list for all, while a password of ours lies there', async () => {
    for (const { asked, of } of [look({}, first), look(stored(-1), ending)]) {
      expect(await signInOf(of, entraUser(), undefined)).toBeUndefined();
      expect(asked).toEqual([]);
    }
    const { asked, of } = look(stored(-1), first);
    expect(await signInOf(of, entraUser(), adAccount({ lastLogonMs: nowMs - 9 }))).toEqual({
      lastMs: nowMs - 5,
      isTold: true,
      nextMs: nowMs + 6 * hourMs,
    });
    expect(asked).toEqual([{ sinceMs: nowMs - 6 * hourMs, withSignIns: true }]);
  });

  it('is told by Active Directory where Microsoft does not', async () => {
    const { of } = look(stored(-1), first, 'PremiumLicenseMissing');
    expect(await signInOf(of, entraUser(), undefined)).toMatchObject({ isTold: false });
    expect(await signInOf(of, entraUser(), adAccount({ lastLogonMs: nowMs + 3 }))).toMatchObject({
      isTold: true,
      lastMs: nowMs + 3,
    });
  });
});

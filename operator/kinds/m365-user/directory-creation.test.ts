import { describe, expect, it } from 'vitest';
import { tenant, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import type { ActiveDirectory, NewAdAccount } from '../../clients/active-directory/port.ts';
import { terminal } from '../../core/errors.ts';
import type { M365User } from '../../core/objects.ts';
import * as act from './actions.ts';
import { createAdAccount } from './directory-creation.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';
import type { Work } from './work.ts';

type Create = Parameters<typeof createAdAccount>[0];
type Status = NonNullable<M365User['status']>;

const anchor = 'ZoldhbPcmEO5CzvkEuETJw==';
const taken = terminal('another account has this name', { reason: 'NameTaken' });
const create = (given?: string) => act.createAdAccount('OU=contoso', 'mia', given) as Create;

function work(spec: Partial<M365User['spec']> = {}) {
  const deps = { nowMs: () => 0, randomBytes: (count: number) => new Uint8Array(count) };
  const signal = new AbortController().signal;
  const access = { tenant: tenant(), clients: {} };
  return { deps, user: user({ spec }), access, signal } as unknown as Work;
}

/** A domain that refuses the name; `isLogonName`: because of that one. */
const refusing = (isLogonName: boolean) =>
  ({
    createAccount: () => Promise.reject(taken),
    isSamAccountNameTaken: () => Promise.resolve(isLogonName),
  }) as unknown as ActiveDirectory;

describe('a logon name that somebody else gets at the same moment', () => {
  it('is no fault of the person: the next look takes another one', async () => {
    await expect(createAdAccount(create(), work(), refusing(true))).rejects.toMatchObject({
      class: 'Transient',
      reason: 'SamAccountNameTaken',
    });
  });

  it.each([
    ['it is the sign-in name that is taken', {}, false],
    ['it is declared', { activeDirectory: { samAccountName: 'mia' } }, true],
  ])('is theirs to change where %s', async (_, spec, isLogonName) => {
    const creating = createAdAccount(create(), work(spec), refusing(isLogonName));
    await expect(creating).rejects.toBe(taken);
  });
});

describe('the anchor of a new account in Active Directory', () => {
  it('is written where the person has one', async () => {
    const made: NewAdAccount[] = [];
    const directory = {
      createAccount: (account: NewAdAccount) => {
        made.push(account);
        return Promise.resolve(adAccount({ anchor }));
      },
    } as unknown as ActiveDirectory;
    const learned = await createAdAccount(create(anchor), work(), directory);
    expect(made[0]?.anchor).toBe(anchor);
    expect(learned.status?.anchor).toBe(anchor);
  });

  it.each([
    ['nobody has one', {}, {}, undefined],
    ['Entra has one', { entra: entraUser({ onPremisesImmutableId: anchor }) }, {}, anchor],
    [
      'the account in Entra is in the recycle bin',
      { deleted: entraUser({ onPremisesImmutableId: anchor }) },
      {},
      anchor,
    ],
    ['only the record is left', {}, { anchor }, anchor],
    ['Entra lost it', { entra: entraUser() }, { anchor }, undefined],
  ] as const)('%s', (_, found: Partial<ObservedUser>, status: Status, wanted) => {
    const observed = observedUser({
      directoryMode: 'Managed',
      organizationalUnit: 'OU=contoso',
      samAccountName: 'mia',
      entra: undefined,
      ...found,
    });
    const { actions } = planUser(user({ status }), observed, 0);
    expect(actions.find(({ name }) => name === 'CreateAdAccount')).toMatchObject({
      anchor: wanted,
    });
  });
});

it('a password that nobody knows is longer than finer policies ask', async () => {
  const made: NewAdAccount[] = [];
  const directory = {
    passwordPolicy: () => Promise.resolve({ minLength: 7, isComplex: true }),
    createAccount: (account: NewAdAccount) => {
      made.push(account);
      return Promise.resolve(adAccount());
    },
  } as unknown as ActiveDirectory;
  await createAdAccount(create(), work(), directory);
  expect(made[0]?.password).toHaveLength(64);
});

describe('a password that the domain would refuse', () => {
  it('is refused before anything is written', async () => {
    const written: string[] = [];
    const directory = {
      passwordPolicy: () => Promise.resolve({ minLength: 20, isComplex: true }),
      ensureOrganizationalUnit: () => written.push('OU'),
      createAccount: () => written.push('account'),
    } as unknown as ActiveDirectory;
    const given = work({ initialPassword: { secretName: 'mia' } });
    const managed = {
      ...given,
      deps: {
        ...given.deps,
        cluster: {
          readSecret: () => Promise.resolve({ password: Buffer.from('Long-enough-4-us') }),
        },
      },
      access: {
        tenant: tenant({ spec: { identity: { activeDirectory: 'Managed', passwords: 'Both' } } }),
        clients: { activeDirectory: directory },
      },
    } as unknown as Work;
    await expect(createAdAccount(create(), managed, directory)).rejects.toMatchObject({
      class: 'Terminal',
      reason: 'PasswordNotAccepted',
      message: expect.stringContaining('20 to 256 characters'),
    });
    expect(written).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { connection } from '../../../hack/testing/build.ts';
import { failureOf, signal } from '../../../hack/testing/cloud.ts';
import { type OperatorError, terminal, transient, wait } from '../../core/errors.ts';
import type { Deps } from '../access.ts';
import { observeConnection } from './remote.ts';

interface Failures {
  readonly verifyAppToken?: OperatorError;
  readonly verifyUserToken?: OperatorError;
  readonly getCatalogItem?: OperatorError;
  readonly verify?: OperatorError;
}

function depsWith(failures: Failures): Deps {
  const answer =
    <T>(name: keyof Failures, value: T) =>
    () => {
      const failure = failures[name];
      return failure === undefined ? Promise.resolve(value) : Promise.reject(failure);
    };
  const clients = {
    partnerCenter: {
      clockOffsetMs: 0,
      verifyAppToken: answer('verifyAppToken', undefined),
      verifyUserToken: answer('verifyUserToken', { isMfaCompliant: true }),
      getCatalogItem: answer('getCatalogItem', {}),
      listCustomers: () => Promise.resolve([{}, {}]),
    },
    activeDirectory: { verify: answer('verify', { defaultNamingContext: 'DC=example' }) },
  };
  return {
    nowMs: () => 0,
    cluster: {
      referencingInAllShards: () => Promise.resolve([]),
      readSecret: () => Promise.resolve({}),
    },
    clientsFor: () => ({ clients, credentialsExpireOn: undefined }),
  } as unknown as Deps;
}

const look = (failures: Failures) => observeConnection(depsWith(failures), connection(), signal);

const outage = transient('Partner Center answers 503', { reason: 'ServiceUnavailable' });
const throttled = wait('Partner Center asks to wait', { reason: 'Throttled', holdsFlow: true });
const refused = terminal('the secret is wrong', { reason: 'InvalidClient' });

describe('what is looked at for a connection', () => {
  it('is all of it', async () => {
    expect(await look({})).toMatchObject({
      appAccess: { ok: true, value: { customers: 2 } },
      userAccess: { ok: true },
      catalog: { ok: true, value: { found: 1, missing: [] } },
      directory: { ok: true },
    });
  });

  it.each(['verifyAppToken', 'verifyUserToken', 'getCatalogItem'] as const)(
    'fails as a whole where the cloud is out of order or asks to wait: %s',
    async (name) => {
      expect(await failureOf(look({ [name]: outage }))).toBe(outage);
      expect(await failureOf(look({ [name]: throttled }))).toBe(throttled);
    },
  );

  it('tells what is refused, and a directory that is not there, as found', async () => {
    expect(await look({ verifyAppToken: refused })).toMatchObject({
      appAccess: { ok: false, error: refused },
    });
    expect(await look({ verify: outage })).toMatchObject({
      directory: { ok: false, error: outage },
    });
  });

  it.each([
    ['broke in this moment', outage, true],
    ['is refused', refused, false],
  ])('asks the directory once more where the connection %s', async (_, first, isFine) => {
    const deps = depsWith({});
    const { clients } = deps.clientsFor({} as never);
    let tries = 0;
    const verify = () => {
      tries += 1;
      const found = { defaultNamingContext: 'DC=example', controller: 'ldaps://dc2' };
      return tries === 1 ? Promise.reject(first) : Promise.resolve(found);
    };
    Object.assign(clients, { activeDirectory: { verify } });
    const { directory } = await observeConnection(deps, connection(), signal);
    expect(directory?.ok).toBe(isFine);
    expect(tries).toBe(isFine ? 2 : 1);
  });
});

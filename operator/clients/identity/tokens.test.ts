import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, partnerSecret, signal } from '../../../hack/testing/cloud.ts';
import type { HttpRequest } from '../http.ts';
import { certificateExpiry, directoryCredentials, partnerCredentials } from './credentials.ts';
import { claimsOf, Tokens } from './tokens.ts';

const partnerCenter = 'https://api.partnercenter.microsoft.com';
const graph = 'https://graph.microsoft.com';
const { tenantId } = DEFAULT_PARTNER;
let cloud: Cloud;
beforeAll(async () => {
  cloud = await Cloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => {
  cloud.simulator.faults.clear();
  cloud.stored.length = 0;
  cloud.aheadMs = 0;
});

const asked = (grant: string) =>
  cloud.simulator.journal
    .since(0)
    .entries.filter(
      ({ service, body }) =>
        service === 'login' && (body as { grant_type?: string } | undefined)?.grant_type === grant,
    ).length;

/** Without a pool of connections of its own: answers come from `answer`. */
function withAnswer(
  answer: { status: number; text: string },
  refreshToken: string | undefined = 'r1',
) {
  const requests: string[] = [];
  const stored: string[] = [];
  const tokens = new Tokens({
    loginUrl: 'https://login.test',
    credentials: {
      clientId: 'app',
      clientSecret: 'canary-secret',
      clientCertificate: undefined,
      refreshToken,
    },
    nowMs: () => cloud.aheadMs,
    transport: ({ body }) => {
      requests.push(body ?? '');
      return Promise.resolve({ headers: {}, ...answer });
    },
    onRefreshToken: (token) => {
      stored.push(token);
      return Promise.resolve();
    },
  });
  return { tokens, requests, stored };
}

describe('the token of the application', () => {
  it('is asked for once, and again where a fresh one is wanted', async () => {
    const { partnerCenter: port } = cloud.clients();
    await port.verifyAppToken(signal);
    const before = asked('client_credentials');
    await port.verifyAppToken(signal);
    expect(asked('client_credentials')).toBe(before);
  });

  it.each([
    ['a wrong secret', { clientSecret: 'canary-secret' }, 'ClientSecretInvalid'],
    [
      'an application that is unknown',
      { clientId: '0f6a7c1e-9d53-4a7b-8a24-000000000000' },
      'ApplicationNotFound',
    ],
  ])('%s is told as that, without it', async (_, change, reason) => {
    const { partnerCenter: port } = cloud.clients({ ...partnerSecret, ...change });
    const error = await failureOf(port.verifyAppToken(signal));
    expect(error).toMatchObject({ class: 'Terminal', reason });
    expect(error.message).not.toContain('canary-secret');
  });

  it.each([
    [7_000_222, 'Terminal', 'ClientSecretExpired'],
    [53_003, 'Wait', 'BlockedByConditionalAccess'],
  ])('AADSTS%i', async (aadsts, errorClass, reason) => {
    cloud.fault({ service: 'login', path: 'token$', kind: 'status', aadsts });
    const port = cloud.clients(partnerSecret, `aadsts-${aadsts}`).partnerCenter;
    expect(await failureOf(port.verifyAppToken(signal))).toMatchObject({
      class: errorClass,
      reason,
    });
    await port.verifyAppToken(signal);
  });

  it('is of the tenant that is asked for, and a fresh one of one tenant leaves those of others', async () => {
    const { tokens } = tokensOf(DEFAULT_PARTNER);
    const others = ['One', 'Another'].map((name) => cloud.simulator.addPartner({ name }).tenantId);
    const { login } = cloud.simulator.urls;
    for (const id of others)
      await fetch(`${login}/${id}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`);
    const tenants = [tenantId, ...others];
    const ask = () => Promise.all(tenants.map((id) => tokens.app(id, graph, signal)));
    const first = await ask();
    expect(first.map((token) => decodeJwt(token)['tid'])).toEqual(tenants);
    const fresh = await tokens.app(tenantId, graph, signal, true);
    expect(decodeJwt(fresh)['tid']).toBe(tenantId);
    expect(fresh).not.toBe(first[0]);
    expect(await ask()).toEqual([fresh, ...first.slice(1)]);
  });

  it('is the fresh one, also where an older login is answered after it', async () => {
    const { tokens } = tokensOf(DEFAULT_PARTNER);
    cloud.fault({ service: 'login', path: 'token$', kind: 'delay', delayMs: 300 });
    const older = tokens.app(tenantId, graph, signal);
    await vi.waitFor(() => expect(cloud.simulator.faults.list()).toEqual([]));
    const fresh = await tokens.app(tenantId, graph, signal, true);
    expect(await older).not.toBe(fresh);
    expect(await tokens.app(tenantId, graph, signal)).toBe(fresh);
  });

  it('comes over our own connections: each request by its name, and no answer in a form that they do not read', async () => {
    const { tokens, sent } = tokensOf(DEFAULT_PARTNER);
    await tokens.app(tenantId, graph, signal);
    expect(sent).toMatchObject([
      { method: 'GET', operation: 'DiscoverLogin', isSafeToRepeat: true },
      { method: 'POST', operation: 'AcquireToken', isSafeToRepeat: true },
    ]);
    for (const { headers } of sent) expect(headers).not.toHaveProperty('accept-encoding');
  });

  it("finds out login's addresses once for a hundred tenants", async () => {
    const { tokens } = tokensOf(DEFAULT_PARTNER);
    const { login } = cloud.simulator.urls;
    const { next } = cloud.simulator.journal.since(0);
    for (let n = 0; n <= 100; n += 1) {
      const { tenantId: id } = cloud.simulator.addPartner({ name: `Tenant ${n}` });
      await fetch(`${login}/${id}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`);
      await tokens.app(id, graph, signal);
    }
    const { entries } = cloud.simulator.journal.since(next);
    const asked = entries.filter(({ path }) => path.endsWith('openid-configuration'));
    expect(asked).toHaveLength(2);
  });

  it('is transient where login breaks down', async () => {
    cloud.fault({ service: 'login', path: 'token$', kind: 'status', status: 503, times: 9 });
    const port = cloud.clients(partnerSecret, 'login-down').partnerCenter;
    expect(await failureOf(port.verifyAppToken(signal))).toMatchObject({ class: 'Transient' });
    cloud.simulator.faults.clear();
  });

  it('ends with the signal, not with an error of ours', async () => {
    const stopping = AbortSignal.abort(new Error('stopping'));
    const port = cloud.clients(partnerSecret, 'aborted').partnerCenter;
    await expect(port.verifyAppToken(stopping)).rejects.toThrow('stopping');
  });
});

describe('the token of the service user', () => {
  it('rotates its refresh token, which is stored before the token is used', async () => {
    const { partnerCenter: port } = cloud.clients(partnerSecret, 'rotation');
    expect(await port.verifyUserToken(signal)).toEqual({ isMfaCompliant: true });
    expect(cloud.stored).toHaveLength(1);
    expect(cloud.stored[0]).not.toBe(DEFAULT_PARTNER.refreshToken);
  });

  it('stays while it is good, and is renewed five minutes before its end', async () => {
    const { partnerCenter: port } = cloud.clients(partnerSecret, 'renewal');
    const before = asked('refresh_token');
    await Promise.all([port.verifyUserToken(signal), port.verifyUserToken(signal)]);
    cloud.aheadMs = 50 * 60_000;
    await port.verifyUserToken(signal);
    expect(asked('refresh_token')).toBe(before + 1);
    cloud.aheadMs = 55 * 60_000;
    await port.verifyUserToken(signal);
    expect(asked('refresh_token')).toBe(before + 2);
  });

  it('is taken anew where a person puts another refresh token into the Secret', async () => {
    const expired = { ...partnerSecret, refreshToken: 'canary-expired' };
    const broken = cloud.clients(expired, 'replaced').partnerCenter;
    const error = await failureOf(broken.verifyUserToken(signal));
    expect(error.class).toBe('Terminal');
    expect(error.message).not.toContain('canary');
    const repaired = cloud.clients(partnerSecret, 'replaced').partnerCenter;
    expect(await repaired.verifyUserToken(signal)).toEqual({ isMfaCompliant: true });
  });

  it('keeps its clients, and what they know, whatever refresh token the Secret holds', async () => {
    const first = cloud.clients(partnerSecret, 'kept');
    await first.partnerCenter.verifyUserToken(signal);
    const refreshToken = cloud.stored[0] ?? '';
    expect(cloud.clients({ ...partnerSecret, refreshToken }, 'kept')).toBe(first);
    // One that is not ours was put there by a person: it is used at once, though the token from before is still good.
    expect(cloud.clients({ ...partnerSecret, refreshToken: 'another' }, 'kept')).toBe(first);
    expect(await failureOf(first.partnerCenter.verifyUserToken(signal))).toMatchObject({
      reason: 'RefreshTokenExpired',
    });
    expect(cloud.clients({ ...partnerSecret, refreshToken }, 'kept')).toBe(first);
    await first.partnerCenter.verifyUserToken(signal);
  });

  it('says that MFA was not done', async () => {
    const partner = cloud.simulator.addPartner({ name: 'No MFA', mfa: false });
    const { tokens } = tokensOf(partner);
    const token = await tokens.user(
      partner.tenantId,
      `${partnerCenter}/user_impersonation`,
      signal,
    );
    expect(claimsOf(token).amr).not.toContain('mfa');
  });

  it('says that the refresh token has expired', async () => {
    const partner = cloud.simulator.addPartner({ name: 'Long ago' });
    cloud.simulator.world.clock.advance(91 * 86_400_000);
    const { tokens } = tokensOf(partner);
    const error = await failureOf(
      tokens.user(partner.tenantId, `${partnerCenter}/user_impersonation`, signal),
    );
    expect(error).toMatchObject({ class: 'Terminal', reason: 'RefreshTokenExpired' });
  });

  it('needs a refresh token', async () => {
    const { tokens } = withAnswer({ status: 200, text: '' }, undefined);
    const none = new Tokens({
      loginUrl: 'https://login.test',
      credentials: {
        clientId: 'app',
        clientSecret: 's',
        clientCertificate: undefined,
        refreshToken: undefined,
      },
      nowMs: () => 0,
      transport: () => Promise.reject(new Error('not asked')),
      onRefreshToken: () => Promise.resolve(),
    });
    expect(await failureOf(none.user(tenantId, `${graph}/.default`, signal))).toMatchObject({
      class: 'Wait',
      reason: 'RefreshTokenMissing',
    });
    expect(tokens.clientId).toBe('app');
  });

  it.each([
    ['no JSON', { status: 200, text: '<html>' }],
    ['no token', { status: 200, text: '{"expires_in":3599}' }],
    ['no reason', { status: 500, text: '' }],
  ])('is transient where the answer has %s', async (_, answer) => {
    const { tokens, stored } = withAnswer(answer);
    const error = await failureOf(tokens.user(tenantId, `${graph}/.default`, signal));
    expect(error.class).toBe('Transient');
    expect(error.message).not.toContain('canary');
    expect(stored).toEqual([]);
  });

  it('sends the refresh token that it has by now, one redemption at a time', async () => {
    const text = JSON.stringify({ access_token: 'a', expires_in: '3599', refresh_token: 'r2' });
    const { tokens, requests, stored } = withAnswer({ status: 200, text });
    await Promise.all([
      tokens.user(tenantId, `${graph}/.default`, signal),
      tokens.user(tenantId, `${graph}/.default`, signal),
    ]);
    await tokens.user(tenantId, `${partnerCenter}/user_impersonation`, signal);
    expect(requests.map((body) => new URLSearchParams(body).get('refresh_token'))).toEqual([
      'r1',
      'r2',
    ]);
    expect(stored).toEqual(['r2']);
  });
});

function tokensOf({
  clientId,
  clientSecret,
  refreshToken,
}: {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}) {
  const rotated: string[] = [];
  const sent: HttpRequest[] = [];
  const tokens = new Tokens({
    loginUrl: cloud.simulator.urls.login,
    credentials: { clientId, clientSecret, clientCertificate: undefined, refreshToken },
    nowMs: () => Date.now(),
    transport: async (request) => {
      sent.push(request);
      const { url, method, headers, body } = request;
      const response = await fetch(url, { method, headers, body: body ?? null });
      return { status: response.status, headers: {}, text: await response.text() };
    },
    onRefreshToken: (token) => {
      rotated.push(token);
      return Promise.resolve();
    },
  });
  return { tokens, rotated, sent };
}

describe('credentials', () => {
  const bytes = (data: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, new TextEncoder().encode(value)]),
    );

  it('are read without the line end that editors add, and empty is absent', () => {
    const read = partnerCredentials(
      's',
      bytes({ clientId: 'app\n', clientSecret: ' \n', refreshToken: 'r' }),
    );
    expect(read).toEqual({
      clientId: 'app',
      clientSecret: undefined,
      clientCertificate: undefined,
      refreshToken: 'r',
    });
    expect(certificateExpiry(read)).toBeUndefined();
  });

  it.each(['bindDN', 'bindPassword', 'ca.crt'])('name the key that is missing: %s', (key) => {
    const { [key]: _, ...rest } = { bindDN: 'a', bindPassword: 'canary', 'ca.crt': 'c' } as Record<
      string,
      string
    >;
    expect(() => directoryCredentials('corp-ad', bytes(rest))).toThrow(
      `Secret "corp-ad" has no key "${key}"`,
    );
  });

  it('need a client id', () => {
    expect(() => partnerCredentials('s', {})).toThrow('Secret "s" has no key "clientId"');
  });

  it('say that a certificate is none, without it', () => {
    const credentials = partnerCredentials(
      's',
      bytes({ clientId: 'app', clientCertificate: 'canary' }),
    );
    expect(() => certificateExpiry(credentials)).toThrow(
      'clientCertificate is not a PEM certificate',
    );
  });
});

describe('claims', () => {
  it('of what is no token are none', () => {
    for (const token of ['', 'a', 'a.b.c', 'a.e30.c']) expect(claimsOf(token)).toEqual({});
  });
});

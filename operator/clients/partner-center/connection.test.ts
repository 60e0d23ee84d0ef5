import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { HttpRequest, HttpResponse, Transport } from '../http.ts';
import { Tokens } from '../identity/tokens.ts';
import { createPartnerCenter } from './client.ts';
import type { PartnerCenter } from './port.ts';

const startAt = '2026-09-01T09:00:00.000Z';

let cloud: Cloud;

let port: PartnerCenter;

beforeAll(async () => {
  cloud = await Cloud.start({ startAt });
  port = cloud.clients().partnerCenter;
});

afterAll(() => cloud.stop());

beforeEach(() => {
  cloud.simulator.faults.clear();
});

/** Over a transport of its own: for answers that the simulator does not give. */
function portWith(answer: (request: HttpRequest) => Partial<HttpResponse>) {
  const sent: HttpRequest[] = [];
  const transport: Transport = (request) => {
    sent.push(request);
    return Promise.resolve({ status: 200, headers: {}, text: '', ...answer(request) });
  };
  const tokens = new Tokens({
    loginUrl: cloud.simulator.urls.login,
    credentials: {
      clientId: 'app',
      clientSecret: 's',
      clientCertificate: undefined,
      refreshToken: 'r',
    },
    nowMs: () => 0,
    transport: () => Promise.reject(new Error('not asked')),
    onRefreshToken: () => Promise.resolve(),
  });
  tokens.app = () => Promise.resolve('canary-token');
  tokens.user = () => Promise.resolve('canary-token');
  const one = createPartnerCenter({
    partnerTenantId: 'p',
    url: 'https://partner.test',
    resource: 'https://partner.test',
    tokens,
    transport,
    nowMs: () => Date.parse(startAt),
  });
  return { one, sent };
}

const json = (value: unknown) => ({ text: JSON.stringify(value) });

describe('answers of another form', () => {
  it.each(['', '<html>', '[]', '{"items":3}', '{"items":[{}]}', 'null'])(
    'are transient: %s',
    async (text) => {
      const { one } = portWith(() => ({ text }));
      for (const call of [one.listCustomers(signal), one.listSubscriptions('c', signal)]) {
        const error = await failureOf(call);
        expect(error).toMatchObject({ class: 'Transient', reason: 'UnexpectedAnswer' });
        expect(error.message).not.toContain('canary');
      }
    },
  );

  it('of a subscription to be changed stop the change', async () => {
    const { one, sent } = portWith(() => json({ id: 's' }));
    expect(
      await failureOf(one.changeSubscription('c', 's', { what: 'Seats', quantity: 1 }, signal)),
    ).toMatchObject({
      class: 'Transient',
      reason: 'UnexpectedAnswer',
    });
    expect(sent.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('a change', () => {
  const resource = {
    id: 'S',
    offerId: 'P:0002:A',
    quantity: 5,
    status: 'active',
    autoRenewEnabled: true,
    renewalTermDuration: 'P1Y',
    scheduledNextTermInstructions: {
      quantity: 3,
      product: { termDuration: 'P1Y', billingCycle: 'Monthly' },
    },
    somethingNew: { of: ['Microsoft'] },
  };

  const product = {
    productId: 'P',
    skuId: '0002',
    availabilityId: 'A',
    termDuration: 'P1Y',
    billingCycle: 'monthly',
  };

  it.each([
    ['seats', { what: 'Seats', quantity: 7 }, { quantity: 7 }],
    ['a cancellation', { what: 'Cancel' }, { status: 'deleted' }],
    [
      'the end of the term',
      { what: 'EndOfTerm', endOfTerm: 'Cancel' },
      {
        autoRenewEnabled: false,
        scheduledActions: [{ scheduleType: 'TermEnd', actionType: 'Cancel' }],
      },
    ],
    [
      'the next term, which no action at the end of this one overrules,',
      { what: 'NextTerm', nextTerm: { ...product, quantity: 2 } },
      {
        autoRenewEnabled: true,
        scheduledNextTermInstructions: { product, quantity: 2 },
        scheduledActions: [],
      },
    ],
  ] as const)('of %s sends back everything that was read', async (_, change, changed) => {
    const read = {
      ...resource,
      cancellationAllowedUntilDate: '9999-01-01T00:00:00Z',
      scheduledActions: [{ scheduleType: 'TermEnd', actionType: 'RenewToNewTerm' }],
    };
    const { one, sent } = portWith(() => json(read));
    await one.changeSubscription('c', 's', change, signal);
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual({ ...read, ...changed });
    expect(sent[1]?.headers['if-match']).toBeUndefined();
  });

  it('gives nothing back where the window has closed since', async () => {
    const { one, sent } = portWith(() => json(resource));
    const fewer = one.changeSubscription('c', 's', { what: 'Seats', quantity: 4 }, signal);
    expect(await failureOf(fewer)).toMatchObject({ reason: 'ReductionWindowClosed' });
    const cancelled = one.changeSubscription('c', 's', { what: 'Cancel' }, signal);
    expect(await failureOf(cancelled)).toMatchObject({ reason: 'CancellationWindowClosed' });
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  it('goes only over what was planned, where others have changed the seats', async () => {
    const { one, sent } = portWith(() => json(resource));
    const change = { what: 'Seats', quantity: 7, from: 4 } as const;
    expect(await failureOf(one.changeSubscription('c', 's', change, signal))).toMatchObject({
      reason: 'ConcurrentChange',
    });
    expect(sent.map(({ method }) => method)).toEqual(['GET']);
  });

  it('goes only over what was read, where there is an etag', async () => {
    const { one, sent } = portWith(() => json({ ...resource, attributes: { etag: '"abc"' } }));
    await one.changeSubscription('c', 's', { what: 'Seats', quantity: 7 }, signal);
    expect(sent[1]?.headers['if-match']).toBe('"abc"');
  });
});

describe('pages', () => {
  const customer = (id: string) => ({ id, companyProfile: { domain: `${id}.onmicrosoft.com` } });

  it.each([
    [
      '/customers?size=500&seekOperation=Next',
      'https://partner.test/v1/customers?size=500&seekOperation=Next',
    ],
    ['/v1/customers?seekOperation=Next', 'https://partner.test/v1/customers?seekOperation=Next'],
    ['https://evil.test/v1/customers', 'https://partner.test/v1/https://evil.test/v1/customers'],
    ['//evil.test/v1/customers', 'https://partner.test/v1//evil.test/v1/customers'],
  ])('are followed on our own address only: %s', async (uri, url) => {
    const next = { uri, headers: [{ key: 'MS-ContinuationToken', value: 'more' }] };
    const { one, sent } = portWith(({ headers }) =>
      json(
        headers['ms-continuationtoken'] === undefined
          ? { items: [customer('a')], links: { next } }
          : { items: [customer('b')] },
      ),
    );
    expect((await one.listCustomers(signal)).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(sent[1]).toMatchObject({ url, headers: { 'ms-continuationtoken': 'more' } });
  });

  it('end, also where the service never ends them', async () => {
    const links = { next: { uri: '/customers', headers: null } };
    const { one, sent } = portWith(() => json({ items: [], links }));
    expect(await failureOf(one.listCustomers(signal))).toMatchObject({ class: 'Bug' });
    expect(sent).toHaveLength(400);
  });
});

describe('the commerce clock', () => {
  it('is the one of Microsoft', async () => {
    await port.listCustomers(signal);
    const offset = cloud.simulator.world.clock.nowMs() - Date.now();
    expect(Math.abs(port.clockOffsetMs - offset)).toBeLessThan(5_000);
  });

  it('stays as it was where an answer has no date', async () => {
    const date = 'Tue, 01 Sep 2026 10:00:00 GMT';
    const headers: Record<string, string>[] = [{ date }, {}];
    const { one } = portWith(() => ({ ...json({ items: [] }), headers: headers.shift() ?? {} }));
    expect(one.clockOffsetMs).toBe(0);
    await one.listCustomers(signal);
    await one.listCustomers(signal);
    expect(one.clockOffsetMs).toBe(3_600_000);
  });
});

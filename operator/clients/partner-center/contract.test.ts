import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commerceOf } from '../../../hack/simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER } from '../../../hack/simulator/seed.ts';
import { createSpec, offer } from '../../../hack/testing/build.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { HttpRequest, HttpResponse, Transport } from '../http.ts';
import { Tokens } from '../identity/tokens.ts';
import { createPartnerCenter } from './client.ts';
import type { Agreement, NewCustomer, PartnerCenter } from './port.ts';

const startAt = '2026-09-01T09:00:00.000Z';
const northwind = DEFAULT_CUSTOMER.tenantId;
/** A new customer is in no list for a while. */
const listLagMs = 60 * 60_000;
let cloud: Cloud;
let port: PartnerCenter;
let customers = 0;

beforeAll(async () => {
  cloud = await Cloud.start({ startAt });
  port = cloud.clients().partnerCenter;
});
afterAll(() => cloud.stop());
beforeEach(() => {
  cloud.simulator.faults.clear();
});

const { contact, agreement, ...company } = createSpec;
function newCustomer(overrides: Partial<NewCustomer> = {}): NewCustomer {
  customers += 1;
  return {
    domain: `contoso${customers}.onmicrosoft.com`,
    companyName: company.companyName,
    email: contact.email,
    firstName: contact.firstName,
    lastName: contact.lastName,
    language: 'de',
    culture: 'de-DE',
    address: { country: 'DE', ...company.address },
    ...overrides,
  };
}
const create = (customer = newCustomer(), requestId: string = crypto.randomUUID()) =>
  port.createCustomer(customer, requestId, signal);
const confirmation = async (): Promise<Agreement> => ({
  primaryContact: { firstName: 'Ada', lastName: 'Admin', email: agreement.email },
  dateAgreed: '2026-08-15T00:00:00Z',
  templateId: await port.getAgreementTemplateId(signal),
});
async function readyCustomer(): Promise<string> {
  const { id } = await create();
  await port.confirmAgreement(id, await confirmation(), signal);
  return id;
}
async function line(customerId: string, quantity = 5) {
  const all = await port.listAvailabilities(customerId, offer.productId, offer.skuId, signal);
  const match = all.find(({ term, billingCycle }) => term === 'P1Y' && billingCycle === 'monthly');
  if (match === undefined) throw new Error('not sold for a year billed monthly');
  return { ...match, friendlyName: 'acme/premium', quantity };
}
async function buy(customerId: string, quantity = 5): Promise<string> {
  const requestId = crypto.randomUUID();
  const cart = await port.createCart(
    customerId,
    await line(customerId, quantity),
    requestId,
    signal,
  );
  expect(cart.lineErrors).toEqual([]);
  await port.checkoutCart(customerId, cart.id, requestId, signal);
  const [bought] = await port.listSubscriptions(customerId, signal);
  return bought!.id;
}
const requests = (method: string, path: RegExp) =>
  cloud.simulator.journal
    .since(0)
    .entries.filter((entry) => entry.method === method && path.test(entry.path));

describe('before a customer exists', () => {
  it('tells whether a domain is taken', async () => {
    expect(await port.isDomainTaken(DEFAULT_CUSTOMER.initialDomain, signal)).toBe(true);
    expect(await port.isDomainTaken('nobody-has-this.onmicrosoft.com', signal)).toBe(false);
  });

  it('reads the rules of a country', async () => {
    expect(await port.getCountryRules('DE', signal)).toMatchObject({ isCityRequired: true });
    const us = await port.getCountryRules('US', signal);
    expect(us.isStateRequired).toBe(true);
    expect(us.states).toContain('WA');
  });

  it('checks an address, with suggestions', async () => {
    const check = await port.checkAddress({ country: 'DE', ...company.address }, signal);
    expect(check.status).toMatch(/Verified/);
  });
});

describe('a customer', () => {
  it('is created, found by id and by domain, and its password is told once', async () => {
    const wanted = newCustomer();
    const requestId = crypto.randomUUID();
    const created = await create(wanted, requestId);
    expect(created.admin).toMatchObject({ userName: expect.any(String) as string });
    expect(created.requestId).toBe(requestId);
    expect(await port.getCustomer(created.id, signal)).toMatchObject({
      id: created.id,
      domain: wanted.domain,
      companyName: 'Contoso GmbH',
      relationship: 'reseller',
    });
    cloud.simulator.world.clock.advance(listLagMs);
    expect(await port.findCustomerByDomain(wanted.domain.toUpperCase(), signal)).toMatchObject({
      id: created.id,
    });
    const replayed = await create(wanted, requestId);
    expect(replayed.id).toBe(created.id);
    expect(replayed.admin).toBeUndefined();
  });

  it('is created once where the answer is lost', async () => {
    const wanted = newCustomer();
    const requestId = crypto.randomUUID();
    cloud.fault({
      service: 'partnerCenter',
      method: 'POST',
      path: '/customers$',
      kind: 'lostAnswer',
    });
    const error = await failureOf(create(wanted, requestId));
    expect(error).toMatchObject({ class: 'Transient', reason: 'ConnectionFailed' });
    // The list does not have it yet: only the replay tells.
    const repeated = await create(wanted, requestId);
    cloud.simulator.world.clock.advance(listLagMs);
    const found = await port.findCustomerByDomain(wanted.domain, signal);
    expect(found?.id).toBe(repeated.id);
    expect(
      (await port.listCustomers(signal)).filter(({ domain }) => domain === wanted.domain),
    ).toHaveLength(1);
  });

  it('is not found where there is none, nor by the beginning of its domain', async () => {
    expect(await port.getCustomer(crypto.randomUUID(), signal)).toBeUndefined();
    expect(await port.findCustomerByDomain('northwind', signal)).toBeUndefined();
    expect(
      await port.findCustomerByDomain('nobody-has-this.onmicrosoft.com', signal),
    ).toBeUndefined();
  });

  it('says that its domain is taken', async () => {
    const taken = newCustomer({ domain: DEFAULT_CUSTOMER.initialDomain });
    expect(await failureOf(create(taken))).toMatchObject({
      class: 'Terminal',
      reason: 'DomainPrefixTaken',
    });
  });

  it('says that the country is not in the region', async () => {
    const abroad = newCustomer({
      address: { ...company.address, country: 'US', state: 'WA', postalCode: '98052' },
    });
    expect(await failureOf(create(abroad))).toMatchObject({
      class: 'Terminal',
      reason: 'CountryNotInRegion',
    });
  });

  it('is listed over many pages', async () => {
    const before = (await port.listCustomers(signal)).length;
    const pages = requests('GET', /^\/v1\/customers$/).length;
    const { customers: known } = commerceOf(cloud.simulator.world);
    const [sample] = known.values();
    const extra = Array.from(
      { length: 1_001 },
      (_, i) => `00000000-0000-4000-9000-${String(i).padStart(12, '0')}`,
    );
    for (const id of extra) known.set(id, { ...sample!, id } as never);
    const listed = await port.listCustomers(signal);
    for (const id of extra) known.delete(id);
    expect(listed).toHaveLength(before + 1_001);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    expect(requests('GET', /^\/v1\/customers$/).length - pages).toBe(3);
  });
});

describe('the agreement', () => {
  it('is absent, confirmed, there, and confirmed again without harm', async () => {
    const { id } = await create();
    expect(await port.getAgreement(id, signal)).toBeUndefined();
    const wanted = await confirmation();
    await port.confirmAgreement(id, wanted, signal);
    const found = await port.getAgreement(id, signal);
    expect(found).toMatchObject({ primaryContact: { email: agreement.email } });
    expect(found?.dateAgreed).toMatch(/^2026-08-15/);
    await port.confirmAgreement(id, wanted, signal);
  });

  it('says that purchases are allowed, or nothing', async () => {
    const { id } = await create();
    expect((await port.getAccountStatus(id, signal))?.toLowerCase()).toBe('allowed');
  });
});

describe('the catalogue', () => {
  it('has what it has', async () => {
    expect(await port.getCatalogItem(offer.productId, offer.skuId, 'DE', signal)).toMatchObject({
      productId: offer.productId,
      skuId: offer.skuId,
      minimumQuantity: 1,
    });
    expect(await port.getCatalogItem('CFQ7TTC0ZZZZ', '0001', 'DE', signal)).toBeUndefined();
    expect(await port.getCatalogItem(offer.productId, '9999', 'DE', signal)).toBeUndefined();
  });
});

describe('a purchase', () => {
  it('goes by cart and checkout to seats in the directory', async () => {
    const id = await readyCustomer();
    expect(await port.listSubscriptions(id, signal)).toEqual([]);
    const subscriptionId = await buy(id, 5);
    expect(await port.listSubscriptions(id, signal)).toMatchObject([
      {
        id: subscriptionId,
        productId: offer.productId,
        skuId: offer.skuId,
        friendlyName: 'acme/premium',
        quantity: 5,
        status: 'active',
        term: 'P1Y',
        billingCycle: 'monthly',
        isTrial: false,
        refundable: [{ quantity: 5, until: '2026-09-08T09:00:00Z' }],
      },
    ]);
  });

  it('is refused without the agreement, and possible with it', async () => {
    const { id } = await create();
    const wanted = await line(id);
    const requestId = crypto.randomUUID();
    const refused = await failureOf(
      (async () => {
        const cart = await port.createCart(id, wanted, requestId, signal);
        await port.checkoutCart(id, cart.id, requestId, signal);
      })(),
    );
    expect(refused).toMatchObject({ class: 'Wait', reason: 'AgreementMissing' });
    await port.confirmAgreement(id, await confirmation(), signal);
    await buy(id);
  });

  it('is made once where the answer to the checkout is lost', async () => {
    const id = await readyCustomer();
    const requestId = crypto.randomUUID();
    const cart = await port.createCart(id, await line(id), requestId, signal);
    cloud.fault({ service: 'partnerCenter', path: 'checkout$', kind: 'lostAnswer' });
    const lost = await failureOf(port.checkoutCart(id, cart.id, requestId, signal));
    expect(lost).toMatchObject({ class: 'Transient', reason: 'ConnectionFailed' });
    const { orderId, errors } = await port.checkoutCart(id, cart.id, requestId, signal);
    expect(errors).toEqual([]);
    const bought = await port.listSubscriptions(id, signal);
    expect(bought).toMatchObject([{ orderId, quantity: 5 }]);
  });

  it('gives the same cart for the same request', async () => {
    const id = await readyCustomer();
    const wanted = await line(id);
    const requestId = crypto.randomUUID();
    cloud.fault({ service: 'partnerCenter', path: 'carts$', kind: 'lostAnswer' });
    await failureOf(port.createCart(id, wanted, requestId, signal));
    const first = await port.createCart(id, wanted, requestId, signal);
    expect((await port.createCart(id, wanted, requestId, signal)).id).toBe(first.id);
  });

  it('says that a cart has expired', async () => {
    const id = await readyCustomer();
    const error = await failureOf(
      port.checkoutCart(id, crypto.randomUUID(), crypto.randomUUID(), signal),
    );
    expect(error).toMatchObject({ class: 'Transient', reason: 'CartExpired' });
  });
});

describe('a subscription', () => {
  it('gets more and fewer seats, and tells what was before', async () => {
    const id = await readyCustomer();
    const subscriptionId = await buy(id, 5);
    const more = await port.changeSubscription(id, subscriptionId, { quantity: 8 }, signal);
    expect(more.before.quantity).toBe(5);
    const fewer = await port.changeSubscription(id, subscriptionId, { quantity: 6 }, signal);
    expect(fewer.before.quantity).toBe(8);
    await port.changeSubscription(id, subscriptionId, { quantity: 6 }, signal);
    expect(await port.listSubscriptions(id, signal)).toMatchObject([{ quantity: 6 }]);
  });

  it('says that the window for giving seats back is closed', async () => {
    const id = await readyCustomer();
    const subscriptionId = await buy(id, 5);
    cloud.simulator.world.clock.advance(8 * 86_400_000);
    const error = await failureOf(
      port.changeSubscription(id, subscriptionId, { quantity: 4 }, signal),
    );
    expect(error).toMatchObject({ class: 'Wait', reason: 'ReductionWindowClosed' });
  });

  it.each([
    ['Cancel', false, ['TermEnd/Cancel']],
    ['Extend', false, ['TermEnd/RenewToExtendedServiceTerm']],
    ['Renew', true, ['TermEnd/RenewToNewTerm']],
  ] as const)(
    'ends its term as told: %s',
    async (endOfTerm, autoRenewEnabled, scheduledActions) => {
      const id = await readyCustomer();
      const subscriptionId = await buy(id);
      await port.changeSubscription(id, subscriptionId, { endOfTerm }, signal);
      expect(await port.listSubscriptions(id, signal)).toMatchObject([
        { autoRenewEnabled, scheduledActions, quantity: 5 },
      ]);
    },
  );

  it('is the one that was seeded, with its trial and term read', async () => {
    expect(await port.listSubscriptions(northwind, signal)).toMatchObject([
      { quantity: 7, term: 'P1Y', billingCycle: 'monthly', status: 'active' },
    ]);
  });
});

describe('what goes wrong', () => {
  const reads: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['listCustomers', () => port.listCustomers(signal)],
    ['getCustomer', () => port.getCustomer(northwind, signal)],
    ['findCustomerByDomain', () => port.findCustomerByDomain('a.onmicrosoft.com', signal)],
    ['getCountryRules', () => port.getCountryRules('DE', signal)],
    ['checkAddress', () => port.checkAddress({ country: 'DE', ...company.address }, signal)],
    ['isDomainTaken', () => port.isDomainTaken('a.onmicrosoft.com', signal)],
    ['getAccountStatus', () => port.getAccountStatus(northwind, signal)],
    ['getAgreementTemplateId', () => port.getAgreementTemplateId(signal)],
    ['getAgreement', () => port.getAgreement(northwind, signal)],
    ['getCatalogItem', () => port.getCatalogItem(offer.productId, offer.skuId, 'DE', signal)],
    [
      'listAvailabilities',
      () => port.listAvailabilities(northwind, offer.productId, offer.skuId, signal),
    ],
    ['listSubscriptions', () => port.listSubscriptions(northwind, signal)],
    [
      'createCart',
      async () =>
        port.createCart(
          northwind,
          {
            catalogItemId: 'a:b:c',
            friendlyName: 'x',
            quantity: 1,
            term: 'P1Y',
            billingCycle: 'monthly',
          },
          crypto.randomUUID(),
          signal,
        ),
    ],
    [
      'changeSubscription',
      () => port.changeSubscription(northwind, crypto.randomUUID(), { quantity: 9 }, signal),
    ],
    [
      'consentApplication',
      () => port.consentApplication(northwind, ['Directory.Read.All'], signal),
    ],
    ['createCustomer', () => create()],
  ];

  it.each(reads)('%s waits as long as it is asked to', async (_, call) => {
    cloud.fault({
      service: 'partnerCenter',
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '57' },
    });
    expect(await failureOf(call())).toMatchObject({
      class: 'Wait',
      reason: 'Throttled',
      delayMs: 57_000,
    });
  });

  it.each(reads)('%s is tried again where the connection breaks', async (_, call) => {
    cloud.fault({ service: 'partnerCenter', kind: 'reset' });
    expect(await failureOf(call())).toMatchObject({
      class: 'Transient',
      reason: 'ConnectionFailed',
    });
  });

  it.each(reads)('%s says that it is denied', async (_, call) => {
    const body = { code: 900308, description: 'no', data: [], source: 'PartnerFD' };
    cloud.fault({ service: 'partnerCenter', kind: 'status', status: 403, body });
    expect(await failureOf(call())).toMatchObject({ class: 'Wait', reason: 'PermissionDenied' });
  });
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
      await failureOf(one.changeSubscription('c', 's', { quantity: 1 }, signal)),
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
    scheduledNextTermInstructions: { quantity: 3 },
    somethingNew: { of: ['Microsoft'] },
  };

  it.each([
    ['seats', { quantity: 7 }, { quantity: 7 }],
    [
      'the end of the term',
      { endOfTerm: 'Cancel' },
      {
        autoRenewEnabled: false,
        scheduledActions: [{ scheduleType: 'TermEnd', actionType: 'Cancel' }],
      },
    ],
  ] as const)('of %s sends back everything that was read', async (_, change, changed) => {
    const { one, sent } = portWith(() => json(resource));
    await one.changeSubscription('c', 's', change, signal);
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual({ ...resource, ...changed });
    expect(sent[1]?.headers['if-match']).toBeUndefined();
  });

  it('goes only over what was read, where there is an etag', async () => {
    const { one, sent } = portWith(() => json({ ...resource, attributes: { etag: '"abc"' } }));
    await one.changeSubscription('c', 's', { quantity: 7 }, signal);
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

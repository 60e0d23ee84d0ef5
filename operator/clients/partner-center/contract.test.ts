import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commerceOf } from '../../../hack/simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { createSpec, offer } from '../../../hack/testing/build.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
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
  return (await port.listSubscriptions(customerId, signal)).at(-1)!.id;
}

const requests = (method: string, path: RegExp) =>
  cloud.simulator.journal
    .since(0)
    .entries.filter(
      (entry) => entry.kind === 'request' && entry.method === method && path.test(entry.path),
    );

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
    for (const id of extra) known.set(id, { ...sample!, id });
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
    const weekMs = 168 * 60 * 60_000;
    const windowEnd = new Date(cloud.simulator.world.clock.nowMs() + weekMs).toISOString();
    const inAWeek = windowEnd.replace(/\.\d+/, '');
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
        refundable: [{ quantity: 5, until: inAWeek }],
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
    const more = await port.changeSubscription(
      id,
      subscriptionId,
      { what: 'Seats', quantity: 8 },
      signal,
    );
    expect(more.before.quantity).toBe(5);
    const fewer = await port.changeSubscription(
      id,
      subscriptionId,
      { what: 'Seats', quantity: 6 },
      signal,
    );
    expect(fewer.before.quantity).toBe(8);
    await port.changeSubscription(id, subscriptionId, { what: 'Seats', quantity: 6 }, signal);
    expect(await port.listSubscriptions(id, signal)).toMatchObject([{ quantity: 6 }]);
  });

  it('says that the window for giving seats back is closed', async () => {
    cloud.provokes('closed-window');
    const id = await readyCustomer();
    const subscriptionId = await buy(id, 5);
    cloud.simulator.world.clock.advance(8 * 86_400_000);
    const error = await failureOf(
      port.changeSubscription(id, subscriptionId, { what: 'Seats', quantity: 4 }, signal),
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
      await port.changeSubscription(id, subscriptionId, { what: 'EndOfTerm', endOfTerm }, signal);
      expect(await port.listSubscriptions(id, signal)).toMatchObject([
        { autoRenewEnabled, scheduledActions, quantity: 5 },
      ]);
    },
  );

  it('renews with fewer seats, until a change of seats loses the instruction', async () => {
    const id = await readyCustomer();
    const subscriptionId = await buy(id, 5);
    const [available] = await port.listAvailabilities(id, offer.productId, offer.skuId, signal);
    const availabilityId = available?.catalogItemId.split(':')[2] ?? '';
    const product = { productId: offer.productId, skuId: offer.skuId, availabilityId };
    const nextTerm = { ...product, termDuration: 'P1Y', billingCycle: 'monthly', quantity: 3 };
    const change = { what: 'NextTerm', nextTerm } as const;
    await port.changeSubscription(id, subscriptionId, change, signal);
    const renewal = { quantity: 3, term: 'P1Y', billingCycle: 'monthly' };
    expect(await port.listSubscriptions(id, signal)).toMatchObject([
      { quantity: 5, autoRenewEnabled: true, nextTerm: renewal },
    ]);
    await port.changeSubscription(id, subscriptionId, { what: 'Seats', quantity: 6 }, signal);
    expect(await port.listSubscriptions(id, signal)).toMatchObject([{ nextTerm: undefined }]);
  });

  it('is cancelled within its window, and not after', async () => {
    cloud.provokes('closed-window');
    const id = await readyCustomer();
    const [first, second] = [await buy(id, 1), await buy(id, 1)];
    await port.changeSubscription(id, first, { what: 'Cancel' }, signal);
    cloud.simulator.world.clock.advance(8 * 86_400_000);
    const late = await failureOf(port.changeSubscription(id, second, { what: 'Cancel' }, signal));
    expect(late).toMatchObject({ class: 'Wait', reason: 'CancellationWindowClosed' });
    const left = await port.listSubscriptions(id, signal);
    expect(left.map(({ status }) => status)).toEqual(['deleted', 'active']);
  });

  it('is the one that was seeded, with its trial and term read', async () => {
    expect(await port.listSubscriptions(northwind, signal)).toMatchObject([
      { quantity: 7, term: 'P1Y', billingCycle: 'monthly', status: 'active' },
    ]);
  });
});

describe('the activity log', () => {
  it('tells who changed a subscription, and when', async () => {
    const id = await readyCustomer();
    const sinceMs = cloud.simulator.world.clock.nowMs();
    const subscriptionId = await buy(id, 5);
    await port.changeSubscription(id, subscriptionId, { what: 'Seats', quantity: 6 }, signal);
    const changes = await port.listSubscriptionChanges(sinceMs, signal);
    const own = { applicationId: DEFAULT_PARTNER.clientId, isOwn: true };
    const [{ orderId } = {}] = await port.listSubscriptions(id, signal);
    expect(changes.filter(({ customerId }) => customerId === id)).toMatchObject([
      { ...own, operationType: 'create_order', orderId },
      { ...own, operationType: 'update_subscription', subscriptionIds: [subscriptionId] },
    ]);
    cloud.simulator.world.clock.advance(60_000);
    expect(await port.listSubscriptionChanges(sinceMs + 60_000, signal)).toEqual([]);
  });
});

/** Rows 1 to 9 of partner-center.md 13: what a call does. */
import { expect } from 'vitest';
import {
  APP_CALLER,
  buy,
  buyer,
  catalogItem,
  newAgreement,
  newCart,
  newCustomer,
  subscribe,
  testCloud,
  USER_CALLER,
} from '../commerce/test-world.ts';
import { type Row } from './partner-center-row.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const TOKENS: readonly Row[] = [
  {
    row: 1,
    words: 'aud',
    source: '1.2, 1.10',
    proof: () => {
      const caller = { ...USER_CALLER, audience: 'https://graph.windows.net' };
      const answer = testCloud().send('GET', '/v1/customers', undefined, { caller });
      expect(answer).toMatchObject({ status: 401, json: { code: 900420 } });
    },
  },
  {
    row: 1,
    words: 'tid is a partner',
    source: '1.2',
    proof: () => {
      const caller = { ...USER_CALLER, tenantId: 'c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f' };
      const answer = testCloud().send('GET', '/v1/customers', undefined, { caller });
      expect(answer).toMatchObject({ status: 401, json: { code: 800001 } });
    },
  },
  {
    row: 1,
    words: 'amr contains mfa',
    source: '1.3',
    proof: () => {
      const caller = { ...USER_CALLER, mfa: false };
      const answer = testCloud().send('GET', '/v1/customers', undefined, { caller });
      expect(answer).toMatchObject({ status: 401, json: { code: 900421 } });
    },
  },
  {
    row: 1,
    words: 'app-only on delegated endpoints: 403/900329',
    source: '1.4',
    proof: () => {
      const answer = testCloud().send('GET', '/v1/agreements', undefined, { caller: APP_CALLER });
      expect(answer).toMatchObject({ status: 403, json: { code: 900329 } });
    },
  },
  {
    row: 1,
    words: 'role lookup for AdminAgents',
    source: '1.4',
    proof: () => {
      const cloud = testCloud();
      cloud.directory.groups.clear();
      expect(cloud.send('GET', '/v1/customers')).toMatchObject({
        status: 403,
        json: { code: 900308 },
      });
    },
  },
  {
    row: 2,
    words: 'ids echoed, MS-CV, MS-ServerId, X-Locale added',
    source: '1.6',
    proof: () => {
      const id = '5d2a7f04-6c1e-4b0a-9a53-0e6b5d8f21c7';
      const headers = { 'ms-requestid': id, 'ms-correlationid': id };
      const answer = testCloud().send('GET', '/v1/customers', undefined, { headers });
      expect(answer.headers).toMatchObject({
        'MS-RequestId': id,
        'MS-CorrelationId': id,
        'MS-CV': expect.any(String),
        'MS-ServerId': expect.any(String),
        'X-Locale': 'en-US',
      });
    },
  },
  {
    row: 2,
    words: 'replays of customers, orders, carts and agreements have one effect',
    source: '1.6',
    proof: () => {
      const cloud = testCloud();
      const twice = (url: string, body: unknown) => {
        const headers = { 'ms-requestid': cloud.world.random.uuid() };
        const [first, second] = [1, 2].map(() => cloud.send('POST', url, body, { headers }));
        expect(first).toMatchObject({ status: 201 });
        expect(second).toMatchObject({ status: 201 });
        const { userCredentials: _, ...shown } = { ...first!.json };
        expect(second!.json).toEqual(shown);
        return second!.json;
      };
      const { id } = twice('/v1/customers', newCustomer());
      const root = `/v1/customers/${id}`;
      twice(`${root}/agreements`, newAgreement());
      const cart = twice(`${root}/carts`, newCart(cloud, id, {}));
      twice(`${root}/carts/${cart.id}/checkout`, undefined);
      const offerId = catalogItem(cloud, id, 'CFQ7TTC0LH18:0001', 'P1Y');
      twice(`${root}/orders`, {
        partnerOnRecordAttestationAccepted: true,
        billingCycle: 'monthly',
        lineItems: [{ offerId, quantity: 1, termDuration: 'P1Y' }],
      });
      expect(cloud.send('GET', `${root}/subscriptions`).json.items).toHaveLength(2);
    },
  },
  {
    row: 3,
    words: 'two error shapes, code is a number',
    source: '1.9',
    proof: () => {
      const cloud = testCloud();
      const customer = buyer(cloud);
      const classic = cloud.send('GET', `/v1/customers/${customer}/subscriptions/x`);
      expect(classic.body).toEqual({
        code: 20003,
        description: expect.any(String),
        data: [],
        source: 'PartnerFD',
      });
      const again = cloud.send('POST', `/v1/customers/${customer}/agreements`, newAgreement());
      expect(again.body).toMatchObject({
        code: 600061,
        errorName: 'PartnerConfirmedAgreementAlreadyExists',
        isRetryable: false,
        errorMessageExtended: 'InternalErrorCode=600061',
      });
    },
  },
];

const POLAND = {
  country: 'PL',
  city: 'Warszawa',
  addressLine1: 'Prosta 1',
  postalCode: '00-850',
  firstName: 'Anna',
  lastName: 'Nowak',
};

function inPoland(
  address: Readonly<Record<string, string>>,
  organizationRegistrationNumber?: string,
): number | string {
  const body = newCustomer('polska.onmicrosoft.com', { ...POLAND, ...address });
  const companyProfile = { ...body['companyProfile'], organizationRegistrationNumber };
  const answer = testCloud().send('POST', '/v1/customers', { ...body, companyProfile });
  return answer.json.code ?? answer.json.id;
}

const CUSTOMERS: readonly Row[] = [
  {
    row: 4,
    words: 'a customer out of the region: 403/2030',
    source: '2.1, 2.2',
    proof: () => {
      const american = newCustomer('usa.onmicrosoft.com', {
        ...POLAND,
        country: 'US',
        state: 'WA',
      });
      const answer = testCloud().send('POST', '/v1/customers', american);
      expect(answer).toMatchObject({ status: 403, json: { code: 2030 } });
    },
  },
  {
    row: 4,
    words: 'country rules: 600049, 600050, 600051, 2000',
    source: '2.3, 2.5',
    proof: () => {
      const phoneNumber = '+48221234567';
      expect(inPoland({ phoneNumber })).toBe(600049);
      expect(inPoland({ phoneNumber }, 'x')).toBe(600050);
      expect(inPoland({}, '0000123456')).toBe(600051);
      expect(inPoland({ phoneNumber, postalCode: '1' }, '0000123456')).toBe(2000);
      expect(inPoland({ phoneNumber }, '0000123456')).toEqual(expect.stringMatching(/-/));
    },
  },
  {
    row: 5,
    words: 'HEAD domains 200 and 404 without body; a taken domain at create: 409',
    source: '3.1, ruling 6',
    proof: () => {
      const cloud = testCloud();
      const url = '/v1/domains/contoso.onmicrosoft.com';
      const head = () => cloud.send('HEAD', url);
      expect([head().status, 'body' in head()]).toEqual([404, false]);
      buyer(cloud);
      expect([head().status, 'body' in head()]).toEqual([200, false]);
      const taken = cloud.send('POST', '/v1/customers', newCustomer());
      expect(taken).toMatchObject({ status: 409, json: { code: 2000 } });
    },
  },
  {
    row: 6,
    words: 'password once, default GDAP flag',
    source: '3.2, 11',
    proof: () => {
      const cloud = testCloud();
      const created = cloud.send('POST', '/v1/customers', newCustomer()).json;
      expect(created.userCredentials).toEqual({ userName: 'admin', password: expect.any(String) });
      const read = JSON.stringify(cloud.send('GET', `/v1/customers/${created.id}`).body);
      expect(read).not.toContain(created.userCredentials.password);
      expect(cloud.directory.relationships).toHaveLength(1);
      const without = { ...newCustomer('two.onmicrosoft.com'), enableGDAPByDefault: false };
      cloud.send('POST', '/v1/customers', without);
      expect(cloud.directory.relationships).toHaveLength(1);
    },
  },
  {
    row: 6,
    words: 'list visible after a short delay',
    source: '3.2',
    proof: () => {
      const cloud = testCloud();
      buyer(cloud);
      const count = () => cloud.send('GET', '/v1/customers').json.totalCount;
      expect(count()).toBe(0);
      cloud.world.clock.advance(MINUTE_MS);
      expect(count()).toBe(1);
    },
  },
  {
    row: 6,
    words: 'validationStatus UnderReview, then Allowed',
    source: '3.6',
    proof: () => {
      const cloud = testCloud({ settings: { accountReviewMs: MINUTE_MS } });
      const customer = buyer(cloud);
      const url = `/v1/customers/${customer}/validationStatus?type=account`;
      expect(cloud.send('GET', url).json.status).toBe('UnderReview');
      expect(buy(cloud, customer, {}).json.code).toBe(800073);
      cloud.world.clock.advance(MINUTE_MS);
      expect(cloud.send('GET', url).json.status).toBe('Allowed');
      expect(buy(cloud, customer, {}).status).toBe(201);
    },
  },
  {
    row: 7,
    words: 'agreement gate 13605, duplicates 600061',
    source: '3.6',
    proof: () => {
      const cloud = testCloud();
      const { id } = cloud.send('POST', '/v1/customers', newCustomer()).json;
      expect(buy(cloud, id, {})).toMatchObject({ status: 403, json: { code: 13605 } });
      const confirm = () => cloud.send('POST', `/v1/customers/${id}/agreements`, newAgreement());
      expect(confirm().status).toBe(201);
      expect(confirm()).toMatchObject({ status: 400, json: { code: 600061 } });
      expect(buy(cloud, id, {}).status).toBe(201);
    },
  },
];

const PURCHASES: readonly Row[] = [
  {
    row: 8,
    words: 'rotating availability ids: an old id is 404/400019 at checkout',
    source: '4.3',
    proof: () => {
      const cloud = testCloud();
      const customer = buyer(cloud);
      const url = `/v1/customers/${customer}/carts`;
      const item = () => catalogItem(cloud, customer, 'CFQ7TTC0LCHC:0002', 'P1Y');
      let [before, cart] = ['', ''];
      do {
        before = item();
        cart = cloud.send('POST', url, newCart(cloud, customer, {})).json.id;
        cloud.world.clock.advance(DAY_MS);
      } while (item() === before);
      const answer = cloud.send('POST', `${url}/${cart}/checkout`);
      expect(answer).toMatchObject({ status: 404, json: { code: 400019 } });
    },
  },
  {
    row: 8,
    words: 'availabilities per country and per segment',
    source: '4.1, 4.3',
    proof: () => {
      const cloud = testCloud();
      const sku = '/v1/products/CFQ7TTC0LCHC/skus/0007/availabilities';
      const count = (query: string) => cloud.send('GET', `${sku}?${query}`).json.items.length;
      expect(count('country=DE')).toBe(0);
      expect(count('country=DE&targetSegment=nonprofit')).toBe(2);
      const premium = '/v1/products/CFQ7TTC0LCHC/skus/0002/availabilities?country=';
      const [german] = cloud.send('GET', `${premium}DE`).json.items;
      const [swiss] = cloud.send('GET', `${premium}CH`).json.items;
      expect(german!.id).not.toBe(swiss!.id);
      expect(swiss!.defaultCurrency).toMatchObject({ code: 'CHF' });
    },
  },
  {
    row: 8,
    words: 'seats pooled over subscriptions: 800088; add-on prerequisites: 400041; trials',
    source: '4.4',
    proof: () => {
      const cloud = testCloud();
      const customer = buyer(cloud);
      subscribe(cloud, customer, { quantity: 200 });
      const tooMany = buy(cloud, customer, { quantity: 101 });
      expect(tooMany).toMatchObject({ status: 201, json: { orderErrors: [{ code: 800088 }] } });
      const other = buyer(cloud, 'other.onmicrosoft.com');
      const body = newCart(cloud, other, { sku: 'CFQ7TTC0LH0T:0001' });
      const cart = cloud.send('POST', `/v1/customers/${other}/carts`, body);
      expect(cart).toMatchObject({
        status: 201,
        json: { lineItems: [{ error: { errorCode: 400041 } }] },
      });
      const trial = {
        sku: 'CFQ7TTC0LCHC:0006',
        quantity: 25,
        termDuration: 'P1M',
        billingCycle: 'none',
      };
      const subscription = cloud.send('GET', subscribe(cloud, other, trial)).json;
      expect(subscription).toMatchObject({ isTrial: true, quantity: 25 });
    },
  },
  {
    row: 9,
    words: 'cart expiry after 7 days: 404/800008',
    source: '5.1',
    proof: () => {
      const cloud = testCloud();
      const url = `/v1/customers/${buyer(cloud)}/carts`;
      const cart = cloud.send('POST', url, newCart(cloud, url.split('/')[3]!, {})).json;
      cloud.world.clock.advance(7 * DAY_MS - 1);
      expect(cloud.send('GET', `${url}/${cart.id}`).status).toBe(200);
      cloud.world.clock.advance(1);
      const gone = cloud.send('GET', `${url}/${cart.id}`);
      expect(gone).toMatchObject({ status: 404, json: { code: 800008 } });
    },
  },
  {
    row: 9,
    words: 'checkout replay, an order for each group, subscription id and list lag',
    source: '5.3, 5.4, 5.5',
    proof: () => {
      const cloud = testCloud({ settings: { provisioningDelayMs: MINUTE_MS } });
      const customer = buyer(cloud);
      const root = `/v1/customers/${customer}`;
      const body = newCart(
        cloud,
        customer,
        {},
        { sku: 'CFQ7TTC0LH18:0001', billingCycle: 'annual' },
      );
      const cart = cloud.send('POST', `${root}/carts`, body).json;
      const checkout = () => cloud.send('POST', `${root}/carts/${cart.id}/checkout`).json.orders;
      const orders = checkout();
      expect(orders).toHaveLength(2);
      expect(orders[0]!.lineItems[0]).not.toHaveProperty('subscriptionId');
      const status = () =>
        cloud.send('GET', `${root}/orders/${orders[0]!.id}/provisioningstatus`).json.items[0]!
          .status;
      expect(status()).toBe('unfulfilled');
      cloud.world.clock.advance(MINUTE_MS);
      expect(status()).toBe('fulfilled');
      expect(checkout().map(({ id }) => id)).toEqual(orders.map(({ id }) => id));
      expect(checkout()[0]!.lineItems[0]).toHaveProperty('subscriptionId');
      cloud.world.clock.advance(15 * MINUTE_MS);
      expect(cloud.send('GET', `${root}/orders`).json.items).toHaveLength(2);
    },
  },
];

export const CALL_ROWS: readonly Row[] = [...TOKENS, ...CUSTOMERS, ...PURCHASES];

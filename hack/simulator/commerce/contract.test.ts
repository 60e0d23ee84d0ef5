/** What the service answers has only members and types of the published models. */
import { expect, it } from 'vitest';
import { ROLES } from './access.ts';
import { ENDPOINTS } from './contract.ts';
import { ANSWERED } from './response-models.ts';
import { responseProblems } from './response-problems.ts';
import { ROUTES } from './routes.ts';
import {
  buy,
  catalogItem,
  newAgreement,
  newCart,
  newCustomer,
  PREMIUM,
  testCloud,
  update,
} from './test-world.ts';

const SKU = '/v1/products/CFQ7TTC0LCHC/skus/0002';
const LINES = 'provider=onetime&invoicelineitemtype=billinglineitems&period=current';

it('answers in the shape of the models, with all that a subscription can have', () => {
  const cloud = testCloud();
  cloud.directory.roles.add(ROLES.globalReader);
  const created = cloud.send('POST', '/v1/customers', newCustomer()).json;
  const root = `/v1/customers/${created.id}`;
  cloud.send('POST', `${root}/agreements`, newAgreement());
  cloud.send('POST', `${root}/carts`, newCart(cloud, created.id, {}));
  const checkout = buy(cloud, created.id, { termDuration: 'P3Y' }).json;
  const [subscription] = cloud.send('GET', `${root}/subscriptions`).json.items;
  const url = `${root}/subscriptions/${subscription!.id}`;
  const [productId, skuId] = catalogItem(cloud, created.id, PREMIUM, 'P1Y').split(':');
  const product = { productId, skuId, billingCycle: 'annual', termDuration: 'P3Y' };
  update(cloud, url, {
    billingCycle: 'annual',
    scheduledNextTermInstructions: { product, quantity: 5 },
    scheduledActions: [{ scheduleType: 'TermEnd', actionType: 'RenewToNewTerm' }],
  });
  const orderUrl = `${root}/orders/${checkout.orders[0]!.id}`;
  const read = [
    root,
    `${root}/profiles/billing`,
    `${root}/profiles/company`,
    '/v1/customers/relationshiprequests',
    '/v1/agreements?agreementType=*',
    `${root}/validationStatus?type=account`,
    `${orderUrl}?include_price=true`,
    `${orderUrl}/provisioningstatus`,
    `${url}/provisioningstatus`,
    `${root}/subscribedskus`,
    '/v1/products?country=DE&targetView=OnlineServices',
    `${SKU}?country=DE`,
    `${SKU}/availabilities?country=DE`,
    '/v1/countryvalidationrules/DE',
    '/v1/auditrecords',
    `/v1/invoices/unbilled/lineitems?${LINES}`,
  ].map((path) => cloud.send('GET', path).status);
  expect(new Set(read)).toEqual(new Set([200]));
  const { json } = cloud.send('GET', url);
  expect(json).toHaveProperty('scheduledNextTermInstructions');
  expect(json).toHaveProperty('nextChargeInstructions');
});

it('has a route only for endpoints of the contract', () => {
  const known = new Set(ENDPOINTS.map(({ method, path }) => `${method} ${path}`));
  expect([...ROUTES.keys()].filter((route) => !known.has(route))).toEqual([]);
});

it('knows what every route answers', () => {
  const answering = [...ROUTES.keys()].filter((route) => !/^(HEAD|DELETE) /.test(route));
  expect(answering.filter((route) => !ANSWERED.has(route))).toEqual([]);
  expect([...ANSWERED.keys()].filter((route) => !ROUTES.has(route))).toEqual([]);
});

const CUSTOMERS = 'GET /v1/customers';
const CUSTOMER = 'GET /v1/customers/{customerId}';
const LIST = {
  totalCount: 0,
  items: [],
  links: { self: { uri: '/customers', method: 'GET', headers: [] } },
  attributes: { objectType: 'Collection' },
};

it.each([
  [CUSTOMER, 200, { id: 'x', attributes: { objectType: 'Customer' } }, []],
  [CUSTOMERS, 200, LIST, []],
  ['HEAD /v1/domains/{domain}', 404, undefined, []],
  [CUSTOMER, 404, { code: 1, description: '', data: [], source: 'PartnerFD' }, []],
  [CUSTOMER, 429, { statusCode: 429, message: 'later' }, []],
  [CUSTOMER, 200, { nickname: 'x', attributes: { objectType: 'Customer' } }, [/no member/]],
  [CUSTOMER, 200, { id: 1, attributes: { objectType: 'Customer' } }, [/must be string/]],
  [CUSTOMER, 200, { id: null, attributes: { objectType: 'Customer' } }, [/is null/]],
  [
    CUSTOMER,
    200,
    { relationshipToPartner: 'friend', attributes: { objectType: 'Customer' } },
    [/friend is not of/],
  ],
  [CUSTOMER, 200, { attributes: { objectType: 'User' } }, [/objectType is User/]],
  [CUSTOMERS, 200, { ...LIST, totalCount: 3 }, [/totalCount/]],
  [CUSTOMERS, 200, { ...LIST, links: {} }, [/links.self/]],
  [CUSTOMERS, 200, { ...LIST, attributes: {} }, [/no collection/]],
  [CUSTOMERS, 200, [], [/no items/]],
  [CUSTOMER, 404, { error: 'not found' }, [/no shape of an error/]],
  ['DELETE /v1/customers/{customerId}', 204, {}, [/no body/]],
  ['GET /v1/pets', 200, {}, [/no table names/]],
])('finds what is wrong with %s %i %j', (endpoint, status, body, problems) => {
  const found = responseProblems(endpoint, status, body);
  expect(found).toEqual(problems.map((problem) => expect.stringMatching(problem)));
});

it('refuses query parameters that an endpoint does not have, in any case', () => {
  const cloud = testCloud();
  const refused = cloud.send('GET', '/v1/customers?$top=5');
  expect(refused).toMatchObject({ status: 400, json: { code: 2000 } });
  expect(refused.json).toMatchObject({ description: "Query parameter '$top' is not known." });
  expect(cloud.send('GET', '/v1/customers?Size=0').status).toBe(200);
  expect(cloud.send('GET', '/v1/customers?Size=many').status).toBe(400);
  expect(cloud.send('GET', '/v1/countryvalidationrules/DE?verbose=1').status).toBe(400);
});

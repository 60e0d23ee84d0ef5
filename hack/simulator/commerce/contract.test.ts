/** What the service answers has only members and types of the published models. */
import { expect, it } from 'vitest';
import { ROLES } from './access.ts';
import { ENDPOINTS } from './contract.ts';
import { readBody } from './request-body.ts';
import { ROUTES } from './routes.ts';
import {
  ADDRESS,
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

function misfits(model: string, answer: unknown): readonly string[] {
  try {
    return Object.keys(readBody(answer, model)).length > 0 ? [] : [`${model} is empty`];
  } catch (error) {
    return [`${model}: ${String(error)}`];
  }
}

it('answers in the shape of the models', () => {
  const cloud = testCloud();
  cloud.directory.roles.add(ROLES.globalReader);
  const created = cloud.send('POST', '/v1/customers', newCustomer()).json;
  const root = `/v1/customers/${created.id}`;
  const agreement = cloud.send('POST', `${root}/agreements`, newAgreement()).json;
  const cart = cloud.send('POST', `${root}/carts`, newCart(cloud, created.id, {})).json;
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
  const get = (path: string): unknown => cloud.send('GET', path).json;
  const first = (path: string): unknown => cloud.send('GET', path).json.items[0];
  const orderUrl = `${root}/orders/${checkout.orders[0]!.id}`;
  const answers: readonly (readonly [model: string, answer: unknown])[] = [
    ['Customer', created],
    ['Customer', get(root)],
    ['CustomerBillingProfile', get(`${root}/profiles/billing`)],
    ['CustomerCompanyProfile', get(`${root}/profiles/company`)],
    ['CustomerRelationshipRequest', get('/v1/customers/relationshiprequests')],
    ['Agreement', agreement],
    ['AgreementMetaData', first('/v1/agreements?agreementType=*')],
    ['ValidationStatus', get(`${root}/validationStatus?type=account`)],
    ['Cart', cart],
    ['CartCheckoutResult', checkout],
    ['Order', get(`${orderUrl}?include_price=true`)],
    ['OrderLineItemProvisioningStatus', first(`${orderUrl}/provisioningstatus`)],
    ['Subscription', get(url)],
    ['SubscriptionProvisioningStatus', get(`${url}/provisioningstatus`)],
    ['SubscribedSku', first(`${root}/subscribedskus`)],
    ['Product', first('/v1/products?country=DE&targetView=OnlineServices')],
    ['Sku', get(`${SKU}?country=DE`)],
    ['Availability', first(`${SKU}/availabilities?country=DE`)],
    ['CountryValidationRules', get('/v1/countryvalidationrules/DE')],
    ['AddressValidationResponse', cloud.send('POST', '/v1/validations/address', ADDRESS).json],
    ['AuditRecord', first('/v1/auditrecords')],
    ['OneTimeInvoiceLineItem', first(`/v1/invoices/unbilled/lineitems?${LINES}`)],
  ];
  expect(answers.flatMap(([model, answer]) => misfits(model, answer))).toEqual([]);
  const read = cloud.send('GET', url).json;
  expect(read).toHaveProperty('scheduledNextTermInstructions');
  expect(read).toHaveProperty('nextChargeInstructions');
});

it('has a route only for endpoints of the contract', () => {
  const known = new Set(ENDPOINTS.map(({ method, path }) => `${method} ${path}`));
  expect([...ROUTES.keys()].filter((route) => !known.has(route))).toEqual([]);
});

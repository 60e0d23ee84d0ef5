import { beforeEach, expect, it } from 'vitest';
import { commerceOf } from '../state.ts';
import {
  type Answer,
  buy,
  buyer,
  catalogItem,
  newCart,
  PREMIUM,
  subscribe,
  type TestCloud,
  testCloud,
  update,
  type Wanted,
} from '../test-world.ts';

const WELCOME = '39NFJQT1PJ7K:0001:39NFJQT1Q5K8';

let cloud: TestCloud;
let customer: string;

beforeEach(() => {
  cloud = testCloud();
  customer = buyer(cloud);
});

function check(...items: readonly Readonly<Record<string, unknown>>[]): Answer {
  return cloud.send('POST', `/v1/customers/${customer}/promotionEligibilities`, {
    items: items.map((item) => ({
      catalogItemId: catalogItem(cloud, customer, PREMIUM, 'P1Y'),
      quantity: 10,
      termDuration: 'P1Y',
      billingCycle: 'annual',
      ...item,
    })),
  });
}

it('lists promotions of a country and segment, each for half a year', () => {
  const url = '/v1/productpromotions?country=DE&segment=commercial';
  const { items } = cloud.send('GET', url).json;
  expect(items).toHaveLength(3);
  expect(items[0]).toMatchObject({
    id: WELCOME,
    startDate: '2026-07-01T00:00:00.000Z',
    endDate: '2026-12-31T23:59:59.000Z',
    requiredProducts: [
      {
        productId: 'CFQ7TTC0LCHC',
        term: { duration: 'P1Y', billingCycle: 'annual' },
        pricingPolicies: [{ policyType: 'PercentDiscount', value: '0.15' }],
      },
    ],
  });
  expect(cloud.send('GET', `/v1/productpromotions/${WELCOME}?country=DE`).json.id).toBe(WELCOME);
  expect(cloud.send('GET', '/v1/productpromotions/x?country=DE').status).toBe(404);
  expect(cloud.send('GET', '/v1/productpromotions?segment=commercial').status).toBe(400);
  const education = '/v1/productpromotions?country=DE&segment=education';
  expect(cloud.send('GET', education).json.items).toEqual([]);
});

it('says who is eligible, and why not', () => {
  const errors = (answer: Answer) => answer.json.items.map((item) => ({ ...item }));
  expect(errors(check({}))).toMatchObject([
    { eligibilities: [{ promotionId: WELCOME, isEligible: true, errors: [] }] },
  ]);
  const unknown = { catalogItemId: `${PREMIUM}:CFQ7TTC0AAAA` };
  const basic = catalogItem(cloud, customer, 'CFQ7TTC0LH18:0001', 'P1Y');
  const answer = check(
    { billingCycle: 'monthly' },
    { quantity: 301 },
    { promotionId: 'x' },
    { catalogItemId: basic },
    { catalogItemId: basic, promotionId: WELCOME },
    unknown,
  );
  const types = answer.json.items.map((item) => JSON.stringify(item).match(/"type":"(\w+)"/)?.[1]);
  expect(types).toEqual([
    'Term',
    'SeatCount',
    'InvalidPromotion',
    'NoPromotionsAvailable',
    'InvalidPromotion',
    'InvalidCatalogItemId',
  ]);
  subscribe(cloud, customer);
  expect(check({ promotionId: WELCOME }).json.items).toMatchObject([
    { eligibilities: [{ errors: [{ type: 'OfferPurchasedPreviously' }] }] },
  ]);
});

it('discounts the first term, and shows it in cart, order, subscription and invoice line', () => {
  const wanted: Wanted = { quantity: 10, billingCycle: 'annual', promotionId: WELCOME };
  const cart = cloud.send(
    'POST',
    `/v1/customers/${customer}/carts`,
    newCart(cloud, customer, wanted),
  );
  expect(cart.json.lineItems[0]).toMatchObject({
    promotionId: WELCOME,
    pricing: { listPrice: 192, discountedPrice: 163.2, extendedPrice: 1632 },
  });
  const subscription = subscribe(cloud, customer, wanted);
  expect(cloud.send('GET', subscription).json).toMatchObject({ promotionId: WELCOME });
  const unbilled = '/v1/invoices/unbilled/lineitems?provider=onetime&period=current';
  const [line] = cloud.send('GET', `${unbilled}&invoicelineitemtype=billinglineitems`).json.items;
  expect(line).toMatchObject({
    unitPrice: 192,
    effectiveUnitPrice: 163.2,
    subtotal: 1632,
    promotionId: WELCOME,
  });
  cloud.world.clock.advance(366 * 86_400_000);
  expect(cloud.send('GET', subscription).json).not.toHaveProperty('promotionId');
  expect(commerceOf(cloud.world).ledger.at(-1)).toMatchObject({ amountMinor: 192_000 });
});

it('takes a promotion with the instruction of the next term', () => {
  const subscription = subscribe(cloud, customer);
  const product = {
    productId: 'CFQ7TTC0LCHC',
    skuId: '0002',
    billingCycle: 'annual',
    termDuration: 'P1Y',
    promotionId: WELCOME,
  };
  const wrong = { product: { ...product, promotionId: 'x' }, quantity: 10 };
  expect(update(cloud, subscription, { scheduledNextTermInstructions: wrong }).status).toBe(400);
  const scheduledNextTermInstructions = { product, quantity: 10 };
  expect(update(cloud, subscription, { scheduledNextTermInstructions }).status).toBe(200);
  cloud.world.clock.advance(366 * 86_400_000);
  expect(commerceOf(cloud.world).ledger.at(-1)).toMatchObject({
    chargeType: 'renew',
    amountMinor: 163_200,
  });
});

it('refuses a promotion that does not fit: a line error, or the whole order', () => {
  const wanted: Wanted = { promotionId: WELCOME, billingCycle: 'monthly' };
  const cart = cloud.send(
    'POST',
    `/v1/customers/${customer}/carts`,
    newCart(cloud, customer, wanted),
  );
  expect(cart).toMatchObject({
    status: 201,
    json: { lineItems: [{ error: { errorCode: 10014 } }] },
  });
  expect(buy(cloud, customer, wanted).json).toMatchObject({ code: 800009 });
});

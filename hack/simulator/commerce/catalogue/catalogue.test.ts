import { expect, it } from 'vitest';
import { commerceOf } from '../index.ts';
import { DAY_MS } from '../terms.ts';
import { buy, buyer, catalogItem, newCart, PARTNER, PREMIUM, testCloud } from '../test-world.ts';
import { AVAILABILITY_PERIOD_MS } from './availabilities.ts';

const PREMIUM_SKU = '/v1/products/CFQ7TTC0LCHC/skus/0002';

it('lists at least 15 online services per country, nonprofit ones only when asked for', () => {
  const cloud = testCloud();
  const url = '/v1/products?country=DE&targetView=OnlineServices';
  const { items } = cloud.send('GET', url).json;
  expect(items.length).toBeGreaterThanOrEqual(15);
  expect(items[0]).toMatchObject({ productType: { id: 'OnlineServicesNCE' } });
  const nonprofit = cloud.send('GET', `${url}&targetSegment=nonprofit`).json;
  expect(nonprofit.items).toMatchObject([{ title: expect.stringContaining('Nonprofit') }]);
});

it.each([
  ['/v1/products?country=DE&targetView=Toys', 403, 400036],
  ['/v1/products?country=DE&targetView=OnlineServices&targetSegment=pets', 403, 400030],
  ['/v1/products?targetView=OnlineServices', 400, 2000],
  ['/v1/products/UNKNOWN?country=DE', 404, 400013],
  ['/v1/products/CFQ7TTC0LCHC/skus/9999?country=DE', 404, 400018],
  [`${PREMIUM_SKU}/availabilities/CFQ7TTC0XXXX?country=DE`, 404, 400019],
])('refuses %s with %d/%d', (url, status, code) => {
  expect(testCloud().send('GET', url)).toMatchObject({ status, json: { code } });
});

it('joins SKUs to Graph by provisioningId and states limits', () => {
  const { json } = testCloud().send('GET', `${PREMIUM_SKU}?country=DE`);
  expect(json).toMatchObject({
    id: '0002',
    maximumQuantity: 300,
    isTrial: false,
    supportedBillingCycles: expect.arrayContaining(['monthly', 'annual', 'triennial']),
    dynamicAttributes: { provisioningId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', isAddon: false },
  });
});

it('sells P1M, P1Y and P3Y, with an availability of its own for the monthly term', () => {
  const { items } = testCloud().send('GET', `${PREMIUM_SKU}/availabilities?country=DE`).json;
  const durations = items.map(({ terms }) => [...new Set(terms.map((term) => term.duration))]);
  expect(durations).toEqual([['P1M'], ['P1Y', 'P3Y']]);
  expect(items[0]!.catalogItemId).toBe(`${PREMIUM}:${items[0]!.id}`);
  expect(items[0]!.defaultCurrency).toMatchObject({ code: 'EUR' });
});

it('has other availabilities and currencies in other countries', () => {
  const cloud = testCloud();
  const of = (country: string) =>
    cloud.send('GET', `${PREMIUM_SKU}/availabilities?country=${country}`).json.items[0]!;
  expect(of('CH').id).not.toBe(of('DE').id);
  expect(of('CH').defaultCurrency.code).toBe('CHF');
});

it('changes availability ids: an old id is refused at checkout with 404/400019', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const carts = `/v1/customers/${id}/carts`;
  const old = catalogItem(cloud, id, PREMIUM, 'P1Y');
  let cart = cloud.send('POST', carts, newCart(cloud, id, {})).json;
  for (let day = 0; catalogItem(cloud, id, PREMIUM, 'P1Y') === old; day += 1) {
    expect(day).toBeLessThanOrEqual(AVAILABILITY_PERIOD_MS / DAY_MS);
    cart = cloud.send('POST', carts, newCart(cloud, id, {})).json;
    cloud.world.clock.advance(DAY_MS);
  }
  const stale = cloud.send('POST', `${carts}/${cart.id}/checkout`);
  expect(stale).toMatchObject({ status: 404, json: { code: 400019 } });
  const again = cloud.send('POST', carts, {
    partnerOnRecordAttestationAccepted: true,
    lineItems: [{ catalogItemId: old, quantity: 1, termDuration: 'P1Y', billingCycle: 'monthly' }],
  });
  expect(again).toMatchObject({
    status: 201,
    json: { lineItems: [{ error: { errorCode: 10001 } }] },
  });
  expect(buy(cloud, id, {}).status).toBe(201);
});

it('shows a customer only the segments of its qualifications', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const educational = (): boolean => {
    const { items } = cloud.send(
      'GET',
      `/v1/customers/${id}/products?targetView=OnlineServices`,
    ).json;
    return items.some(({ title }) => title.includes('faculty'));
  };
  expect(educational()).toBe(false);
  const body = { qualification: 'Education', educationSegment: 'K12' };
  expect(cloud.send('POST', `/v1/customers/${id}/qualifications`, body).status).toBe(201);
  expect(educational()).toBe(true);
});

it('does not sell everything everywhere: no availability, and 400/800070', () => {
  const cloud = testCloud({ partner: { region: 'India', country: 'IN', currency: 'INR' } });
  const india = '/v1/products?country=IN&targetView=OnlineServices';
  const titles = cloud.send('GET', india).json.items.map(({ title }) => title);
  expect(titles).toContain('Microsoft 365 Business Premium');
  expect(titles).not.toContain('Windows 365 Enterprise 2 vCPU, 8 GB, 128 GB');
  const european = testCloud();
  const id = buyer(european);
  const offerId = catalogItem(european, id, 'CFQ7TTC0HHS9:0001', 'P1Y');
  const { defaultAddress } = commerceOf(european.world).customers.get(id)!.billingProfile;
  Object.assign(defaultAddress, { country: 'IN' });
  Object.assign(european.world.partners.get(PARTNER)!, { region: 'India' });
  const order = european.send('POST', `/v1/customers/${id}/orders`, {
    partnerOnRecordAttestationAccepted: true,
    billingCycle: 'monthly',
    lineItems: [{ offerId, quantity: 1, termDuration: 'P1Y' }],
  });
  expect(order).toMatchObject({ status: 400, json: { code: 800070 } });
});

it('shows upgrades with their terms and timing', () => {
  const cloud = testCloud();
  const { json } = cloud.send('GET', '/v1/products/CFQ7TTC0LDPB/skus/0001?country=DE');
  expect(json).toMatchObject({
    dynamicAttributes: {
      conversionInstructions: [
        {
          conversionOptions: [
            {
              transferToId: 'CFQ7TTC0LCHC:0002',
              termTransferRules: [{ transferTiming: 'Immediate' }, { transferTiming: 'Scheduled' }],
            },
            { transferToId: 'CFQ7TTC0LFLX:0001' },
          ],
        },
      ],
    },
  });
});

/** Rows 8 and 9 of partner-center.md 13: the catalogue, carts and orders. */
import { expect } from 'vitest';
import { buy, buyer, catalogItem, newCart, subscribe, testCloud } from '../commerce/test-world.ts';
import { type Row } from './partner-center-row.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const PURCHASE_ROWS: readonly Row[] = [
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

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from '../../../hack/simulator/seed.ts';
import { offer } from '../../../hack/testing/build.ts';
import { Cloud, signal } from '../../../hack/testing/cloud.ts';
import { termEndMsOf } from '../../core/seats/commerce.ts';
import type { PartnerCenter } from './port.ts';

const northwind = DEFAULT_CUSTOMER.tenantId;
let cloud: Cloud;
let port: PartnerCenter;

beforeAll(async () => {
  cloud = await Cloud.start({ startAt: '2026-09-01T09:00:00.000Z' });
  port = cloud.clients().partnerCenter;
});

afterAll(() => cloud.stop());

describe('a new subscription', () => {
  it('may end with one that is there, and then does', async () => {
    const [before] = await port.listSubscriptions(northwind, signal);
    const endMs = termEndMsOf(before?.commitmentEndDate ?? '');
    const dates = await port.listTermEndDates(northwind, 'P1Y', signal);
    const customTermEndDate = dates.find((date) => termEndMsOf(date) === endMs);
    expect(customTermEndDate).toBeDefined();

    const sold = await port.listAvailabilities(northwind, offer.productId, offer.skuId, signal);
    const match = sold.find(
      ({ term, billingCycle }) => term === 'P1Y' && billingCycle === 'monthly',
    );
    if (match === undefined) throw new Error('not sold for a year billed monthly');
    const line = { ...match, friendlyName: 'acme/second', quantity: 2, customTermEndDate };
    const cart = await port.createCart(northwind, line, crypto.randomUUID(), signal);
    expect(cart.lineErrors).toEqual([]);
    await port.checkoutCart(northwind, cart.id, crypto.randomUUID(), signal);
    const after = (await port.listSubscriptions(northwind, signal)).at(-1);
    expect(after).toMatchObject({ friendlyName: 'acme/second', quantity: 2 });
    expect(termEndMsOf(after?.commitmentEndDate ?? '')).toBe(endMs);
  });
});

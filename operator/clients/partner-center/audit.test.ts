import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commerceOf } from '../../../hack/simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, signal } from '../../../hack/testing/cloud.ts';
import { WireAuditRecord } from './audit-wire.ts';

const wire = {
  id: 'record',
  customerId: 'A',
  resourceType: 'Subscription',
  operationType: 'update_subscription',
  operationDate: '2026-03-02T09:59:00Z',
  operationStatus: 'succeeded',
  userPrincipalName: 'eve@provider.example',
};
const read = (more: object) => WireAuditRecord.parse({ ...wire, ...more });
const seats = (value: object) => JSON.stringify(value);

describe('a record of the activity log', () => {
  it('has the seats before and after', () => {
    const { before, after } = read({
      resourceOldValue: seats({ Quantity: 10, TermDuration: 'P1Y', BillingCycle: 'Monthly' }),
      resourceNewValue: seats({ Quantity: '15', Status: 'active' }),
    });
    expect(before).toEqual({ quantity: 10, term: 'P1Y', billingCycle: 'monthly' });
    expect(after).toMatchObject({ quantity: 15, term: undefined });
  });

  it.each([
    ['a cancelled subscription has none', { Quantity: 10, Status: 'Deleted' }, 0],
    ['not said', { Id: 'x' }, undefined],
    ['said as no number', { Quantity: 'many' }, undefined],
    ['a part of one', { Quantity: 1.5 }, undefined],
  ])('%s', (_, value, quantity) => {
    expect(read({ resourceNewValue: seats(value) }).after?.quantity).toBe(quantity);
  });

  it('with a value that is no JSON still says who and when', () => {
    const record = read({ resourceNewValue: '{"Quantity": 1' });
    expect(record).toMatchObject({ after: undefined, userPrincipalName: wire.userPrincipalName });
  });

  it.each([
    ['one line', [['Quantity-0', '3']], 3],
    [
      'two lines',
      [
        ['Quantity-0', '3'],
        ['Quantity-1', '2'],
      ],
      undefined,
    ],
    ['no line', [], undefined],
  ] as const)('of a purchase has what was bought: %s', (_, data, quantity) => {
    const customizedData = data.map(([key, value]) => ({ key, value }));
    const order = { resourceType: 'order', operationType: 'create_order', customizedData };
    expect(read(order).after?.quantity).toBe(quantity);
    expect(read({ ...order, operationType: 'update_order' }).after).toBeUndefined();
  });

  it.each([
    ['a person', { userPrincipalName: 'eve@x', applicationId: 'FulfillmentService' }, false],
    ['an application', { applicationId: '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60' }, false],
    ['a service', { applicationId: 'FulfillmentService' }, true],
    ['nobody who is named', {}, false],
  ])('is of Microsoft itself or not: %s', (_, who, is) => {
    expect(read({ userPrincipalName: null, ...who }).isMicrosoft).toBe(is);
  });
});

describe('the activity log of Partner Center', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await Cloud.start({ startAt: '2026-09-01T09:00:00.000Z' });
  });
  afterAll(() => cloud.stop());

  it('has what somebody changed at the portal, and the renewal that Microsoft made', async () => {
    const { partnerCenter } = cloud.clients();
    const { world } = cloud.simulator;
    const sinceMs = world.clock.nowMs();
    const customer = DEFAULT_CUSTOMER.tenantId;
    const [one] = await partnerCenter.listSubscriptions(customer, signal);
    const path = `/v1/customers/${customer}/subscriptions/${one!.id}`;
    const ask = (method: string, body?: object) =>
      cloud.simulator.asPerson({
        service: 'partnerCenter',
        tenantId: DEFAULT_PARTNER.tenantId,
        userPrincipalName: 'admin@fabrikamcloud.onmicrosoft.com',
        method,
        path,
        body,
      });
    ask('PATCH', { ...(ask('GET').body as object), quantity: 9 });
    const [changed] = await partnerCenter.listSubscriptionChanges(sinceMs, signal);
    expect(changed).toMatchObject({
      isMicrosoft: false,
      isOwn: false,
      userPrincipalName: 'admin@fabrikamcloud.onmicrosoft.com',
      before: { quantity: 7, term: 'P1Y', billingCycle: 'monthly' },
      after: { quantity: 9 },
    });
    const end = commerceOf(world).subscriptions.get(one!.id)!.termEndMs;
    const dayMs = 24 * 60 * 60_000;
    world.clock.advance(end + dayMs - world.clock.nowMs());
    const later = await partnerCenter.listSubscriptionChanges(end - dayMs, signal);
    expect(later).toMatchObject([
      { isMicrosoft: true, subscriptionIds: [one!.id], after: { quantity: 9 } },
    ]);
  });
});

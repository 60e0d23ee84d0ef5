/** Rows 1 to 3 of partner-center.md 13: what every request meets. */
import { expect } from 'vitest';
import {
  APP_CALLER,
  buyer,
  catalogItem,
  newAgreement,
  newCart,
  newCustomer,
  testCloud,
  USER_CALLER,
} from '../commerce/test-world.ts';
import { type Row } from './partner-center-row.ts';

export const REQUEST_ROWS: readonly Row[] = [
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

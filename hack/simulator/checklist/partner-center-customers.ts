/** Rows 4 to 7 of partner-center.md 13: customers, and whether they may buy. */
import { expect } from 'vitest';
import { buy, buyer, newAgreement, newCustomer, testCloud } from '../commerce/test-world.ts';
import { type Row } from './partner-center-row.ts';

const MINUTE_MS = 60_000;

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

export const CUSTOMER_ROWS: readonly Row[] = [
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

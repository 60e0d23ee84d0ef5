import { expect, it } from 'vitest';
import { APP_CALLER, newCustomer, PARTNER, testCloud, USER_CALLER } from './test-world.ts';

it('refuses calls without a valid token with 401/800001', () => {
  const answer = testCloud().send('GET', '/v1/customers', undefined, {
    caller: undefined,
    tokenError: 'expired',
  });
  expect(answer).toMatchObject({ status: 401, json: { code: 800001 } });
});

it('refuses a token for another audience with 401/900420', () => {
  const cloud = testCloud();
  const byShell = { caller: undefined, tokenError: 'audience' } as const;
  const byClaim = { caller: { ...USER_CALLER, audience: 'https://graph.microsoft.com' } };
  for (const call of [byShell, byClaim]) {
    const answer = cloud.send('GET', '/v1/customers', undefined, call);
    expect(answer).toMatchObject({ status: 401, json: { code: 900420 } });
  }
});

it('refuses users without MFA with 401 and says so on ValidateMfa', () => {
  const cloud = testCloud();
  const call = { caller: { ...USER_CALLER, mfa: false }, headers: { validatemfa: 'true' } };
  const refused = cloud.send('GET', '/v1/customers', undefined, call);
  expect(refused).toMatchObject({ status: 401, json: { code: 900421 } });
  expect(refused.headers).toMatchObject({
    'WWW-Authenticate': 'Bearer error="invalid_token"',
    isMfaCompliant: 'false',
  });
  const checked = { headers: { validatemfa: 'true' } };
  const accepted = cloud.send('GET', '/v1/customers', undefined, checked);
  expect(accepted).toMatchObject({ status: 200, headers: { isMfaCompliant: 'true' } });
});

it.each([
  ['GET', '/v1/agreements'],
  ['GET', '/v1/customers/relationshiprequests'],
  ['GET', `/v1/customers/${PARTNER}/validationStatus`],
  ['POST', `/v1/customers/${PARTNER}/applicationconsents`],
  ['GET', `/v1/customers/${PARTNER}/orders/1/provisioningstatus`],
])('refuses app-only tokens on %s %s with 403/900329', (method, url) => {
  const answer = testCloud().send(method, url, {}, { caller: APP_CALLER });
  expect(answer).toMatchObject({ status: 403, json: { code: 900329 } });
});

it('takes app-only tokens of registered applications on calls for both', () => {
  const cloud = testCloud();
  expect(cloud.send('GET', '/v1/customers', undefined, { caller: APP_CALLER }).status).toBe(200);
  const stranger = { caller: { ...APP_CALLER, appId: 'other' } };
  const answer = cloud.send('GET', '/v1/customers', undefined, stranger);
  expect(answer).toMatchObject({ status: 403, json: { code: 900308 } });
});

it('asks for a user when a customer is created for an indirect reseller', () => {
  const body = { ...newCustomer(), associatedPartnerId: PARTNER };
  const answer = testCloud().send('POST', '/v1/customers', body, { caller: APP_CALLER });
  expect(answer).toMatchObject({ status: 403, json: { code: 900329 } });
});

it('lets AdminAgents do all, SalesAgents sell, HelpdeskAgents read, and others nothing', () => {
  const cloud = testCloud();
  const statusOf = (group: string, method: string): number => {
    cloud.directory.groups.clear();
    cloud.directory.groups.add(group);
    return cloud.send(method, `/v1/customers/${PARTNER}`, { relationshipToPartner: 'none' }).status;
  };
  expect(statusOf('AdminAgents', 'PATCH')).toBe(404);
  expect(statusOf('SalesAgents', 'PATCH')).toBe(403);
  expect(statusOf('HelpdeskAgents', 'GET')).toBe(404);
  expect(statusOf('HelpdeskAgents', 'PATCH')).toBe(403);
  expect(statusOf('Visitors', 'GET')).toBe(403);
});

it('refuses user tokens without the scope user_impersonation', () => {
  const caller = { ...USER_CALLER, scopes: ['openid'] };
  const answer = testCloud().send('GET', '/v1/customers', undefined, { caller });
  expect(answer).toMatchObject({ status: 403, json: { code: 900308 } });
});

it('refuses tenants that are no partner', () => {
  const caller = { ...USER_CALLER, tenantId: 'nobody' };
  const answer = testCloud().send('GET', '/v1/customers', undefined, { caller });
  expect(answer).toMatchObject({ status: 401, json: { code: 800001 } });
});

it('echoes ids and adds the headers of the service, with the time of the simulated cloud', () => {
  const headers = {
    'ms-requestid': '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60',
    'ms-correlationid': '1f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60',
    'x-locale': 'de-DE',
  };
  const answer = testCloud().send('GET', '/v1/customers', undefined, { headers });
  expect(answer.headers).toMatchObject({
    'MS-RequestId': headers['ms-requestid'],
    'MS-CorrelationId': headers['ms-correlationid'],
    'X-Locale': 'de-DE',
    'MS-CV': expect.stringMatching(/\.0$/),
    'MS-ServerId': expect.any(String),
    date: 'Tue, 01 Sep 2026 09:00:00 GMT',
  });
});

it('answers unknown routes with 404 in the classic error shape, and known gaps with 501', () => {
  const cloud = testCloud();
  const unknown = cloud.send('GET', '/v1/nothing');
  expect(unknown.status).toBe(404);
  expect(unknown.json).toEqual({
    code: expect.any(Number),
    description: expect.any(String),
    data: [],
    source: 'PartnerFD',
  });
  expect(cloud.send('GET', '/v1/offers').status).toBe(501);
});

it('limits customer calls to 500 a minute and tenant, multiplied by the factor', () => {
  const cloud = testCloud({ settings: { throttleFactor: 0.01 } });
  const statuses = Array.from({ length: 6 }, () => cloud.send('GET', '/v1/customers').status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  cloud.world.clock.advance(20_000);
  const refused = cloud.send('GET', '/v1/customers');
  expect(refused.headers).toMatchObject({ 'Retry-After': '40' });
  expect(refused.json).toEqual({
    statusCode: 429,
    message: 'Rate limit is exceeded. Try again in 40 seconds.',
  });
  cloud.world.clock.advance(40_000);
  expect(cloud.send('GET', '/v1/customers').status).toBe(200);
});

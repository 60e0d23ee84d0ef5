import { expect, it } from 'vitest';
import { dumpWorld } from '../../rooms.ts';
import { DEFAULT_GDAP_ROLES, ROLES } from '../access.ts';
import { commerceOf } from '../index.ts';
import {
  ADDRESS,
  APP_CALLER,
  buyer,
  newCustomer,
  PARTNER,
  subscribe,
  testCloud,
  USER_CALLER,
  update,
} from '../test-world.ts';

const MINUTE_MS = 60_000;

it('answers HEAD domains with 404 when free and 200 when taken, both without body', () => {
  const cloud = testCloud({ settings: { tenantDelayMs: MINUTE_MS } });
  const url = '/v1/domains/contoso.onmicrosoft.com';
  expect(cloud.send('HEAD', url)).toMatchObject({ status: 404, json: {} });
  cloud.send('POST', '/v1/customers', newCustomer());
  const taken = cloud.send('HEAD', url);
  expect(taken.status).toBe(200);
  expect(taken).not.toHaveProperty('body');
});

it('creates a customer with a password that is shown once, and refuses the taken domain', () => {
  const cloud = testCloud();
  const created = cloud.send('POST', '/v1/customers', newCustomer());
  expect(created.status).toBe(201);
  expect(created.json).toMatchObject({
    id: expect.any(String),
    companyProfile: { domain: 'contoso.onmicrosoft.com' },
    billingProfile: { companyName: 'Contoso GmbH', attributes: { etag: expect.any(String) } },
    userCredentials: { userName: 'admin', password: expect.stringMatching(/.{8,}/) },
  });
  const read = cloud.send('GET', `/v1/customers/${created.json.id}`);
  expect(read.json).not.toHaveProperty('userCredentials');
  const again = cloud.send('POST', '/v1/customers', newCustomer());
  expect(again).toMatchObject({ status: 409, json: { code: 2000 } });
});

it('replays a create with the same MS-RequestId: one customer, no second password', () => {
  const cloud = testCloud();
  const headers = { 'ms-requestid': '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60' };
  const first = cloud.send('POST', '/v1/customers', newCustomer(), { headers });
  const second = cloud.send('POST', '/v1/customers', newCustomer(), { headers });
  expect(second).toMatchObject({ status: 201, json: { id: first.json.id } });
  expect(second.json).not.toHaveProperty('userCredentials');
  expect(commerceOf(cloud.world).customers.size).toBe(1);
});

it('asks for both ids on create', () => {
  const headers = { 'ms-correlationid': '' };
  const answer = testCloud().send('POST', '/v1/customers', newCustomer(), { headers });
  expect(answer.status).toBe(400);
});

it('opens the tenant after its delay, with admin and default GDAP', () => {
  const cloud = testCloud({ settings: { tenantDelayMs: 5 * MINUTE_MS } });
  const { id, userCredentials } = cloud.send('POST', '/v1/customers', newCustomer()).json;
  expect(JSON.stringify(dumpWorld(cloud.world))).not.toContain(userCredentials.password);
  cloud.world.clock.advance(5 * MINUTE_MS - 1);
  expect(cloud.directory.tenants.size).toBe(0);
  cloud.world.clock.advance(1);
  expect(cloud.directory.tenants.get(id)).toMatchObject({
    initialDomain: 'contoso.onmicrosoft.com',
    country: 'DE',
    admin: { userName: 'admin' },
  });
  expect(cloud.directory.relationships).toMatchObject([
    { customerTenantId: id, roleTemplateIds: DEFAULT_GDAP_ROLES },
  ]);
});

it('makes no GDAP relationship with enableGDAPByDefault false', () => {
  const cloud = testCloud();
  cloud.send('POST', '/v1/customers', { ...newCustomer(), enableGDAPByDefault: false });
  expect(cloud.directory.tenants.size).toBe(1);
  expect(cloud.directory.relationships).toEqual([]);
});

it('refuses countries outside the region of the partner with 403/2030', () => {
  const address = { ...ADDRESS, country: 'US', state: 'WA', postalCode: '98052' };
  const answer = testCloud().send('POST', '/v1/customers', newCustomer(undefined, address));
  expect(answer).toMatchObject({ status: 403, json: { code: 2030 } });
  const american = testCloud({ partner: { region: 'United States', country: 'US' } });
  const sold = american.send('POST', '/v1/customers', newCustomer(undefined, address));
  expect(sold.status).toBe(201);
});

const POLAND = { ...ADDRESS, country: 'PL', postalCode: '00-950', phoneNumber: '601234567' };

it.each([
  [undefined, POLAND, 600049],
  ['12', POLAND, 600050],
  ['1234567890', { ...POLAND, phoneNumber: '' }, 600051],
])('asks for registration number %s and phone in Poland', (number, address, code) => {
  const body = newCustomer(undefined, address);
  body.companyProfile!.organizationRegistrationNumber = number;
  const answer = testCloud().send('POST', '/v1/customers', body);
  expect(answer).toMatchObject({ status: 400, json: { code, errorName: expect.any(String) } });
});

it('creates a Polish customer that has both', () => {
  const body = newCustomer(undefined, POLAND);
  body.companyProfile!.organizationRegistrationNumber = '1234567890';
  expect(testCloud().send('POST', '/v1/customers', body).status).toBe(201);
});

it.each([
  ['companyName', 'X'],
  ['companyName', 'GmbH'],
  ['companyName', '---'],
  ['email', 'someone@microsoft.com'],
  ['culture', 'german'],
  ['defaultAddress', { ...ADDRESS, postalCode: '1234' }],
  ['defaultAddress', { ...ADDRESS, firstName: 'x'.repeat(51) }],
  ['defaultAddress', { ...ADDRESS, city: '' }],
])('refuses billingProfile.%s = %j with 2000', (member, value) => {
  const body = newCustomer();
  body.billingProfile![member] = value;
  const answer = testCloud().send('POST', '/v1/customers', body);
  expect(answer).toMatchObject({ status: 400, json: { code: 2000 } });
});

it('takes PascalCase, names unknown members with 3000 and wrong types with 2000', () => {
  const cloud = testCloud();
  const pascal = {
    CompanyProfile: { Domain: 'contoso.onmicrosoft.com' },
    BillingProfile: {
      Email: 'billing@contoso.example',
      Culture: 'de-DE',
      Language: 'de',
      CompanyName: 'Contoso GmbH',
      DefaultAddress: ADDRESS,
    },
  };
  expect(cloud.send('POST', '/v1/customers', pascal).status).toBe(201);
  const unknown = cloud.send('POST', '/v1/customers', { ...newCustomer(), favourite: 1 });
  expect(unknown.json).toMatchObject({
    code: 3000,
    description: expect.stringContaining('favourite'),
  });
  const wrong = newCustomer();
  wrong.billingProfile!.email = 5;
  expect(cloud.send('POST', '/v1/customers', wrong).json).toMatchObject({
    code: 2000,
    description: expect.stringContaining('billingProfile.email'),
  });
});

it('lists customers in pages with a continuation token, new ones after a minute', () => {
  const cloud = testCloud();
  const domains = ['one', 'two', 'three'].map((prefix) => `${prefix}.onmicrosoft.com`);
  for (const domain of domains) cloud.send('POST', '/v1/customers', newCustomer(domain));
  expect(cloud.send('GET', '/v1/customers').json).toMatchObject({ totalCount: 0, items: [] });
  cloud.world.clock.advance(MINUTE_MS);
  const first = cloud.send('GET', '/v1/customers?size=2').json;
  expect(first).toMatchObject({ totalCount: 2, continuationToken: expect.any(String) });
  const [header] = first.links.next.headers;
  expect(header).toEqual({ key: 'MS-ContinuationToken', value: first.continuationToken });
  const next = cloud.send('GET', '/v1/customers?seekOperation=Next', undefined, {
    headers: { 'ms-continuationtoken': first.continuationToken },
  }).json;
  expect(next).toMatchObject({ totalCount: 1 });
  expect(next.links).not.toHaveProperty('next');
  const seen = [...first.items, ...next.items].map((item) => item.companyProfile.domain);
  expect(seen).toEqual(domains);
  expect(cloud.send('GET', '/v1/customers?size=501').status).toBe(400);
});

it('filters customers by company name and domain with starts_with only', () => {
  const cloud = testCloud();
  cloud.send('POST', '/v1/customers', newCustomer());
  cloud.world.clock.advance(MINUTE_MS);
  const count = (Field: string, Value: string, Operator = 'starts_with'): unknown => {
    const filter = encodeURIComponent(JSON.stringify({ Field, Value, Operator }));
    const answer = cloud.send('GET', `/v1/customers?filter=${filter}`);
    return answer.json.totalCount ?? answer.status;
  };
  expect(count('CompanyName', 'conTOSO')).toBe(1);
  expect(count('Domain', 'contoso.')).toBe(1);
  expect(count('Domain', 'other')).toBe(0);
  expect(count('Domain', 'toso', 'substring')).toBe(400);
});

it('knows foreign customers from unknown ones', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const other = { ...USER_CALLER, tenantId: 'other' };
  cloud.world.partners.set('other', { ...cloud.world.partners.get(PARTNER)!, tenantId: 'other' });
  const foreign = cloud.send('GET', `/v1/customers/${id}`, undefined, { caller: other });
  expect(foreign).toMatchObject({ status: 403, json: { code: 20002 } });
  const unknown = cloud.send('GET', `/v1/customers/${PARTNER}`);
  expect(unknown).toMatchObject({ status: 404, json: { code: 60003 } });
});

it('replaces the billing profile under If-Match and refuses a stale etag with 2055', () => {
  const cloud = testCloud();
  const url = `/v1/customers/${buyer(cloud)}/profiles/billing`;
  const profile = cloud.send('GET', url).json;
  const changed = { ...profile, companyName: 'Contoso AG' };
  const match = { headers: { 'if-match': `"${profile.attributes.etag}"` } };
  const replaced = cloud.send('PUT', url, changed, match);
  expect(replaced).toMatchObject({ status: 200, json: { companyName: 'Contoso AG' } });
  expect(replaced.json.attributes.etag).not.toBe(profile.attributes.etag);
  const moved = {
    ...replaced.json,
    defaultAddress: { ...ADDRESS, country: 'AT', postalCode: '1010' },
  };
  const fresh = { headers: { 'if-match': `"${replaced.json.attributes.etag}"` } };
  expect(cloud.send('PUT', url, moved, fresh)).toMatchObject({ status: 400, json: { code: 2000 } });
  const stale = cloud.send('PUT', url, changed, match);
  expect(stale).toMatchObject({ status: 400, json: { code: 2055 } });
  expect(cloud.send('PUT', url, changed).status).toBe(400);
});

it('ends the relationship only when every subscription is suspended or cancelled', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const subscription = subscribe(cloud, id);
  const end = { relationshipToPartner: 'none', attributes: { objectType: 'Customer' } };
  expect(cloud.send('PATCH', `/v1/customers/${id}`, end).status).toBe(400);
  update(cloud, subscription, { status: 'suspended' });
  expect(cloud.send('PATCH', `/v1/customers/${id}`, end).status).toBe(200);
  expect(cloud.send('GET', `/v1/customers/${id}`).json).toMatchObject({ code: 20002 });
});

it('deletes customers in the sandbox only', () => {
  const production = testCloud();
  expect(production.send('DELETE', `/v1/customers/${buyer(production)}`).status).toBe(403);
  const sandbox = testCloud({ partner: { environment: 'Sandbox' } });
  const id = buyer(sandbox);
  update(sandbox, subscribe(sandbox, id), { status: 'suspended' });
  expect(sandbox.send('DELETE', `/v1/customers/${id}`)).toMatchObject({ status: 204, json: {} });
  const lines = commerceOf(sandbox.world).ledger.length;
  sandbox.world.clock.advance(400 * 86_400_000);
  expect(commerceOf(sandbox.world).ledger).toHaveLength(lines);
  expect(sandbox.send('GET', `/v1/customers/${id}`).status).toBe(404);
});

it('holds 75 customers in the sandbox', () => {
  const cloud = testCloud({ partner: { environment: 'Sandbox' } });
  const statuses = Array.from({ length: 76 }, (_, index) => {
    const body = newCustomer(`contoso${index}.onmicrosoft.com`);
    return cloud.send('POST', '/v1/customers', body).status;
  });
  expect(statuses.indexOf(400)).toBe(75);
});

it('shows organization and custom domains with GDAP only', () => {
  const cloud = testCloud();
  const url = `/v1/customers/${buyer(cloud)}/organization`;
  expect(cloud.send('GET', url)).toMatchObject({ status: 403, json: { code: 900308 } });
  cloud.directory.roles.add(ROLES.globalReader);
  expect(cloud.send('GET', url)).toMatchObject({
    status: 200,
    json: { companyName: 'Contoso GmbH' },
  });
});

it.each(['DE', 'AT', 'CH', 'FR', 'GB', 'NL', 'US', 'CA', 'AU', 'IN', 'BR', 'PL'])(
  'has validation rules for %s',
  (country) => {
    const cloud = testCloud();
    const call = { caller: APP_CALLER };
    const { json } = cloud.send('GET', `/v1/countryvalidationrules/${country}`, undefined, call);
    expect(json).toMatchObject({
      iso2Code: country,
      isPostalCodeRequired: true,
      supportedCulturesList: expect.arrayContaining([expect.stringMatching(/-/)]),
      countryCallingCodesList: [expect.stringMatching(/^\d+$/)],
      customerOrganizationRegistrationNumberRequired: ['IN', 'BR', 'PL'].includes(country),
    });
    expect(() => new RegExp(json.postalCodeRegex, 'u')).not.toThrow();
  },
);

it('validates addresses: state lists in the US, postal codes elsewhere', () => {
  const cloud = testCloud();
  const validate = (address: Record<string, string>): unknown =>
    cloud.send('POST', '/v1/validations/address', { ...ADDRESS, ...address }).json.status;
  expect(validate({})).toBe('VerifiedShippable');
  expect(validate({ postalCode: 'ABC' })).toBe('None');
  expect(validate({ country: 'US', state: 'WA', postalCode: '98052' })).toBe('VerifiedShippable');
  expect(validate({ country: 'US', state: 'XX', postalCode: '98052' })).toBe('None');
});

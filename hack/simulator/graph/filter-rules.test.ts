import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from '../seed.ts';
import { Kit } from '../test-kit.ts';

const { tenantId } = DEFAULT_CUSTOMER;
const SKU = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
let kit: Kit;
let token: string;

beforeAll(async () => {
  kit = await Kit.start();
  token = await kit.customerToken(tenantId);
});
afterAll(() => kit.stop());

async function ask(path: string, filter: string, isAdvanced: boolean): Promise<number> {
  const query = `$select=id&$filter=${encodeURIComponent(filter)}`;
  const url = `${path}?${query}${isAdvanced ? '&$count=true' : ''}`;
  const headers = isAdvanced ? { consistencylevel: 'eventual' } : {};
  const answer = await kit.graph('GET', url, { token, headers });
  if (answer.status !== 200) return answer.status;
  return (answer.body.value as unknown[]).length;
}

/** How many of the default world match, plainly and as an advanced query; 400 where the service refuses. */
const USERS: readonly (readonly [filter: string, plain: number, advanced: number])[] = [
  ['accountEnabled eq true', 7, 7],
  ['accountEnabled in (true)', 7, 7],
  ["department eq 'Sales'", 2, 2],
  ["department in ('Sales','Warehouse')", 4, 4],
  ["startsWith(displayName,'Anna')", 1, 1],
  ["displayName ge 'E' and displayName le 'G'", 2, 2],
  ["userType eq 'Member' and not(department eq 'Sales')", 400, 5],
  ["department ne 'Sales'", 400, 5],
  ['department eq null', 400, 1],
  ["endsWith(userPrincipalName,'@northwind.example')", 400, 6],
  ["endsWith(displayName,'r')", 400, 400],
  ["contains(displayName,'nn')", 400, 400],
  ["companyName eq 'x'", 400, 0],
  ["onPremisesSamAccountName eq 'x'", 400, 0],
  ["onPremisesExtensionAttributes/extensionAttribute1 eq 'x'", 400, 0],
  [`assignedLicenses/any(a:a/skuId eq ${SKU})`, 5, 5],
  ['assignedLicenses/$count eq 0', 400, 2],
  ["proxyAddresses/any(p:p eq 'smtp:x@y')", 0, 0],
  ["proxyAddresses/any(p:startsWith(p,'smtp:'))", 0, 0],
  ["otherMails/any(p:p eq 'x@y')", 0, 0],
  ['createdDateTime ge 2020-01-01T00:00:00Z', 7, 7],
  ["streetAddress eq 'x'", 400, 400],
  ["shoeSize eq '46'", 400, 400],
  ["displayName eq 'x' or", 400, 400],
  ["displayName like 'x'", 400, 400],
  ["(department eq 'Sales' or department eq 'Finance') and accountEnabled eq true", 3, 3],
];

describe('filters of users (graph.md 2.3, 12.2)', () => {
  it.each(USERS)('%s', async (filter, plain, advanced) => {
    expect(await ask('/users', filter, false)).toBe(plain);
    expect(await ask('/users', filter, true)).toBe(advanced);
  });

  it('need both the header and $count=true for an advanced query', async () => {
    const url = "/users?$filter=department ne 'Sales'";
    const headers = { consistencylevel: 'eventual' };
    expect((await kit.graph('GET', url, { token, headers })).status).toBe(400);
    expect((await kit.graph('GET', `${url}&$count=true`, { token })).status).toBe(400);
  });
});

const OTHERS: readonly (readonly [path: string, filter: string, plain: number])[] = [
  ['/groups', "displayName eq 'Sales'", 1],
  ['/groups', "groupTypes/any(c:c eq 'Unified')", 0],
  ['/groups', "description eq 'x'", 400],
  ['/directoryRoles', "displayName eq 'Global Administrator'", 1],
  ['/directory/subscriptions', "skuId eq 'x'", 0],
  ['/directory/subscriptions', 'totalLicenses eq 1', 400],
  ['/subscribedSkus', "skuPartNumber eq 'SPB'", 400],
  ['/domains', "id eq 'x'", 400],
];

describe('filters of other collections', () => {
  it.each(OTHERS)('%s by %s', async (path, filter, plain) => {
    expect(await ask(path, filter, false)).toBe(plain);
  });
});

import { expect, it } from 'vitest';
import { ReferenceIndex } from './references.ts';
import type { ObjectKey } from './resource.ts';

const tenant: ObjectKey = 'M365Tenant/acme/contoso';
const pool: ObjectKey = 'LicensePool/acme/premium';
const [ada, bob]: readonly [ObjectKey, ObjectKey] = ['M365User/acme/ada', 'M365User/acme/bob'];

it('finds those that refer to a key, one or many, of all kinds or of one', () => {
  const index = new ReferenceIndex();
  index.set(ada, [tenant]);
  expect(index.referencing(tenant)).toEqual([ada]);
  expect(index.referencing(tenant, 'M365User')).toEqual([ada]);
  expect(index.referencing(tenant, 'LicensePool')).toEqual([]);
  index.set(pool, [tenant]);
  index.set(bob, [tenant]);
  expect(index.referencing(tenant)).toEqual([ada, bob, pool]);
  expect(index.referencing(tenant, 'M365User')).toEqual([ada, bob]);
  expect(index.referencing(tenant, 'LicensePool')).toEqual([pool]);
});

it('forgets what is no longer referred to', () => {
  const index = new ReferenceIndex();
  for (const from of [ada, bob, pool]) index.set(from, [tenant]);
  index.set(pool, []);
  expect(index.referencing(tenant, 'LicensePool')).toEqual([]);
  index.set(ada, [pool]);
  expect(index.referencing(tenant)).toEqual([bob]);
  expect(index.referencing(pool)).toEqual([ada]);
  index.set(bob, []);
  expect(index.referencing(tenant)).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { isBelow, isIn, partsOf } from './distinguished-names.ts';

const tenant = 'OU=contoso,OU=Customers,DC=corp,DC=example';

describe('a distinguished name', () => {
  it.each([
    [String.raw`CN=Lund\, Mia,OU=x`, ['cn=lund, mia', 'ou=x']],
    [String.raw`CN=Lund\2C Mia, OU=x`, ['cn=lund, mia', 'ou=x']],
    [String.raw`CN=back\\,OU=x`, [String.raw`cn=back\ `.trim(), 'ou=x']],
    [String.raw`CN=J\C3\BCrgen,OU=x`, ['cn=jürgen', 'ou=x']],
    [String.raw`CN=a\=b\+c,OU=x`, ['cn=a=b+c', 'ou=x']],
    ['', []],
  ])('%s has these parts', (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  it.each([
    [`CN=Mia,OU=Sales,${tenant}`, `ou=sales,${tenant.toUpperCase()}`, true],
    [String.raw`CN=Lund\, Mia,OU=R\+D,${tenant}`, `OU=R+D,${tenant}`, true],
    [`CN=Mia,OU=West,OU=Sales,${tenant}`, `OU=Sales,${tenant}`, false],
    [`CN=Mia,${tenant}`, `OU=Sales,${tenant}`, false],
    [`CN=Mia,OU=Sales,${tenant}`, tenant, false],
  ])('%s is right in %s: %s', (name, unit, expected) => {
    expect(isIn(name, unit)).toBe(expected);
  });

  it.each([
    [`CN=Mia,OU=West,OU=Sales,${tenant}`, tenant.toUpperCase(), true],
    [String.raw`CN=Mia,OU=R\+D,${tenant}`, String.raw`OU=R\2BD,${tenant}`, true],
    [`CN=Mia,${tenant}`, tenant, true],
    [tenant, tenant, false],
    ['CN=Mia,OU=fabrikam,OU=Customers,DC=corp,DC=example', tenant, false],
    ['CN=Mia,OU=xcontoso,OU=Customers,DC=corp,DC=example', tenant, false],
  ])('%s is somewhere in %s: %s', (name, unit, expected) => {
    expect(isBelow(name, unit)).toBe(expected);
  });
});

/** Accounts in Active Directory as others may leave them, for property tests. */
import * as fc from 'fast-check';
import { adAccount } from './observed.ts';

export const text = fc.option(fc.constantFrom('Sales', 'Board', 'Warehouse'), { nil: undefined });

const { anchor } = adAccount();

export const account = fc
  .record({
    enabled: fc.boolean(),
    anchor: fc.constantFrom(anchor, 'dGFrZW4='),
    ownerUid: fc.constantFrom('uid-mia', undefined),
    lacksPassword: fc.constantFrom(undefined, true as const),
    distinguishedName: fc.constantFrom('CN=Mia Muster,OU=contoso', 'CN=Mia Muster,OU=fabrikam'),
    department: text,
    title: text,
    info: text,
  })
  .map(({ department, title, info, ...rest }) => {
    const given = Object.entries({ department, title, info }).flatMap(([k, v]) =>
      v === undefined ? [] : [[k, v] as const],
    );
    return adAccount({
      ...rest,
      attributes: { displayName: 'Mia Muster', ...Object.fromEntries(given) },
    });
  });

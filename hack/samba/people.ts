/** Accounts as an administrator makes them: nothing in them is the operator's. */
import { Attribute, type Client } from 'ldapts';
import { password } from './test-directory.ts';

export interface Person {
  readonly samAccountName: string;
  readonly userPrincipalName: string;
  readonly mail?: string;
}

/** Its DN. It can sign in with `password`. */
export async function addPerson(admin: Client, parent: string, person: Person): Promise<string> {
  const dn = `CN=${person.samAccountName},${parent}`;
  const secret = Buffer.from(`"${password}"`, 'utf16le');
  await admin.add(dn, [
    new Attribute({ type: 'objectClass', values: ['user'] }),
    new Attribute({ type: 'sAMAccountName', values: [person.samAccountName] }),
    new Attribute({ type: 'userPrincipalName', values: [person.userPrincipalName] }),
    new Attribute({ type: 'userAccountControl', values: ['512'] }),
    new Attribute({ type: 'unicodePwd', values: [secret] }),
    ...(person.mail === undefined ? [] : [new Attribute({ type: 'mail', values: [person.mail] })]),
  ]);
  return dn;
}

/** Parts of an M365User: its account in Active Directory, its invitation as a guest. */
import * as z from 'zod';
import { dateTime } from './common.ts';
import { asSet, immutable, rules, text } from './define.ts';

export const groupName = z.string().min(1).max(256);

export const ActiveDirectoryAccount = z.object({
  samAccountName: text(
    'Logon name in the domain, at most 20 characters; a change renames the account. Unset: derived when the account is made, shown in status, and kept whatever the sign-in name becomes.',
    20,
  )
    .regex(/^[^"/\\[\]:;|=,+*?<>@\s]+$/)
    .optional(),
  organizationalUnit: text(
    "OU below the tenant's, e.g. OU=Sales: made where missing, and the account is moved into it. Unset: a new account is made in the tenant's own, one that is there stays where it stands.",
    256,
  )
    .regex(/^OU=[^,=]+(,OU=[^,=]+)*$/)
    .optional(),
  groups: z
    .array(groupName)
    .max(100)
    .optional()
    .meta({
      ...asSet,
      description:
        "Groups of the tenant's OU, by name; made where missing. One that is taken out of the list is left; others are left alone.",
    }),
  attributes: z
    .record(z.string().max(64), z.string().min(1).max(1024))
    .optional()
    .meta({
      maxProperties: 30,
      ...rules({
        rule: "self.all(k, !(k.lowerAscii() in ['unicodepwd','userpassword','useraccountcontrol','objectguid','objectsid','ms-ds-consistencyguid','userprincipalname','samaccountname','memberof','member','manager','pwdlastset','samaccounttype','distinguishedname','objectclass','cn','name','msds-cloudextensionattribute1']))",
        message:
          'attributes must not hold password, identity or account control attributes: they have fields of their own',
      }),
      description:
        "Further attributes by LDAP name. One that the forest's schema lacks (Exchange's where there is no Exchange) is not written, and the condition ActiveDirectorySynced says so.",
    }),
});

const secretName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

export const InitialPassword = z
  .object({
    secretName: secretName
      .describe('Name of the Secret, key password. It cannot be changed: people look for it there.')
      .meta(immutable('initialPassword.secretName')),
    expireAfterDays: z
      .int()
      .min(1)
      .max(365)
      .optional()
      .describe(
        'So many days after the operator put a password into the Secret it is taken out again; other keys stay, and so does the password of the accounts. Unset: it stays.',
      ),
    expireAtFirstSignIn: z
      .boolean()
      .optional()
      .describe(
        'true: it is taken out before that once the person has signed in: in Active Directory within a poll, in Entra ID as far as Microsoft tells (Entra ID P1, up to a day late).',
      ),
  })
  .meta(
    rules({
      rule: '!has(self.expireAtFirstSignIn) || !self.expireAtFirstSignIn || has(self.expireAfterDays)',
      message:
        'expireAtFirstSignIn needs expireAfterDays: Microsoft tells sign-ins late, or not at all',
    }),
  );

export const PasswordSecret = z
  .object({
    name: secretName.describe('Name of the Secret, in the namespace of this object.'),
    storedAt: dateTime('When the operator put a password there.'),
    expiredAt: dateTime('When one was last taken out again.').optional(),
  })
  .describe('Where the password is, or was, that the operator made for the person.');

export const Invitation = z.object({
  sendMessage: z
    .boolean()
    .default(false)
    .describe('true: Microsoft sends the invitation by e-mail.'),
  redirectUrl: text('Where the guest arrives after accepting.', 1024)
    .regex(/^https:\/\/[^\s]+$/)
    .default('https://myapplications.microsoft.com'),
});

/**
 * Entra: letters, digits and ' . - _ ! # ^ ~ (an e-mail address of elsewhere may have a + as well), no accents, no dot just before the @; 64 before it, 48 after, 113 in all.
 * Source: graph.md 2.2 and 17.4 (user resource page, 2026-07-04; self-service password reset policies page).
 */
export const userPrincipalName = z
  .string()
  .min(3)
  .max(113)
  .meta({
    ...rules({
      rule: "self.matches(\"^[A-Za-z0-9'._!#^~+-]{0,63}[A-Za-z0-9'_!#^~+-]@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$\") && self.split('@')[1].size() <= 48",
      message:
        "userPrincipalName must be name@domain: letters, digits and '.-_!#^~ only (of a guest also +), no accents, no dot before the @, at most 64 characters before and 48 after it",
    }),
    description:
      'Sign-in name: name@domain, the domain being verified in the tenant. Of a guest: the e-mail address that is invited, with which the person signs in at home.',
  });

/** Where a tenant comes from: made by the operator, or there already. */
import * as z from 'zod';
import { domainName, email, guid } from './common.ts';
import { rules, text } from './define.ts';
import { markets } from './regions.ts';

const Person = {
  firstName: text('First name.', 50),
  lastName: text('Last name.', 50),
  email: email('E-mail address.'),
  phone: z
    .string()
    .max(30)
    .regex(/^\+?[0-9][0-9 ()/-]{4,28}$/)
    .optional()
    .describe('Telephone number; required by Microsoft in some countries.'),
};

export const create = z
  .object({
    domainPrefix: text(
      'The tenant becomes <prefix>.onmicrosoft.com; it can never be changed.',
      27,
    ).regex(/^[a-z0-9]+$/),
    companyName: text('Name of the company, as it stands on invoices.', 256, 2),
    country: z.enum(markets).describe('Country (ISO 3166-1 alpha-2); fixed for ever at creation.'),
    language: text('Language of the tenant, e.g. de.', 8).regex(/^[a-z]{2}(-[A-Za-z]{2,4})?$/),
    address: z
      .object({
        line1: text('Street and number.', 200),
        line2: z.string().max(200).optional().describe('Second line.'),
        city: text('City.', 100),
        state: text('State or province, where the country has them (two letters).', 2).optional(),
        postalCode: text('Postal code, where the country has them.', 20).optional(),
      })
      .describe('Address of the company; Microsoft validates it.'),
    contact: z.object(Person).describe('Contact person for billing.'),
    registrationNumber: text(
      'Registration number of the organization; required by Microsoft in some countries.',
      50,
    ).optional(),
    agreement: z
      .object({
        ...Person,
        acceptedOn: z
          .string()
          .max(10)
          .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
          .describe(
            'Day (YYYY-MM-DD) on which this person accepted the Microsoft Customer Agreement.',
          ),
      })
      .describe(
        'Who accepted the Microsoft Customer Agreement, and when. Nothing can be bought without it.',
      ),
  })
  .meta(
    rules({
      rule: 'self == oldSelf || self.domainPrefix == oldSelf.domainPrefix && self.country == oldSelf.country',
      message: 'create.domainPrefix and create.country cannot be changed',
    }),
  )
  .optional()
  .describe('A new tenant, made by the operator.');

export const connect = z
  .object({
    tenantId: guid('Tenant id of the existing customer.').optional(),
    domain: domainName('A verified domain of the existing customer.').optional(),
  })
  .meta(
    rules(
      {
        rule: 'has(self.tenantId) != has(self.domain)',
        message: 'set exactly one of tenantId and domain',
      },
      { rule: 'self == oldSelf', message: 'connect cannot be changed: it names the tenant' },
    ),
  )
  .optional()
  .describe('A tenant that exists already.');

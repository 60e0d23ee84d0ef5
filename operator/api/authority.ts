/** Whose word counts for a field that both directories have. */
import * as z from 'zod';
import { keyedBy } from './define.ts';

/** Fields of an M365User that stand in both directories (active-directory.md B4). */
export const sharedFields = [
  'displayName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'companyName',
  'officeLocation',
  'mobilePhone',
  'businessPhone',
  'mail',
  'streetAddress',
  'city',
  'state',
  'postalCode',
  'country',
  'employeeId',
  'employeeType',
  'preferredLanguage',
] as const;

export type SharedField = (typeof sharedFields)[number];

const Rule = z.object({
  field: z.enum(sharedFields).describe('Field, as in the spec of M365User.'),
  source: z
    .enum(['Git', 'ActiveDirectory', 'Entra', 'FirstWriter'])
    .describe(
      'Git: what the M365User declares, in both directories. ActiveDirectory, Entra: what stands in that one is written into the other; the manifest gives new accounts their first value. FirstWriter: whoever set it first, the manifest included; where both directories have values of their own from before, neither is written and the condition AuthorityConflict names the field.',
    ),
});

export const authority = z
  .array(Rule)
  .max(sharedFields.length)
  .optional()
  .meta({
    ...keyedBy('field'),
    description:
      'Where the value of a field comes from. A field that is not listed comes from Git, and is left alone where the manifest does not declare it.',
  });

export type AuthorityRule = z.infer<typeof Rule>;

/**
 * A world as people write it: partners, tenants, users, subscriptions, dates. An example: example.yaml.
 * Only what is written differs from a tenant that Microsoft would make.
 */
import { z } from 'zod';
import { NewPartner } from '../partners.ts';

const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain in lower case');
const upn = z
  .string()
  .regex(/^[^@\s]+@[^@\s]+$/, 'a user principal name like ella@contoso.example');
const moment = z.iso.datetime({ offset: true });

const WorldUser = z.strictObject({
  userPrincipalName: upn,
  displayName: z.string().min(1),
  givenName: z.string().optional(),
  surname: z.string().optional(),
  department: z.string().optional(),
  jobTitle: z.string().optional(),
  /** ISO 3166-1 alpha-2; default: the tenant's country. */
  usageLocation: z.string().length(2).optional(),
  accountEnabled: z.boolean().default(true),
  userType: z.enum(['Member', 'Guest']).default('Member'),
  /** User principal name of somebody above in the list. */
  manager: upn.optional(),
  /** Offers of the tenant's subscriptions. */
  licenses: z.array(z.string()).default([]),
  /** Display names; made where they are not there. */
  groups: z.array(z.string().min(1)).default([]),
  /** Global Administrator of the tenant. */
  administrator: z.boolean().default(false),
});
export type WorldUser = z.output<typeof WorldUser>;

const WorldSubscription = z.strictObject({
  /** `product:sku` of the catalogue, e.g. CFQ7TTC0LCHC:0002. */
  offer: z.string().regex(/^[A-Z0-9]+:[A-Z0-9]+$/, 'product:sku like CFQ7TTC0LCHC:0002'),
  seats: z.int().positive(),
  term: z.enum(['P1M', 'P1Y', 'P3Y']).default('P1Y'),
  billingCycle: z.enum(['monthly', 'annual', 'triennial']).default('monthly'),
  name: z.string().min(1).optional(),
  /** The terms and their windows follow from it; default: 100 days ago. */
  boughtAt: moment.optional(),
  autoRenew: z.boolean().default(true),
});
export type WorldSubscription = z.output<typeof WorldSubscription>;

const WorldTenant = z.strictObject({
  companyName: z.string().min(1),
  tenantId: z.guid().optional(),
  /** `contoso` of contoso.onmicrosoft.com. */
  domainPrefix: z.string().regex(/^[a-z0-9]{1,27}$/, 'up to 27 lower-case letters and digits'),
  /** ISO 3166-1 alpha-2 */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'two capital letters like DE')
    .default('DE'),
  /** Name of one of the partners; default: the first. */
  partner: z.string().optional(),
  /** Verified ones; the first is the default domain. */
  domains: z.array(domain).default([]),
  /** The customer agreement is confirmed. */
  agreement: z.boolean().default(true),
  subscriptions: z.array(WorldSubscription).default([]),
  users: z.array(WorldUser).default([]),
});
export type WorldTenant = z.output<typeof WorldTenant>;

export const WorldFile = z.strictObject({
  /** Time of the simulated cloud at its start; default: now. */
  startAt: moment.optional(),
  /** Default: the one that README names. */
  partners: z.array(NewPartner).default([]),
  tenants: z.array(WorldTenant).default([]),
});
export type WorldFile = z.output<typeof WorldFile>;

import * as z from 'zod';
import { dateTime, drift, managementPolicies, reference, statusBase, suspend } from './common.ts';
import { count, defineApi, immutable, rules, text } from './define.ts';

const Mode = z.enum(['Observe', 'Plan', 'Approve', 'Auto']);

export const LicensePoolSpec = z
  .object({
    tenantRef: reference('The M365Tenant (same namespace) whose licences these are.').meta(
      immutable('tenantRef'),
    ),
    offer: text("Name of an offer in the catalogue of the tenant's PartnerConnection.", 63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .meta(immutable('offer')),
    seats: z
      .object({
        min: count('Never fewer seats than this.', 0, 100_000).default(0),
        max: count('Never more seats than this.', 1, 100_000),
        buffer: z
          .object({
            count: count('Idle seats to keep ready for joiners.', 0, 10_000),
            marginFloorPercent: z
              .int()
              .min(-100)
              .max(100)
              .optional()
              .describe('The buffer shrinks rather than let the margin fall below this.'),
          })
          .optional()
          .describe('Seats kept ready. Unset: none.'),
      })
      .meta(
        rules({
          rule: 'self.min <= self.max',
          message: 'seats.min must not be greater than seats.max',
        }),
      )
      .describe('Bounds of the pool.'),
    increase: Mode.default('Auto').describe(
      'What may happen by itself when seats are short. Observe, Plan: shown only. Approve: bought once the annotation m365-operator.io/approve names the hash of the plan. Auto: bought.',
    ),
    decrease: Mode.default('Observe').describe(
      'What may happen by itself when seats are idle and Microsoft takes them back (168 hours after purchase): as for increase.',
    ),
    endOfTerm: z
      .enum(['Renew', 'Cancel', 'Extend'])
      .describe(
        "What happens at the end of the term: always explicit, since Microsoft's default costs money.",
      ),
    managementPolicies,
    suspend,
  })
  .describe('What the provider wants of one product of one tenant.');

export const LicensePoolStatus = z
  .object({
    ...statusBase,
    subscriptionId: z
      .string()
      .max(36)
      .optional()
      .describe('Subscription at Partner Center that the pool buys seats of.'),
    skuId: z.string().max(36).optional().describe('SKU id in Entra.'),
    intent: z
      .object({
        requestId: z.string().max(36).describe('MS-RequestId of the purchase.'),
        quantity: count('Seats to buy.', 1),
        cartId: z
          .string()
          .max(36)
          .optional()
          .describe('Cart, once it exists: checked out by this id, never twice.'),
        orderId: z.string().max(36).optional().describe('Order, once checked out.'),
      })
      .optional()
      .describe('The first purchase, written before it is made.'),
    seats: z
      .object({
        bought: count('Seats bought (Partner Center).'),
        available: count('Seats that have arrived in the directory.'),
        assigned: count('Seats in use, by anyone.'),
        reserved: count('Seats that declared users wait for.'),
        idle: count('Seats bought and neither assigned nor reserved.'),
        target: count('Seats there should be.'),
      })
      .optional()
      .describe('Seats by state.'),
    plan: z
      .object({
        action: z
          .enum(['None', 'Purchase', 'Increase', 'Decrease'])
          .describe('What is to be done now.'),
        quantity: count('Seats by which it changes.'),
        costPerMonth: z
          .int()
          .describe('What it costs (or saves, negative) a month, in minor units.'),
        hash: z
          .string()
          .max(16)
          .describe('Names this plan in the annotation m365-operator.io/approve.'),
        held: z.string().max(1024).optional().describe('Why it is not done, in a sentence.'),
      })
      .optional()
      .describe('The seat plan.'),
    money: z
      .object({
        currency: z.string().max(3).describe('ISO 4217 currency.'),
        cost: z.int().describe('Cost a month, in minor units.'),
        revenue: z.int().describe('What the assigned seats bring a month, in minor units.'),
        margin: z.int().describe('Revenue less cost.'),
        marginPercent: z.string().max(10).describe('Margin in percent of the revenue.'),
      })
      .optional()
      .describe('What the pool costs and brings a month.'),
    explanation: z.string().max(1024).optional().describe('The seat count in one sentence.'),
    commitmentEndTime: dateTime('End of the term, inclusive.').optional(),
    drift,
  })
  .describe('What was found.');

export type LicensePoolSpec = z.infer<typeof LicensePoolSpec>;
export type LicensePoolStatus = z.infer<typeof LicensePoolStatus>;

export const licensePoolApi = defineApi({
  kind: 'LicensePool',
  plural: 'licensepools',
  shortNames: ['lp'],
  description: 'The seats of one product of one tenant.',
  spec: LicensePoolSpec,
  status: LicensePoolStatus,
  selectableFields: ['.spec.tenantRef.name', '.spec.offer'],
  columns: [
    {
      name: 'Ready',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Seats as wanted.',
    },
    {
      name: 'Status',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'State in a word.',
    },
    { name: 'Tenant', jsonPath: '.spec.tenantRef.name', description: 'Tenant.' },
    { name: 'Offer', jsonPath: '.spec.offer', description: 'Offer.' },
    {
      name: 'Bought',
      jsonPath: '.status.seats.bought',
      type: 'integer',
      description: 'Seats bought.',
    },
    {
      name: 'Assigned',
      jsonPath: '.status.seats.assigned',
      type: 'integer',
      description: 'Seats in use.',
    },
    { name: 'Idle', jsonPath: '.status.seats.idle', type: 'integer', description: 'Idle seats.' },
    { name: 'Margin%', jsonPath: '.status.money.marginPercent', description: 'Margin.' },
    {
      name: 'Explanation',
      jsonPath: '.status.explanation',
      wide: true,
      description: 'The seat count in a sentence.',
    },
    {
      name: 'Age',
      jsonPath: '.metadata.creationTimestamp',
      type: 'date',
      description: 'Age of the object.',
    },
  ],
});

import * as z from 'zod';
import { drift, managementPolicies, reference, statusBase, suspend } from './common.ts';
import { count, defineApi, immutable, rules, text } from './define.ts';
import { harvest, harvestStatus } from './harvest.ts';
import { seatStatus } from './seats.ts';

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
              .describe(
                'The buffer shrinks rather than let the margin fall below this (-100: a loss as large as the revenue).',
              ),
          })
          .meta(
            rules({
              rule: 'self.count == 0 || has(self.marginFloorPercent)',
              message:
                'seats.buffer needs marginFloorPercent: idle seats cost money; the buffer shrinks rather than let the margin fall below it (-100 to 100)',
            }),
          )
          .optional()
          .describe('Seats kept ready. Unset: none.'),
        waitForLeaversDays: count(
          'So many days a joiner waits for the seat of somebody who leaves (leaveAt with seatsOnLeave: Free) before one is bought.',
          0,
          30,
        ).default(0),
        startAheadDays: count(
          'So many days before startAt of an M365User a seat is there for that person: a free one is kept, or one is bought.',
          0,
          30,
        ).default(1),
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
      'What may happen by itself when seats are idle, within 168 hours of their purchase and at the renewal: as for increase.',
    ),
    endOfTerm: z
      .enum(['Renew', 'Reduce', 'Cancel', 'Extend'])
      .describe(
        "What happens at the end of the term: always explicit, since Microsoft's default costs money. Renew: the term is renewed, without idle seats where decrease allows it. Reduce: without idle seats, whatever decrease says. Cancel: access ends. Extend: the extended service term, at its higher price.",
      ),
    renewalNoticeDays: count(
      'So many days before a renewal its number of seats is set, and kept set.',
      1,
      365,
    )
      .default(30)
      .describe('So many days before a renewal its number of seats is set, and kept set.'),
    limits: z
      .object({
        maxSeatsPerChange: count(
          'Seats that one change may buy or give back.',
          1,
          10_000,
        ).optional(),
        maxSeatsPerDay: count('Seats that may be bought within a day.', 1, 10_000).optional(),
        maxSeatsPerMonth: count('Seats that may be bought within 30 days.', 1, 100_000).optional(),
      })
      .optional()
      .describe(
        'Guardrails of this pool, beside those of the connection: what goes beyond is held and shown.',
      ),
    harvest,
    deletionPolicy: z
      .enum(['Retain', 'ReduceAtRenewal', 'Cancel'])
      .default('Retain')
      .describe(
        'What happens to the subscriptions when the object is deleted. Retain: nothing. ReduceAtRenewal: idle seats are left out of the next term. Cancel: they end with their term, where nobody uses them or the annotation m365-operator.io/confirm says cancel-at-term-end.',
      ),
    managementPolicies,
    suspend,
  })
  .describe('What the provider wants of one product of one tenant.');

export const LicensePoolStatus = z
  .object({
    ...statusBase,
    ...seatStatus,
    harvest: harvestStatus,
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
    {
      name: 'Target',
      jsonPath: '.status.seats.target',
      type: 'integer',
      description: 'Seats there should be.',
    },
    {
      name: 'Next drop',
      jsonPath: '.status.seats.nextDrop.at',
      description: 'When the next idle seats go.',
      wide: true,
    },
    {
      name: 'Waiting',
      jsonPath: '.status.money.waiting',
      type: 'integer',
      description: 'What idle seats cost until they go, in minor units.',
      wide: true,
    },
    {
      name: 'Unused',
      jsonPath: '.status.harvest.count',
      type: 'integer',
      description: 'Licences that nobody seems to need.',
      wide: true,
    },
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

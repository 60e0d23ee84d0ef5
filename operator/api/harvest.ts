/** Licences that nobody needs any more, as a LicensePool looks for them. */
import * as z from 'zod';
import { dateTime } from './common.ts';
import { asSet, atomic, count, keyedBy, rules, text } from './define.ts';

/** As many as status names; who finds no room comes in once others are gone. */
export const proposalsMax = 50;
export const takenMax = 50;

const exclude = z
  .object({
    users: z
      .array(
        text('Sign-in name or object id.', 113, 3).regex(
          /^([^@\s]+@[^@\s]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/,
        ),
      )
      .max(200)
      .optional()
      .meta({ ...asSet, description: 'By sign-in name or object id.' }),
    groups: z
      .array(text('Group.', 256))
      .max(20)
      .optional()
      .meta({
        ...asSet,
        description:
          'Members of these Entra groups, by display name or object id; not those of groups within. While one of them does not exist nothing is taken.',
      }),
  })
  .meta(
    rules({
      rule: 'has(self.users) || has(self.groups)',
      message: 'harvest.exclude needs users or groups',
    }),
  );

export const harvest = z
  .object({
    mode: z
      .enum(['Off', 'Propose', 'Auto'])
      .default('Propose')
      .describe(
        'Off: nobody is looked for. Propose: whose licence seems unused stands in status.harvest with its cost. Auto: it is taken as well, once it has stood there for graceDays. Never taken by itself: what an M365User declares, what comes from a group, what a sync server owns. Never named: administrators, protectedUsers, declared rooms and shared mailboxes, accounts younger than 30 days.',
      ),
    inactiveDays: count(
      'Who has not signed in for so many days counts as well, beside accounts that are blocked, and those that the operator made for an M365User that is gone. Needs Entra ID P1 in the tenant and the permission AuditLog.Read.All: status says where they lack. Unset: sign-ins are not read.',
      30,
      730,
    ).optional(),
    graceDays: count(
      'So many days a proposal stands before Auto takes the licence.',
      0,
      365,
    ).default(14),
    maxPerDay: count('Licences that Auto takes within 24 hours.', 1, 1_000).default(5),
    exclude: exclude.optional().describe('Who is never named.'),
  })
  .optional()
  .describe(
    'Licences that nobody needs: of people who are blocked, gone from Git, or have not signed in. Their seats serve whoever comes next, or go like other idle ones. Unset: nobody is looked for.',
  );

const Reason = z.enum(['Disabled', 'Removed', 'Inactive']);
const day = (description: string) => z.string().max(10).meta({ format: 'date', description });

const Proposal = z.object({
  id: z.string().max(36).describe('Object id in Entra ID.'),
  user: z.string().max(256).describe('Sign-in name.'),
  reason: Reason.describe(
    'Disabled: the account is blocked. Removed: the operator made it, and its M365User is gone. Inactive: no sign-in for inactiveDays.',
  ),
  since: day(
    'Inactive: the day of the last sign-in, or on which the account was made where there was none. Else the first day on which it was found so.',
  ),
  proposedOn: day('Since when it stands here.'),
  takeOn: day('From then on Auto takes the licence.').optional(),
  held: z
    .enum(['Declared', 'Suspended', 'Inherited', 'Synced', 'Refused'])
    .optional()
    .describe('Why it is never taken by itself, in a word.'),
  message: z.string().max(512).optional().describe('The same in a sentence.'),
});

const Taken = z.object({
  id: z.string().max(36).describe('Object id in Entra ID.'),
  user: z.string().max(256).describe('Sign-in name.'),
  reason: Reason.describe('Why.'),
  at: dateTime('When.'),
});

export const harvestStatus = z
  .object({
    count: count('Proposals, those that found no room in the list too.'),
    seatCost: z.int().optional().describe('What one seat costs a month, in minor units.'),
    saving: z
      .int()
      .optional()
      .describe(
        'What the seats of all proposals cost a month, in minor units: saved from when they can go, or serve somebody for whom one would be bought.',
      ),
    signInData: z
      .enum(['Available', 'NotRead', 'PremiumLicenseMissing', 'PermissionDenied'])
      .optional()
      .describe(
        'Whether Microsoft gives sign-in data; where it does not, nobody is found inactive. Unset: inactiveDays is not set.',
      ),
    proposals: z
      .array(Proposal)
      .max(proposalsMax)
      .optional()
      .meta({ ...keyedBy('id'), description: 'Whose licence seems unused, the oldest first.' }),
    taken: z
      .array(Taken)
      .max(takenMax)
      .optional()
      .meta({ ...atomic, description: 'Whose licence was taken within 30 days.' }),
  })
  .optional()
  .describe('Licences that nobody seems to need.');

export type HarvestSpec = NonNullable<z.infer<typeof harvest>>;
export type HarvestStatus = NonNullable<z.infer<typeof harvestStatus>>;

/** The guard against changes of many people at once, as it stands in an M365Tenant. */
import * as z from 'zod';
import { dateTime } from './common.ts';
import { atomic, count, text } from './define.ts';

export const massChangeGuard = z
  .object({
    maxUsers: count(
      'So many people may be disabled, deleted or lose licences within the window.',
      1,
      100_000,
    ).default(25),
    maxPercent: count('The same as a share of the M365Users of the tenant.', 1, 100).default(30),
    windowMinutes: count('Length of the window.', 1, 1_440).default(60),
  })
  .optional()
  .describe(
    'More than one of these limits (and more than 5 people) is held, as after an accident in Git: nothing is done until the annotation m365-operator.io/confirm of the tenant names the batch in status.massChange. People whose leaveAt stood there for the whole window before it came are not counted; up to 5 who leave are blocked at once. Unset: 25 people, 30 percent, 60 minutes.',
  );

export const massChangeStatus = z
  .object({
    batch: text(
      'Name for the annotation m365-operator.io/confirm; another where the number changes.',
      63,
    ),
    users: count('People concerned.'),
    deletions: count('Of these: to be deleted, or disabled because their M365User is deleted.'),
    disabled: count('Of these: to be disabled.'),
    unlicensed: count('Of these: to lose a licence.'),
    since: dateTime('When the batch was first held.'),
    confirmed: z.boolean().describe('true: it was confirmed and is being carried out.'),
  })
  .optional()
  .describe('Changes of many people that are held until they are confirmed.');

const Wave = z.object({
  at: dateTime('When it was stored, before they were changed.'),
  people: z
    .array(z.string().min(1).max(8))
    .min(1)
    .max(1_000)
    .meta({ ...atomic, description: 'The first digits of the UIDs of their M365Users.' }),
});

export const massChangeWindow = z
  .array(Wave)
  .max(50)
  .optional()
  .meta({
    ...atomic,
    description:
      'Who was disabled, deleted or lost a licence within the window of massChangeGuard, so that a restart counts them as well. Not written for five people and fewer.',
  });

export type MassChangeWave = z.infer<typeof Wave>;

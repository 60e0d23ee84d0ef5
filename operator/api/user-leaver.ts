/** What happens to a person who leaves, and what status remembers of it. */
import * as z from 'zod';
import { dateTime } from './common.ts';
import { keyedBy } from './define.ts';

export const retentionDays = z
  .int()
  .min(0)
  .max(3650)
  .optional()
  .describe(
    'So many days after the person was blocked (leaveAt) the accounts are deleted in both directories: those that the operator made or that entraId names; others stay blocked. Entra keeps them for 30 days more. Unset: they stay blocked, and are not deleted.',
  );

export const legalHold = z
  .boolean()
  .optional()
  .describe(
    'true: nothing of the person is deleted, whatever else says so: the days of retentionDays stand still, deletionPolicy only disables, and licences stay (seatsOnLeave: Keep).',
  );

export const mailboxOnLeave = z
  .enum(['Wait', 'GoOn'])
  .describe(
    'Graph cannot make a shared mailbox of the one of who leaves: somebody with the role Exchange Administrator does. Wait: with seatsOnLeave: Free licences stay until it is seen to be a shared one, or that there is none (needs the permission MailboxSettings.Read). GoOn, and unset: licences are taken back at once, and Microsoft deletes the mailbox 30 days later unless it was converted.',
  );

/** As many memberships as status keeps for a return: what is not recorded is not taken away. */
export const membershipsMax = 500;

const Memberships = z
  .array(
    z.object({
      id: z.string().max(36).describe('Object id (Entra) or objectGUID (Active Directory).'),
      name: z.string().max(256).optional().describe('Display name, where it is known.'),
    }),
  )
  .max(membershipsMax)
  .optional();

/** More roles than anybody holds. */
export const rolesMax = 50;

const passwordOutcome = z.enum(['Replaced', 'Refused']).optional();

export const Leaver = z
  .object({
    groups: Memberships.meta({
      ...keyedBy('id'),
      description: 'Groups of Entra that were taken away; they are given back on a return.',
    }),
    activeDirectoryGroups: Memberships.meta({
      ...keyedBy('id'),
      description: 'The same of Active Directory.',
    }),
    roles: z
      .array(
        z.object({
          id: z.string().max(128).describe('Id of the assignment that there was.'),
          name: z.string().max(256).describe('Name of the role.'),
        }),
      )
      .max(rolesMax)
      .optional()
      .meta({
        ...keyedBy('id'),
        description:
          'Roles of the directory that were taken away, or are to be. The operator gives nobody a role: after a return they are named here for 30 days, or until the person is an administrator again.',
      }),
    returnedAt: dateTime(
      'When the person came back, where there are roles that a person has to give again.',
    ).optional(),
    passwords: z
      .object({
        entra: passwordOutcome.describe('Of the account in Entra ID.'),
        activeDirectory: passwordOutcome.describe('Of the account in Active Directory.'),
      })
      .optional()
      .describe('Where a password that nobody knows was set, or the directory refused it.'),
    mailboxKeptAt: dateTime(
      'When the mailbox was seen to be a shared one, or that there is none (mailboxOnLeave: Wait).',
    ).optional(),
    blockedAt: dateTime('When the person was seen blocked in both directories.').optional(),
    heldSince: dateTime('Since then legalHold stops the days of retention.').optional(),
    heldSeconds: z
      .int()
      .min(0)
      .optional()
      .describe('So long the days of retention stood still before.'),
    deleteAfter: dateTime('When the accounts are deleted.').optional(),
    deletedAt: dateTime('When they were seen deleted.').optional(),
  })
  .describe('A person who has left: what was done, and what a return needs.');

export const LeaveAnnounced = z
  .object({
    leaveAt: dateTime('The leaveAt that was seen before it came.'),
    seenAt: dateTime('When it was first seen.'),
  })
  .describe(
    'A day of leaving that is to come, or came. One that was seen for the window of massChangeGuard before does not count as an accident, however many leave with it.',
  );

export type LeaverStatus = z.infer<typeof Leaver>;

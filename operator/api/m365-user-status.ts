/** What is found of one person: the status of an M365User. */
import * as z from 'zod';
import { drift, statusBase } from './common.ts';
import { asSet, atomic, keyedBy } from './define.ts';
import { corrections, lastApplied } from './drift.ts';
import { groupName, PasswordSecret } from './user-accounts.ts';
import { LicenseFinding, OutsideChange } from './user-findings.ts';
import { LeaveAnnounced, Leaver } from './user-leaver.ts';

export const M365UserStatus = z
  .object({
    ...statusBase,
    entraId: z.string().max(36).optional().describe('Object id in Entra ID.'),
    objectGuid: z.string().max(36).optional().describe('objectGUID in Active Directory.'),
    anchor: z
      .string()
      .max(64)
      .optional()
      .describe(
        'The one anchor: base64 in onPremisesImmutableId of Entra, the same bytes in Active Directory.',
      ),
    samAccountName: z.string().max(20).optional().describe('Logon name in Active Directory.'),
    createdByOperator: z
      .object({
        entra: z.boolean().optional().describe('true: the operator made the account in Entra ID.'),
        activeDirectory: z
          .boolean()
          .optional()
          .describe('true: the operator made the account in Active Directory.'),
      })
      .optional()
      .describe('Which accounts are ours to delete.'),
    adopted: z
      .boolean()
      .optional()
      .describe('true: the account in Entra ID was there before, and was taken over.'),
    sessionsRevoked: z
      .boolean()
      .optional()
      .describe('true: all sessions were ended after the account was blocked.'),
    lastHandledPasswordRotation: z
      .string()
      .max(253)
      .optional()
      .describe('Echo of the annotation m365-operator.io/rotate-password-at.'),
    passwordSecret: PasswordSecret.optional(),
    purged: z
      .boolean()
      .optional()
      .describe('true: the account in Entra ID is deleted for good (deletionPolicy Purge).'),
    candidates: z
      .array(
        z.object({
          id: z.string().max(36).describe('Object id in Entra ID.'),
          userPrincipalName: z.string().max(256).describe('Sign-in name.'),
        }),
      )
      .max(10)
      .optional()
      .meta({
        ...keyedBy('id'),
        description:
          'Accounts that could be meant and that nothing tells apart, or that may not be taken over: set entraId to one. At most 10.',
      }),
    licenses: z
      .array(z.string().max(253))
      .max(20)
      .optional()
      .meta({ ...atomic, description: 'LicensePools of which the person holds a seat.' }),
    waitingFor: z
      .array(z.string().max(253))
      .max(20)
      .optional()
      .meta({ ...atomic, description: 'LicensePools of which the person waits for a seat.' }),
    groups: z
      .array(groupName)
      .max(100)
      .optional()
      .meta({
        ...asSet,
        description: 'Memberships that the operator gave: only these are its to take away.',
      }),
    activeDirectoryGroups: z
      .array(groupName)
      .max(100)
      .optional()
      .meta({
        ...asSet,
        description:
          'The same in Active Directory: groups that activeDirectory.groups names, or named before.',
      }),
    outsideChanges: z
      .array(OutsideChange)
      .max(5)
      .optional()
      .meta({
        ...atomic,
        description:
          'Changes of the account in Entra by others than the operator, as the directory audit log tells them: newest first, five at most.',
      }),
    leaveAnnounced: LeaveAnnounced.optional(),
    leaver: Leaver.optional(),
    licenseFindings: z
      .array(LicenseFinding)
      .max(20)
      .optional()
      .meta({
        ...keyedBy('license', 'reason'),
        description:
          'Licences that the person has twice or that Entra could not assign through a group.',
      }),
    heldBatch: z
      .string()
      .max(20)
      .optional()
      .describe(
        'End of the name of the batch in which a change of many people is held: see status.massChange of the M365Tenant.',
      ),
    drift,
    lastApplied,
    corrections,
  })
  .describe('What was found.');

export type M365UserStatus = z.infer<typeof M365UserStatus>;

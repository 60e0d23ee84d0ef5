/** The way out of Entra Connect, as it stands in an M365Tenant. */
import * as z from 'zod';
import { atomic, count, text } from './define.ts';

export const handOver = z
  .enum(['Guided'])
  .optional()
  .describe(
    "Guided: accounts are taken over from a sync server. Those below the tenant's organizational unit are paired with those of Entra ID, status.handOver tells what was found, and nothing is written into two directories until the report is confirmed (annotation m365-operator.io/confirm) and directory synchronization is off. Unset: a tenant that a sync server writes is refused.",
  );

const findingKinds = [
  'Ambiguous',
  'AnchorDiffers',
  'ProtectedAccount',
  'PrivilegedAccount',
  'StillSynced',
  'OnlyActiveDirectory',
  'OnlyEntra',
] as const;

export const handOverStatus = z
  .object({
    report: text(
      'Name for the annotation m365-operator.io/confirm; another where somebody is paired, or cannot be, by other means than an anchor.',
      63,
    ),
    confirmed: z.boolean().describe('true: the report was confirmed.'),
    done: z
      .boolean()
      .describe('true: the sync server is off, and the operator writes both directories.'),
    percent: count(
      'Of the matched accounts: those that are no longer owned by the sync server, with their anchor as it was.',
      0,
      100,
    ),
    matched: count('Accounts of Active Directory with the one of Entra ID that is theirs.'),
    matchedByAnchor: count('Of these: by anchor (ms-DS-ConsistencyGuid, else objectGUID).'),
    matchedByName: count('Of these: by userPrincipalName; the account in Entra has no anchor yet.'),
    matchedByMail: count('Of these: by mail; the account in Entra has no anchor yet.'),
    onlyActiveDirectory: count('Accounts of Active Directory that Entra does not have.'),
    onlyEntra: count('Accounts of Entra with an anchor that Active Directory does not have.'),
    ambiguous: count('Accounts of both directories of which several fit: left as they are.'),
    anchorsDiffer: count(
      'Accounts with the same name or mail and another anchor: neither of the two is written.',
    ),
    skipped: count('Matched accounts that are not touched: administrators and protectedUsers.'),
    findings: z
      .array(
        z.object({
          account: z.string().max(256).describe('Sign-in name, else logon name.'),
          finding: z.enum(findingKinds).describe('What was found.'),
        }),
      )
      .max(50)
      .optional()
      .meta({
        ...atomic,
        description: 'Who is not simply matched; the first 50, those that need a decision first.',
      }),
  })
  .optional()
  .describe('What a guided hand-over from a sync server has found, and how far it has come.');

export type HandOverStatus = NonNullable<z.infer<typeof handOverStatus>>;
export type HandOverFinding = NonNullable<HandOverStatus['findings']>[number];

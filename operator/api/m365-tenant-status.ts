/** What is found of one customer: the status of an M365Tenant. */
import * as z from 'zod';
import { dateTime, drift, statusBase } from './common.ts';
import { asSet, count, keyedBy } from './define.ts';
import { domainStates } from './domains.ts';
import { corrections } from './drift.ts';
import { directoryGroupStates, groupStates } from './groups.ts';
import { handOverStatus } from './hand-over.ts';
import { massChangeStatus, massChangeWindow } from './mass-change.ts';

export const M365TenantStatus = z
  .object({
    ...statusBase,
    tenantId: z
      .string()
      .max(36)
      .optional()
      .describe("Tenant id: the customer's id at Partner Center and in Entra."),
    createdByOperator: z.boolean().optional().describe('true: the operator made this tenant.'),
    initialDomain: z.string().max(253).optional().describe('The onmicrosoft.com domain.'),
    country: z.string().max(2).optional().describe('Country of the tenant.'),
    adminCredentialsSecretRef: z
      .object({ name: z.string().max(253).describe('Name of the Secret.') })
      .optional()
      .describe(
        "Secret with the first administrator's name and password; Microsoft tells them once.",
      ),
    adminPasswordStored: z
      .boolean()
      .optional()
      .describe(
        'false: Microsoft told the password, and the operator died before it could store it.',
      ),
    intent: z
      .object({
        requestId: z
          .string()
          .max(36)
          .describe('MS-RequestId with which the customer is created: repeated, not renewed.'),
      })
      .optional()
      .describe('Written before the customer is created, so that it is never created twice.'),
    agreement: z
      .object({ acceptedOn: z.string().max(40).describe('Day of acceptance.') })
      .optional()
      .describe('The Microsoft Customer Agreement as Partner Center has it.'),
    approvalUrl: z
      .string()
      .max(1024)
      .optional()
      .describe("Link that the customer's administrator must open before the operator can go on."),
    domains: domainStates,
    groups: groupStates,
    activeDirectoryGroups: directoryGroupStates,
    publishedRecords: z
      .string()
      .max(16)
      .optional()
      .describe('Which records stand in the DNSEndpoint, as a fingerprint.'),
    users: count('Users in Entra ID.').optional(),
    managedUsers: count('M365Users of this tenant.').optional(),
    lastDirectoryReadTime: dateTime(
      'When the directory was read in full, to the night: a restart or a request by day does not move it.',
    ).optional(),
    handOver: handOverStatus,
    massChange: massChangeStatus,
    massChangeWindow,
    protectedAccounts: z
      .array(
        z.object({
          account: z.string().max(113).describe('As listed in protectedUsers.'),
          id: z.string().max(36).describe('Object id.'),
          fingerprint: z
            .string()
            .max(16)
            .optional()
            .describe('Of the account as it was last seen; unset: it is gone.'),
        }),
      )
      .max(50)
      .optional()
      .meta({
        ...keyedBy('account'),
        description:
          'Break-glass accounts as they were last seen: what others change of them while the operator does not look is told all the same.',
      }),
    organizationalUnit: z
      .string()
      .max(1024)
      .optional()
      .describe("Distinguished name of the tenant's OU in Active Directory."),
    organizationalUnitGuid: z
      .string()
      .max(36)
      .optional()
      .describe('objectGUID of this OU: it is followed where others rename or move it.'),
    isolationGroup: z
      .string()
      .max(64)
      .optional()
      .describe('Group in it of which all its people are members: others do not see it.'),
    upnSuffixes: z
      .array(z.string().max(253))
      .max(60)
      .optional()
      .meta({
        ...asSet,
        description: 'Domains that are UPN suffixes of the Active Directory for this tenant.',
      }),
    drift,
    corrections,
  })
  .describe('What was found.');

export type M365TenantStatus = z.infer<typeof M365TenantStatus>;

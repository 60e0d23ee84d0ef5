import * as z from 'zod';
import { authority } from './authority.ts';
import { managementPolicies, suspend } from './common.ts';
import { asSet, defineApi, keyedBy, rules, text } from './define.ts';
import { declaredDomains, publishDnsRecords } from './domains.ts';
import { acceptedDrift, driftRules } from './drift.ts';
import { declaredDirectoryGroups, declaredGroups, directoryGroupsNeedDirectory } from './groups.ts';
import { handOver } from './hand-over.ts';
import { M365TenantStatus } from './m365-tenant-status.ts';
import { massChangeGuard } from './mass-change.ts';
import { connect, create } from './tenant-origin.ts';

const objectName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const Plan = z.object({
  name: text('Name by which users ask for the plan.', 63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  pools: z
    .array(z.string().min(1).max(253).regex(objectName))
    .max(20)
    .meta({
      ...asSet,
      description:
        'LicensePools (of this namespace) of which a user of the plan gets one seat each.',
    }),
  disabledServicePlans: z
    .array(
      z
        .string()
        .min(1)
        .max(100)
        .regex(/^[A-Za-z0-9_]+$/),
    )
    .max(100)
    .optional()
    .meta({
      ...asSet,
      description: 'Service plans that are switched off, by name, e.g. YAMMER_ENTERPRISE.',
    }),
});

export const M365TenantSpec = z
  .object({
    connectionRef: z
      .object({
        name: z
          .string()
          .min(1)
          .max(253)
          .regex(objectName)
          .describe('Name of the PartnerConnection.'),
        namespace: z
          .string()
          .min(1)
          .max(63)
          .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
          .optional()
          .describe('Its namespace. Unset: the namespace of this object.'),
      })
      .meta({
        ...rules({ rule: 'self == oldSelf', message: 'connectionRef cannot be changed' }),
        description: 'The partner tenant through which this customer is run.',
      }),
    create,
    connect,
    domains: declaredDomains,
    publishDnsRecords,
    groups: declaredGroups,
    activeDirectoryGroups: declaredDirectoryGroups,
    identity: z
      .object({
        activeDirectory: z
          .enum(['None', 'Managed', 'EntraConnect'])
          .default('None')
          .describe(
            'None: cloud accounts only. Managed: accounts are written into AD and Entra with one anchor. EntraConnect: a sync server runs; what it owns is only read.',
          ),
        passwords: z
          .enum(['Both', 'ActiveDirectory', 'Cloud'])
          .default('Both')
          .describe(
            'Which directory gets the initial password; the other a random one that nobody knows.',
          ),
        handOver,
        authority,
      })
      .meta(
        rules(
          {
            rule: "!has(self.authority) || has(self.activeDirectory) && self.activeDirectory == 'Managed'",
            message: 'identity.authority goes with identity.activeDirectory: Managed',
          },
          {
            rule: "!has(self.handOver) || has(self.activeDirectory) && self.activeDirectory == 'Managed'",
            message: 'identity.handOver goes with identity.activeDirectory: Managed',
          },
        ),
      )
      .optional()
      .describe('Where accounts live. Unset: cloud only.'),
    plans: z
      .array(Plan)
      .max(50)
      .optional()
      .meta({ ...keyedBy('name'), description: 'What a user of a plan gets.' }),
    massChangeGuard,
    protectedUsers: z
      .array(
        text('Sign-in name or object id.', 113, 3).regex(
          /^([^@\s]+@[^@\s]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/,
        ),
      )
      .max(50)
      .optional()
      .meta({
        ...asSet,
        description:
          'Break-glass accounts, by sign-in name or object id: never changed, whatever an M365User says, and any change by anybody is a warning event. Administrators are protected from changes of name, password, sign-in, telephone and deletion without being listed.',
      }),
    drift: driftRules,
    acceptedDrift,
    deletionPolicy: z
      .enum(['Retain'])
      .default('Retain')
      .describe('What happens to the tenant when this object is deleted. Retain: nothing.'),
    managementPolicies,
    suspend,
  })
  .meta(
    rules(
      {
        rule: 'has(self.create) != has(self.connect)',
        message: 'set exactly one of create and connect',
      },
      {
        rule: 'has(self.create) == has(oldSelf.create)',
        message: 'create and connect cannot be exchanged',
      },
      directoryGroupsNeedDirectory,
    ),
  )
  .describe('What the provider wants of one customer.');

export type M365TenantSpec = z.infer<typeof M365TenantSpec>;

const condition = (type: string, field: string): string =>
  `.status.conditions[?(@.type=="${type}")].${field}`;

export const m365TenantApi = defineApi({
  kind: 'M365Tenant',
  plural: 'm365tenants',
  shortNames: ['mt'],
  description: 'One customer: a Microsoft 365 tenant, its domains, identity mode and plans.',
  spec: M365TenantSpec,
  status: M365TenantStatus,
  selectableFields: ['.spec.connectionRef.name', '.status.tenantId'],
  columns: [
    { name: 'Ready', jsonPath: condition('Ready', 'status'), description: 'Usable.' },
    { name: 'Status', jsonPath: condition('Ready', 'reason'), description: 'State in a word.' },
    { name: 'Domain', jsonPath: '.status.initialDomain', description: 'Initial domain.' },
    {
      name: 'Users',
      jsonPath: '.status.users',
      type: 'integer',
      description: 'Users in Entra ID.',
    },
    { name: 'Drifted', jsonPath: condition('Drifted', 'status'), description: 'Changed outside.' },
    { name: 'Tenant ID', jsonPath: '.status.tenantId', description: 'Tenant id.' },
    {
      name: 'HandOver',
      jsonPath: '.status.handOver.percent',
      type: 'integer',
      wide: true,
      description: 'Of a hand-over from a sync server: percent that it let go of.',
    },
    {
      name: 'Message',
      jsonPath: condition('Ready', 'message'),
      wide: true,
      description: 'State in a sentence.',
    },
    {
      name: 'Age',
      jsonPath: '.metadata.creationTimestamp',
      type: 'date',
      description: 'Age of the object.',
    },
  ],
});

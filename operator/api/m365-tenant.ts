import * as z from 'zod';
import { authority } from './authority.ts';
import {
  dateTime,
  domainName,
  drift,
  email,
  guid,
  managementPolicies,
  statusBase,
  suspend,
} from './common.ts';
import { asSet, count, defineApi, keyedBy, rules, text } from './define.ts';
import { declaredDomains, domainStates, publishDnsRecords } from './domains.ts';
import { acceptedDrift, corrections, driftRules } from './drift.ts';
import {
  declaredDirectoryGroups,
  declaredGroups,
  directoryGroupStates,
  directoryGroupsNeedDirectory,
  groupStates,
} from './groups.ts';
import { handOver, handOverStatus } from './hand-over.ts';
import { massChangeGuard, massChangeStatus, massChangeWindow } from './mass-change.ts';
import { markets } from './regions.ts';

const objectName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const Person = {
  firstName: text('First name.', 50),
  lastName: text('Last name.', 50),
  email: email('E-mail address.'),
  phone: z
    .string()
    .max(30)
    .regex(/^\+?[0-9][0-9 ()/-]{4,28}$/)
    .optional()
    .describe('Telephone number; required by Microsoft in some countries.'),
};

const Create = z
  .object({
    domainPrefix: text(
      'The tenant becomes <prefix>.onmicrosoft.com; it can never be changed.',
      27,
    ).regex(/^[a-z0-9]+$/),
    companyName: text('Name of the company, as it stands on invoices.', 256, 2),
    country: z.enum(markets).describe('Country (ISO 3166-1 alpha-2); fixed for ever at creation.'),
    language: text('Language of the tenant, e.g. de.', 8).regex(/^[a-z]{2}(-[A-Za-z]{2,4})?$/),
    address: z
      .object({
        line1: text('Street and number.', 200),
        line2: z.string().max(200).optional().describe('Second line.'),
        city: text('City.', 100),
        state: text('State or province, where the country has them (two letters).', 2).optional(),
        postalCode: text('Postal code, where the country has them.', 20).optional(),
      })
      .describe('Address of the company; Microsoft validates it.'),
    contact: z.object(Person).describe('Contact person for billing.'),
    registrationNumber: text(
      'Registration number of the organization; required by Microsoft in some countries.',
      50,
    ).optional(),
    agreement: z
      .object({
        ...Person,
        acceptedOn: z
          .string()
          .max(10)
          .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
          .describe(
            'Day (YYYY-MM-DD) on which this person accepted the Microsoft Customer Agreement.',
          ),
      })
      .describe(
        'Who accepted the Microsoft Customer Agreement, and when. Nothing can be bought without it.',
      ),
  })
  .meta(
    rules({
      rule: 'self == oldSelf || self.domainPrefix == oldSelf.domainPrefix && self.country == oldSelf.country',
      message: 'create.domainPrefix and create.country cannot be changed',
    }),
  );

const Connect = z
  .object({
    tenantId: guid('Tenant id of the existing customer.').optional(),
    domain: domainName('A verified domain of the existing customer.').optional(),
  })
  .meta(
    rules(
      {
        rule: 'has(self.tenantId) != has(self.domain)',
        message: 'set exactly one of tenantId and domain',
      },
      { rule: 'self == oldSelf', message: 'connect cannot be changed: it names the tenant' },
    ),
  );

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
    create: Create.optional().describe('A new tenant, made by the operator.'),
    connect: Connect.optional().describe('A tenant that exists already.'),
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

export type M365TenantSpec = z.infer<typeof M365TenantSpec>;
export type M365TenantStatus = z.infer<typeof M365TenantStatus>;

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

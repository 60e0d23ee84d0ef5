import * as z from 'zod';
import { dateTime, email, guid, managementPolicies, reference, suspend } from './common.ts';
import { asSet, defineApi, immutable, rules, text } from './define.ts';
import { acceptedDrift, driftPolicy } from './drift.ts';
import { M365UserStatus } from './m365-user-status.ts';
import { markets } from './regions.ts';
import {
  ActiveDirectoryAccount,
  groupName,
  InitialPassword,
  Invitation,
  userPrincipalName,
} from './user-accounts.ts';
import { legalHold, mailboxOnLeave, retentionDays } from './user-leaver.ts';

const objectName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

export const M365UserSpec = z
  .object({
    tenantRef: reference('The M365Tenant (same namespace) of this person.').meta(
      immutable('tenantRef'),
    ),
    type: z
      .enum(['Member', 'Guest', 'Room', 'Shared'])
      .default('Member')
      .describe(
        'Member: a person of the tenant. Guest: somebody of elsewhere, who is invited. Room, Shared: a mailbox that nobody signs in to: the account is kept blocked, and has a licence only where one is declared.',
      ),
    userPrincipalName,
    invitation: Invitation.optional().describe('How a guest is invited.'),
    displayName: text('Name as people see it.', 256),
    givenName: text('Given name.', 64).optional(),
    surname: text('Surname.', 64).optional(),
    usageLocation: z
      .enum(markets)
      .optional()
      .describe('Country (ISO 3166-1 alpha-2) in which licences are used. Needed for a licence.'),
    jobTitle: text('Job title.', 128).optional(),
    department: text('Department.', 64).optional(),
    companyName: text('Company.', 64).optional(),
    officeLocation: text('Office.', 128).optional(),
    mobilePhone: text('Mobile telephone.', 64).optional(),
    businessPhone: text('Telephone at work; Entra keeps one.', 64).optional(),
    streetAddress: text('Street and number.', 1024).optional(),
    city: text('City.', 128).optional(),
    state: text('State or province.', 128).optional(),
    postalCode: text('Postal code.', 40).optional(),
    country: text('Country or region of the office, as people read it.', 128).optional(),
    employeeType: text('Kind of employment, e.g. Contractor.', 64).optional(),
    mailNickname: text(
      'Mail alias in Entra ID: the name from which the first address is made. Unset: derived from userPrincipalName when the account is made.',
      64,
    )
      .regex(/^[^@()\\[\]";:<>,\s]+$/)
      .optional(),
    mail: email(
      'First e-mail address, which Entra adds to those of the account; the one before stays as an alias where Exchange keeps it. Unset: as Exchange has it.',
    ).optional(),
    otherMails: z
      .array(email('E-mail address outside.'))
      .max(50)
      .optional()
      .meta({
        ...asSet,
        description:
          'Further e-mail addresses of the person, for recovery and contact; all of them, others are taken out. Addresses of the mailbox are kept by Exchange and cannot be declared.',
      }),
    passwordPolicies: z
      .array(z.enum(['DisablePasswordExpiration', 'DisableStrongPassword']))
      .max(2)
      .optional()
      .meta({
        ...asSet,
        description:
          'DisablePasswordExpiration: the password in Entra ID never expires. An empty list: the rules of the tenant.',
      }),
    employeeId: text('Employee number.', 16).optional(),
    preferredLanguage: text('Preferred language, e.g. de-DE.', 20)
      .regex(/^[a-z]{2}(-[A-Za-z]{2,4})?$/)
      .optional(),
    enabled: z
      .boolean()
      .default(true)
      .describe('false: the person cannot sign in, in either directory.'),
    startAt: dateTime(
      'Until then the person cannot sign in, in either directory, and has no licence; the accounts are made at once. Seats are got ready before (seats.startAheadDays of the LicensePool).',
    ).optional(),
    leaveAt: dateTime(
      'From then on the person has left: cannot sign in, in either directory, has a password that nobody knows, and is in no group. Taken back before the accounts are deleted, the person returns with groups and licences.',
    ).optional(),
    retentionDays,
    legalHold,
    seatsOnLeave: z
      .enum(['Keep', 'Free'])
      .default('Keep')
      .describe(
        'What happens to the licences at leaveAt. Keep: they stay, and with them the data. Free: they are taken back, and their seats serve who comes next; Microsoft deletes the mailbox 30 days later.',
      ),
    mailboxOnLeave: mailboxOnLeave.optional(),
    plan: text('Plan of the tenant: decides the licences.', 63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .optional(),
    pools: z
      .array(z.string().min(1).max(253).regex(objectName))
      .max(20)
      .optional()
      .meta({
        ...asSet,
        description: 'LicensePools of which the person gets one seat each, instead of a plan.',
      }),
    managerRef: reference('The M365User (same namespace) who is the manager.').optional(),
    manager: z
      .object({
        userPrincipalName: text('Exact sign-in name of an account of the tenant.', 113, 3),
      })
      .optional()
      .describe(
        'The manager, by name, who need not be an M365User. A manager that is no longer declared is left as it is.',
      ),
    groups: z
      .array(groupName)
      .max(100)
      .optional()
      .meta({
        ...asSet,
        description:
          'Entra groups by display name, where security groups are made if missing, or by object id. Others are left alone.',
      }),
    groupsExclusive: z
      .boolean()
      .optional()
      .describe(
        'true: memberships beside those in groups are taken away. Groups whose members a rule, a sync server, Exchange or an administrator role decides are left alone.',
      ),
    initialPassword: InitialPassword.optional().describe(
      'Secret with the initial password. Where it does not exist the operator makes one. Unset: a password that nobody knows.',
    ),
    activeDirectory: ActiveDirectoryAccount.optional().describe('The account in Active Directory.'),
    adoptionPolicy: z
      .enum(['ByAnchor', 'ByUserPrincipalName', 'Never'])
      .default('ByUserPrincipalName')
      .describe(
        'Which account that is there already may be taken over: one of the same anchor, that or else one of exactly this userPrincipalName, or none. Several fit: none is taken, and status.candidates names them.',
      ),
    entraId: guid(
      'Object id of the account in Entra ID that is expressly taken over, whatever its name. May be added, never changed.',
    )
      .meta(immutable('entraId'))
      .optional(),
    deletionPolicy: z
      .enum(['Retain', 'Disable', 'SoftDelete', 'Purge'])
      .default('Disable')
      .describe(
        'What happens to the accounts when this object is deleted: nothing, disabled in both directories, deleted (Entra keeps them for 30 days), or deleted for good. Only accounts that the operator made or that entraId names are deleted; others are disabled.',
      ),
    driftPolicy,
    acceptedDrift,
    managementPolicies,
    suspend,
  })
  .meta(
    rules(
      { rule: '!(has(self.plan) && has(self.pools))', message: 'set plan or pools, not both' },
      {
        rule: '!(has(self.manager) && has(self.managerRef))',
        message: 'set manager or managerRef, not both',
      },
      {
        rule: '!has(self.groupsExclusive) || !self.groupsExclusive || has(self.groups)',
        message: 'groupsExclusive needs groups: without them every membership would be taken away',
      },
      {
        rule: '!(has(self.plan) || has(self.pools)) || has(self.usageLocation)',
        message:
          'usageLocation is required for a plan or pools: Microsoft assigns no licence without it',
      },
      {
        rule: '!has(self.startAt) || !has(self.leaveAt) || self.startAt < self.leaveAt',
        message: 'startAt must be before leaveAt',
      },
      {
        rule: '!has(self.activeDirectory) || !has(self.jobTitle) || self.jobTitle.size() <= 64',
        message: 'jobTitle: Active Directory takes at most 64 characters',
      },
      {
        rule: "!has(self.legalHold) || !self.legalHold || self.seatsOnLeave == 'Keep'",
        message:
          'legalHold needs seatsOnLeave: Keep: without its licence Microsoft deletes the mailbox',
      },
      {
        rule: "!has(self.mailboxOnLeave) || self.seatsOnLeave == 'Free'",
        message:
          'mailboxOnLeave needs seatsOnLeave: Free: with Keep the licence stays, and with it the mailbox',
      },
      {
        rule: "self.type == 'Guest' || !self.userPrincipalName.contains('+')",
        message:
          'userPrincipalName: Entra takes no + in the sign-in name of its own people, only in the e-mail address of a guest',
      },
      {
        rule: "!has(self.mail) || self.type != 'Guest'",
        message: 'the e-mail address of a guest is the one that is invited',
      },
      {
        rule: "!has(self.invitation) || self.type == 'Guest'",
        message: 'invitation goes with type: Guest',
      },
      {
        rule: "self.type != 'Guest' || !has(self.activeDirectory) && !has(self.initialPassword)",
        message:
          'a guest has its password and its Active Directory at home: no activeDirectory, no initialPassword',
      },
      {
        rule: "(self.type == 'Guest') == (oldSelf.type == 'Guest')",
        message: 'a guest cannot become a member or the other way round',
      },
      {
        rule: '!has(oldSelf.entraId) || has(self.entraId)',
        message: 'entraId cannot be taken away: it names the account',
      },
    ),
  )
  .describe('What the provider or customer wants of one person.');

export type M365UserSpec = z.infer<typeof M365UserSpec>;

const condition = (type: string, field: string): string =>
  `.status.conditions[?(@.type=="${type}")].${field}`;

export const m365UserApi = defineApi({
  kind: 'M365User',
  plural: 'm365users',
  shortNames: ['mu'],
  description:
    'One person of one tenant: accounts in Entra ID and Active Directory, licences, groups, manager.',
  spec: M365UserSpec,
  status: M365UserStatus,
  selectableFields: ['.spec.tenantRef.name', '.spec.userPrincipalName', '.spec.plan'],
  columns: [
    { name: 'Ready', jsonPath: condition('Ready', 'status'), description: 'As declared.' },
    { name: 'Status', jsonPath: condition('Ready', 'reason'), description: 'State in a word.' },
    { name: 'User', jsonPath: '.spec.userPrincipalName', description: 'Sign-in name.' },
    {
      name: 'Entra',
      jsonPath: condition('EntraSynced', 'status'),
      description: 'State in Entra ID.',
    },
    {
      name: 'AD',
      jsonPath: condition('ActiveDirectorySynced', 'status'),
      description: 'State in Active Directory.',
    },
    { name: 'Licenses', jsonPath: '.status.licenses', description: 'Seats held.' },
    { name: 'Drifted', jsonPath: condition('Drifted', 'status'), description: 'Changed outside.' },
    {
      name: 'Entra ID',
      jsonPath: '.status.entraId',
      wide: true,
      description: 'Object id in Entra ID.',
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

import { describe, expect, it } from 'vitest';
import { deleted, ids, nowMs, tenant } from '../../../hack/testing/build.ts';
import {
  access,
  assignment,
  noMassChanges,
  observedTenant,
  relationship,
} from '../../../hack/testing/observed.ts';
import { expectPlan, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { M365Tenant } from '../../core/objects.ts';
import {
  missingPermissions,
  optionalPermissions,
  requiredPermissions,
} from '../../core/permissions.ts';
import type { ObservedTenant } from './observed.ts';
import { setupRoleIds } from './permissions.ts';
import { planTenant } from './plan.ts';

const precheck = {
  isCountrySold: true,
  isDomainTaken: false,
  addressProblem: undefined,
  address: { status: 'VerifiedShippable', message: undefined, suggestions: [] },
};

const missing = missingPermissions([]);

const nothingYet = {
  pollMs: 60_000,
  partnerTenantId: ids.partner,
  managedUsers: 0,
  massChanges: noMassChanges,
  managedPools: 0,
};

const noCustomer: ObservedTenant = { ...nothingYet, customer: undefined, precheck };

const entering = (overrides: Parameters<typeof access>[0]): ObservedTenant =>
  observedTenant({ organization: undefined, access: access({ missing, ...overrides }) });

const connected = tenant({ spec: { connect: { tenantId: ids.tenant } } });

const withDomains = tenant({
  spec: {
    domains: [
      { name: 'contoso.example', authentication: 'Managed', default: true },
      { name: 'contoso.test', authentication: 'Federated' },
    ],
  },
});

type Row = readonly [
  name: string,
  resource: M365Tenant,
  observed: ObservedTenant,
  expected: {
    readonly ready: string;
    readonly actions: readonly string[];
    readonly delayMs?: number;
    readonly stalled?: true;
  },
];

const rows: readonly Row[] = [
  [
    'no customer, no intent',
    tenant(),
    noCustomer,
    {
      ready: 'False CreatingCustomer',
      actions: ['RecordIntent', 'CreateCustomer'],
      delayMs: 5_000,
    },
  ],
  [
    'no customer, intent',
    tenant({ status: { intent: { requestId: ids.user } } }),
    { ...noCustomer, precheck: undefined },
    { ready: 'False CreatingCustomer', actions: ['CreateCustomer'], delayMs: 5_000 },
  ],
  [
    'a customer that was there is gone: never made a second time',
    tenant({ status: { tenantId: ids.tenant } }),
    noCustomer,
    { ready: 'False CustomerNotFound', actions: [], delayMs: 60_000 },
  ],
  [
    'prefix taken',
    tenant(),
    { ...noCustomer, precheck: { ...precheck, isDomainTaken: true } },
    { ready: 'False DomainPrefixTaken', actions: [], stalled: true },
  ],
  [
    'country not sold',
    tenant(),
    { ...noCustomer, precheck: { ...precheck, isCountrySold: false } },
    { ready: 'False CountryNotInRegion', actions: [], stalled: true },
  ],
  [
    'of an indirect reseller',
    tenant(),
    { ...noCustomer, precheck: { ...precheck, isReseller: true } },
    { ready: 'False ResellerCannotCreate', actions: [], stalled: true },
  ],
  [
    'address wrong by the rules of the country',
    tenant(),
    {
      ...noCustomer,
      precheck: { ...precheck, addressProblem: 'create.address.state is required' },
    },
    { ready: 'False AddressInvalid', actions: [], stalled: true },
  ],
  ...['None', 'StreetPartial', 'PremisesPartial', 'Multiple'].map(
    (status): Row => [
      `address check says ${status}`,
      tenant(),
      { ...noCustomer, precheck: { ...precheck, address: { ...precheck.address, status } } },
      { ready: 'False AddressInvalid', actions: [], stalled: true },
    ],
  ),
  ...['Verified', 'InteractionRequired', 'NotValidated'].map(
    (status): Row => [
      `address check says ${status}`,
      tenant(),
      { ...noCustomer, precheck: { ...precheck, address: { ...precheck.address, status } } },
      { ready: 'False CreatingCustomer', actions: ['RecordIntent', 'CreateCustomer'] },
    ],
  ),
  [
    'connect: no such customer',
    connected,
    noCustomer,
    { ready: 'False CustomerNotFound', actions: [], delayMs: 60_000 },
  ],
  [
    'agreement not confirmed',
    tenant(),
    observedTenant({ agreement: undefined }),
    { ready: 'False AgreementMissing', actions: ['ConfirmAgreement'], delayMs: 5_000 },
  ],
  [
    'account under review',
    tenant(),
    observedTenant({ accountStatus: 'UnderReview' }),
    { ready: 'True Provisioned', actions: [], delayMs: 60_000 },
  ],
  [
    'account not approved',
    tenant(),
    observedTenant({ accountStatus: 'NotAllowed' }),
    { ready: 'False AccountNotAllowed', actions: [], stalled: true },
  ],
  [
    'login does not know the tenant yet',
    tenant(),
    entering({ isTenantKnown: false }),
    { ready: 'False TenantNotReady', actions: [], delayMs: 5_000 },
  ],
  [
    'create: no relationship yet',
    tenant(),
    entering({}),
    { ready: 'False RelationshipPending', actions: [], delayMs: 5_000 },
  ],
  [
    'connect: no relationship',
    connected,
    entering({}),
    { ready: 'False RelationshipMissing', actions: ['RequestRelationship'], delayMs: 5_000 },
  ],
  [
    'a request that was never finished',
    connected,
    entering({ relationship: { ...relationship, status: 'created' } }),
    { ready: 'False RelationshipMissing', actions: ['RequestRelationship'], delayMs: 5_000 },
  ],
  [
    'the customer has not approved',
    connected,
    entering({ relationship: { ...relationship, status: 'approvalPending' } }),
    { ready: 'False ApprovalPending', actions: [], delayMs: 60_000 },
  ],
  [
    'the service user is in no group',
    tenant(),
    entering({ relationship }),
    { ready: 'False SecurityGroupUnknown', actions: [], delayMs: 60_000 },
  ],
  [
    'no access assignment',
    tenant(),
    entering({ relationship, securityGroupId: ids.group }),
    { ready: 'False AssigningAccess', actions: ['AssignAccess'], delayMs: 5_000 },
  ],
  [
    'access pending',
    tenant(),
    entering({
      relationship,
      securityGroupId: ids.group,
      assignment: { ...assignment, status: 'pending' },
    }),
    { ready: 'False AccessPending', actions: [], delayMs: 5_000 },
  ],
  [
    'no service principal',
    tenant(),
    entering({ relationship, securityGroupId: ids.group, assignment, hasServicePrincipal: false }),
    { ready: 'False ConsentMissing', actions: ['ConsentApplication'], delayMs: 5_000 },
  ],
  [
    'permissions missing',
    tenant(),
    entering({ relationship, securityGroupId: ids.group, assignment }),
    { ready: 'False PermissionsMissing', actions: ['GrantPermissions'], delayMs: 5_000 },
  ],
  [
    'permissions there, Graph does not show the tenant',
    tenant(),
    observedTenant({ organization: undefined }),
    { ready: 'False TenantNotReady', actions: [], delayMs: 5_000 },
  ],
  [
    'complete, broad access still there',
    tenant(),
    observedTenant({ access: access({ relationship, assignment, securityGroupId: ids.group }) }),
    { ready: 'True Provisioned', actions: ['RemoveAccess'] },
  ],
  [
    'complete, an assignment that also has roles that are not ours to take',
    tenant(),
    observedTenant({
      access: access({
        relationship,
        securityGroupId: ids.group,
        assignment: { ...assignment, roleIds: [...setupRoleIds, ids.user] },
      }),
    }),
    { ready: 'True Provisioned', actions: [] },
  ],
  [
    'all is there',
    tenant(),
    observedTenant(),
    { ready: 'True Provisioned', actions: [], delayMs: 60_000 },
  ],
  [
    'all is there, existing customer: agreement and review are not looked at',
    connected,
    observedTenant({ agreement: undefined, accountStatus: 'NotAllowed' }),
    { ready: 'True Provisioned', actions: [], delayMs: 60_000 },
  ],
];

describe('an M365Tenant', () => {
  it.each(rows)('%s', (_, resource, observed, expected) => {
    const plan = planTenant(resource, observed, nowMs);
    const { ready, stalled, delayMs } = expected;
    expectPlan(resource, plan, {
      ...expected,
      conditions: { Stalled: stalled === undefined ? undefined : ready.replace('False', 'True') },
      look: stalled === true ? 'onChange' : delayMs,
    });
  });

  it('looks at nothing below the first step that is open', () => {
    const plan = planTenant(
      withDomains,
      observedTenant({ agreement: undefined, domains: [] }),
      nowMs,
    );
    expect(plan.conditions.map(({ type }) => type)).toEqual([
      'Ready',
      'CustomerReady',
      'AgreementReady',
    ]);
  });

  it('grants exactly what is missing, and says which feature each blocks', () => {
    const granted = Object.keys(requiredPermissions).filter(
      (name) => name !== 'Domain.ReadWrite.All',
    );
    const observed = entering({
      relationship,
      securityGroupId: ids.group,
      assignment,
      missing: missingPermissions(granted),
    });
    const plan = planTenant(tenant(), observed, nowMs);
    expect(plan.actions).toMatchObject([{ permissions: ['Domain.ReadWrite.All'] }]);
    expect(plan.conditions[0]?.message).toBe('missing: Domain.ReadWrite.All (domains)');
  });

  it('grants optional ones with those that are required, and goes on without them', () => {
    const missingOptional = missingPermissions([], optionalPermissions);
    const entry = {
      relationship,
      securityGroupId: ids.group,
      assignment,
      missing,
      missingOptional,
    };
    const [grant] = planTenant(tenant(), entering(entry), nowMs).actions;
    expect(grant).toMatchObject({
      permissions: [...Object.keys(requiredPermissions), ...Object.keys(optionalPermissions)],
    });
    const without = planTenant(
      tenant(),
      observedTenant({ access: access({ missingOptional }) }),
      nowMs,
    );
    expect(without.actions).toEqual([]);
    expect(without.conditions.find(({ type }) => type === 'Ready')?.status).toBe('True');
    expect(without.conditions.find(({ type }) => type === 'PermissionsComplete')).toMatchObject({
      status: 'False',
      message: expect.stringMatching(
        /consents to the application again: AuditLog\.Read\.All \(who changed what, and when people last signed in\).*reconcile-requested-at/,
      ) as string,
    });
  });

  it('takes nothing back from a tenant that was set up and refuses us', () => {
    const refusal = { reason: 'ConsentMissing', message: 'no consent any more' };
    const refused = access({
      relationship,
      assignment,
      hasServicePrincipal: false,
      missing,
      refusal,
    });
    const plan = planTenant(tenant(), observedTenant({ access: refused }), nowMs);
    expect(plan.actions).toEqual([]);
    expect(plan.conditions.find(({ type }) => type === 'AccessReady')).toMatchObject({
      status: 'False',
      ...refusal,
    });
    expect(plan.next).toEqual({ look: 'after', delayMs: 60_000, reason: 'ConsentMissing' });
  });

  it('takes a wider permission for the narrower one', () => {
    const wide = ['Directory.ReadWrite.All'];
    const names = missingPermissions(wide).map(({ permission }) => permission);
    expect(names).not.toContain('User.ReadWrite.All');
    expect(names).not.toContain('Organization.Read.All');
    expect(names).toContain('LicenseAssignment.ReadWrite.All');
  });

  it('keeps the name of a relationship within 50 characters', () => {
    const name = 'a-very-long-name-of-a-tenant-in-a-very-long-namespace';
    const resource = tenant({ metadata: { name }, spec: { connect: { tenantId: ids.tenant } } });
    const [action] = planTenant(resource, entering({}), nowMs).actions;
    expect(action).toMatchObject({ name: 'RequestRelationship' });
    expect((action as { displayName: string }).displayName.length).toBeLessThanOrEqual(50);
  });

  it('tells names of relationships of long names apart', () => {
    const nameOf = (name: string) => {
      const resource = tenant({ metadata: { name }, spec: { connect: { tenantId: ids.tenant } } });
      return (planTenant(resource, entering({}), nowMs).actions[0] as { displayName: string })
        .displayName;
    };
    const long = 'customer-with-a-name-that-goes-on-and-on-and-on';
    expect(nameOf(`${long}-berlin`)).not.toBe(nameOf(`${long}-munich`));
  });

  it.each([
    [true, 'True PasswordStored'],
    [false, 'False PasswordUnknown'],
    [undefined, undefined],
  ])('says whether the first administrator is stored: %s', (adminPasswordStored, wanted) => {
    const resource = tenant({ status: { tenantId: ids.tenant, adminPasswordStored } });
    const plan = planTenant(resource, observedTenant(), nowMs);
    expect(shown(plan, 'AdminCredentialsReady')).toBe(wanted);
    expect(readyOf(plan)).toBe('True Provisioned');
  });

  it.each([
    [1, 0, 'False InUse', false],
    [0, 1, 'False InUse', false],
    [0, 0, 'False Deleting', true],
  ])('deleted with %i users and %i pools', (managedUsers, managedPools, ready, released) => {
    const resource = deleted(tenant());
    const plan = planTenant(resource, { ...noCustomer, managedUsers, managedPools }, nowMs);
    expect(readyOf(plan)).toBe(ready);
    expect(plan).toMatchObject({ released, actions: [] });
    expectSoundPlan(resource, plan);
  });
});

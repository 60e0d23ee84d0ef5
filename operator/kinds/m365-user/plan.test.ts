import { describe, expect, it } from 'vitest';
import { ids, inHours, nowMs, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { expectPlan } from '../../../hack/testing/plan-checks.ts';
import type { M365User } from '../../core/objects.ts';
import type { NamedGroup, ObservedUser, WantedLicense } from './observed.ts';
import { planUser } from './plan.ts';

const organizationalUnit = 'OU=contoso,OU=Customers,DC=corp,DC=example';

const { anchor } = adAccount();

const managed = (overrides: Partial<ObservedUser> = {}) =>
  observedUser({
    directoryMode: 'Managed',
    organizationalUnit,
    samAccountName: 'mia',
    activeDirectory: adAccount(),
    entra: entraUser({ onPremisesImmutableId: anchor }),
    ...overrides,
  });

const nobody = { entra: undefined, activeDirectory: undefined };

const license = (overrides: Partial<WantedLicense> = {}): WantedLicense => ({
  pool: 'premium',
  skuId: ids.sku,
  disabledPlans: [],
  hasFreeSeat: true,
  ...overrides,
});

const group = (overrides: Partial<NamedGroup> = {}): NamedGroup => ({
  name: 'Sales',
  id: ids.group,
  isMember: false,
  ...overrides,
});

const manager = {
  field: 'managerRef' as const,
  name: 'boss',
  entraId: ids.manager,
  objectGuid: undefined,
};

type Row = readonly [
  name: string,
  resource: M365User,
  observed: ObservedUser,
  expected: {
    readonly ready: string;
    readonly actions: readonly string[];
    readonly conditions?: Readonly<Record<string, string | undefined>>;
    readonly look?: number | 'onChange';
  },
];

const soon = 5_000;

const rows: readonly Row[] = [
  [
    'no Entra account',
    user(),
    observedUser(nobody),
    { ready: 'False AccountMissing', actions: ['CreateEntraUser'], look: soon },
  ],
  [
    'ours, in the recycle bin',
    user(),
    observedUser({ ...nobody, origin: 'Made', deleted: entraUser() }),
    { ready: 'False AccountDeleted', actions: ['RestoreEntraUser'], look: soon },
  ],
  [
    'several accounts could be meant',
    user(),
    observedUser({
      ...nobody,
      refusal: 'AmbiguousMatch',
      candidates: [entraUser(), entraUser({ id: ids.manager })],
    }),
    {
      ready: 'False AmbiguousMatch',
      actions: [],
      conditions: { Stalled: 'True AmbiguousMatch', EntraSynced: 'False AmbiguousMatch' },
      look: 'onChange',
    },
  ],
  [
    'several accounts could be meant: nothing is done in Active Directory either',
    user(),
    managed({ ...nobody, refusal: 'AmbiguousMatch', candidates: [entraUser()] }),
    { ready: 'False AmbiguousMatch', actions: [] },
  ],
  [
    'is blocked, sessions not ended: a crash came between',
    user({ spec: { enabled: false } }),
    observedUser({ entra: entraUser({ accountEnabled: false }) }),
    { ready: 'False AccountDiffers', actions: ['RevokeSessions'] },
  ],
  [
    'was opened again: blocked and sessions ended again',
    user({ spec: { enabled: false }, status: { sessionsRevoked: true } }),
    observedUser(),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser', 'RevokeSessions'] },
  ],
  [
    'a sync server has not blocked it yet: its sessions would come again',
    user({ spec: { enabled: false } }),
    observedUser({ entra: entraUser({ onPremisesSyncEnabled: true }) }),
    { ready: 'True Disabled', actions: [] },
  ],
  [
    'new in a federated domain, without an anchor',
    user(),
    observedUser({ ...nobody, federatedDomains: ['contoso.example'] }),
    {
      ready: 'False AnchorRequired',
      actions: [],
      conditions: { Stalled: 'True AnchorRequired' },
    },
  ],
  [
    'name moves into a federated domain, without an anchor',
    user(),
    observedUser({
      entra: entraUser({ userPrincipalName: 'mia@fabrikam.example' }),
      federatedDomains: ['contoso.example'],
    }),
    { ready: 'False AnchorRequired', actions: [] },
  ],
  [
    'our account is gone, and the recycle bin does not show it yet',
    user({ status: { entraId: ids.user } }),
    observedUser({ ...nobody, refusal: 'LookingForAccount' }),
    {
      ready: 'False LookingForAccount',
      actions: [],
      conditions: { Stalled: undefined },
      look: soon,
    },
  ],
  [
    'password Secret declared, missing',
    user(),
    observedUser({ ...nobody, hasPasswordSecret: false }),
    {
      ready: 'False AccountMissing',
      actions: ['CreatePasswordSecret', 'CreateEntraUser'],
      look: soon,
    },
  ],
  [
    'password Secret declared, there',
    user(),
    observedUser({ ...nobody, hasPasswordSecret: true }),
    { ready: 'False AccountMissing', actions: ['CreateEntraUser'], look: soon },
  ],
  [
    'AD managed, no account: Entra waits for its anchor',
    user(),
    managed(nobody),
    {
      ready: 'False AccountMissing',
      actions: ['CreateAdAccount'],
      conditions: { EntraSynced: 'False WaitingForAnchor' },
      look: soon,
    },
  ],
  [
    'AD managed, no account, password Secret missing: made once',
    user(),
    managed({ ...nobody, hasPasswordSecret: false }),
    {
      ready: 'False AccountMissing',
      actions: ['CreatePasswordSecret', 'CreateAdAccount'],
      look: soon,
    },
  ],
  [
    'AD managed, the OU of the tenant is not there yet',
    user(),
    managed({ ...nobody, organizationalUnit: undefined, samAccountName: undefined }),
    { ready: 'False AccountMissing', actions: [], look: soon },
  ],
  [
    'AD account there, no Entra account: created with its anchor',
    user(),
    managed({ entra: undefined }),
    {
      ready: 'False AccountMissing',
      actions: ['CreateEntraUser'],
      conditions: { ActiveDirectorySynced: 'True AccountInSync' },
      look: soon,
    },
  ],
  [
    'the domain of the name is not verified: the account waits',
    user(),
    observedUser({ ...nobody, unverifiedDomain: 'contoso.example' }),
    { ready: 'False WaitingForDomain', actions: [] },
  ],
  [
    'the domain is not verified, AD managed: AD does not wait for it',
    user(),
    managed({ ...nobody, unverifiedDomain: 'contoso.example' }),
    { ready: 'False AccountMissing', actions: ['CreateAdAccount'] },
  ],
  [
    'the domain of a new name is not verified: the rest goes on',
    user({ spec: { jobTitle: 'Lead' } }),
    observedUser({
      unverifiedDomain: 'contoso.example',
      entra: entraUser({ userPrincipalName: 'mia@contoso.onmicrosoft.com' }),
    }),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'the domain of a new name is not verified: nothing else differs',
    user(),
    observedUser({
      unverifiedDomain: 'contoso.example',
      entra: entraUser({ userPrincipalName: 'mia@contoso.onmicrosoft.com' }),
    }),
    { ready: 'False WaitingForDomain', actions: [] },
  ],
  [
    'a sync server is to make the account',
    user(),
    observedUser({ ...nobody, directoryMode: 'EntraConnect' }),
    { ready: 'False WaitingForSync', actions: [] },
  ],
  [
    'a declared field differs in Entra',
    user({ spec: { department: 'Sales' } }),
    observedUser(),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'a declared field differs in both',
    user({ spec: { department: 'Sales' } }),
    managed(),
    { ready: 'False AccountDiffers', actions: ['UpdateAdAccount', 'UpdateEntraUser'] },
  ],
  [
    'the anchor is missing in Entra',
    user(),
    managed({ entra: entraUser() }),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'anchors differ: neither is written',
    user({ spec: { department: 'Sales' } }),
    managed({ entra: entraUser({ onPremisesImmutableId: 'b3RoZXI=' }) }),
    {
      ready: 'False AnchorDiffers',
      actions: [],
      conditions: {
        ActiveDirectorySynced: 'False AnchorDiffers',
        EntraSynced: 'False AnchorDiffers',
        Stalled: 'True AnchorDiffers',
      },
    },
  ],
  [
    'should be blocked, is enabled',
    user({ spec: { enabled: false } }),
    observedUser(),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser', 'RevokeSessions'] },
  ],
  [
    'should be blocked, is enabled in both',
    user({ spec: { enabled: false } }),
    managed(),
    {
      ready: 'False AccountDiffers',
      actions: ['UpdateAdAccount', 'UpdateEntraUser', 'RevokeSessions'],
    },
  ],
  [
    'is blocked as declared',
    user({ spec: { enabled: false }, status: { sessionsRevoked: true } }),
    observedUser({ entra: entraUser({ accountEnabled: false }) }),
    { ready: 'True Disabled', actions: [] },
  ],
  [
    'should be enabled, is blocked: no session is ended',
    user(),
    observedUser({ entra: entraUser({ accountEnabled: false }) }),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'leaves in two hours',
    user({ spec: { leaveAt: inHours(2) } }),
    observedUser(),
    { ready: 'True Provisioned', actions: [], look: 2 * 60 * 60_000 },
  ],
  [
    'left an hour ago',
    user({ spec: { leaveAt: inHours(-1) } }),
    observedUser(),
    {
      ready: 'False AccountDiffers',
      actions: ['UpdateEntraUser', 'RevokeSessions', 'RecordLeaver', 'ReplaceEntraPassword'],
    },
  ],
  [
    'a sync server owns the account: licences and cloud groups only',
    user({ spec: { department: 'Sales', enabled: false } }),
    observedUser({
      directoryMode: 'EntraConnect',
      entra: entraUser({ onPremisesSyncEnabled: true, displayName: 'Other' }),
      licenses: [license()],
      groups: [group()],
      manager,
    }),
    { ready: 'False AccountDiffers', actions: ['AssignLicenses', 'JoinGroup'] },
  ],
  [
    'nothing differs, letter case of the name aside',
    user({ spec: { userPrincipalName: 'Mia@contoso.example' } }),
    managed(),
    { ready: 'True Provisioned', actions: [] },
  ],
];

describe('an M365User', () => {
  it.each(rows)('%s', (_, resource, observed, expected) => {
    const plan = planUser(resource, observed, nowMs);
    expectPlan(resource, plan, { ...expected, look: expected.look ?? 'onChange' });
  });

  it('never touches what is not declared', () => {
    const entra = entraUser({
      givenName: 'Mia',
      jobTitle: 'Boss',
      department: 'Board',
      usageLocation: 'DE',
      managerId: ids.manager,
      assignedLicenses: [{ skuId: ids.otherSku, disabledPlans: [] }],
    });
    const account = adAccount({ attributes: { displayName: 'Mia Muster', title: 'Boss' } });
    const plan = planUser(
      user(),
      managed({ entra: { ...entra, onPremisesImmutableId: anchor }, activeDirectory: account }),
      nowMs,
    );
    expect(plan.actions).toEqual([]);
  });

  it('sends exactly the fields that differ', () => {
    const resource = user({ spec: { department: 'Sales', jobTitle: 'Lead', surname: 'Muster' } });
    const observed = managed({
      entra: entraUser({ onPremisesImmutableId: anchor, jobTitle: 'Lead', surname: 'Old' }),
    });
    const plan = planUser(resource, observed, nowMs);
    expect(plan.actions).toMatchObject([
      { patch: { attributes: { department: 'Sales', title: 'Lead', sn: 'Muster' } } },
      { id: ids.user, patch: { department: 'Sales', surname: 'Muster' } },
    ]);
    expect(Object.keys((plan.actions[1] as { patch: object }).patch)).toHaveLength(2);
  });

  it('creates the Entra account with the anchor of the AD account', () => {
    const plan = planUser(user(), managed({ entra: undefined }), nowMs);
    expect(plan.actions).toMatchObject([{ name: 'CreateEntraUser', anchor }]);
  });

  it('remembers the ids, and whose work the AD account is', () => {
    expect(planUser(user(), managed(), nowMs).status).toMatchObject({
      entraId: ids.user,
      objectGuid: ids.account,
      anchor,
      samAccountName: 'mia',
      createdByOperator: { activeDirectory: true },
    });
    const adopted = managed({ activeDirectory: adAccount({ ownerUid: undefined }) });
    expect(planUser(user(), adopted, nowMs).status).toMatchObject({
      createdByOperator: { activeDirectory: false },
    });
  });

  it('keeps its record of an account that is not seen at the moment', () => {
    const { status } = planUser(user({ status: { anchor } }), observedUser(nobody), nowMs);
    expect(status.anchor).toBe(anchor);
    expect('entraId' in status).toBe(false);
  });
});

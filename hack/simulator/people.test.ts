import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminConsent } from './directory/consent.ts';
import { addRoleAssignment, findServicePrincipal } from './directory/create.ts';
import { directoryApi } from './directory/index.ts';
import { saveUser } from './directory/records.ts';
import { roleId } from './directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { Kit, newGroup, newUser, PASSWORD } from './test-kit.ts';

const { tenantId, domain, initialDomain } = DEFAULT_CUSTOMER;
const PARTNER = DEFAULT_PARTNER.tenantId;
let kit: Kit;
let token: string;

beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  await kit.customerToken(tenantId);
  const permissions = [
    'User.Invite.All',
    'User-OnPremisesSyncBehavior.ReadWrite.All',
    'RoleManagement.ReadWrite.Directory',
  ];
  adminConsent(kit.simulator.world, directory(), DEFAULT_PARTNER.clientId, permissions);
  token = await kit.token(tenantId);
});
afterAll(() => kit.stop());

const directory = (id: string = tenantId) => kit.simulator.world.directories.get(id)!;
const call = (method: string, path: string, body?: unknown) =>
  kit.graph(method, path, { token, ...(body === undefined ? {} : { body }) });
async function user(name: string): Promise<string> {
  const made = await call('POST', '/users', newUser(name, domain));
  expect(made.status).toBe(201);
  return made.body.id;
}
const portal = async (method: string, path: string, body?: unknown) => {
  const userPrincipalName = `admin@${initialDomain}`;
  const answer = await kit.send('POST', `${kit.simulator.urls.control}/portal`, {
    body: { service: 'graph', tenantId, userPrincipalName, method, path: `/v1.0${path}`, body },
  });
  return answer.body as unknown as { status: number; body: Record<string, unknown> };
};

describe('guests', () => {
  const invitation = {
    invitedUserEmailAddress: 'gast@adatum.example',
    inviteRedirectUrl: 'https://myapps.microsoft.com',
  };

  it('are invited, wait, and accept by opening the link', async () => {
    const made = await call('POST', '/invitations', invitation);
    expect(made).toMatchObject({ status: 201, body: { status: 'PendingAcceptance' } });
    const { invitedUser, inviteRedeemUrl } = made.body as unknown as {
      invitedUser: { id: string };
      inviteRedeemUrl: string;
    };
    const select = '$select=userType,creationType,externalUserState,userPrincipalName,mail';
    const read = async () => (await call('GET', `/users/${invitedUser.id}?${select}`)).body;
    expect(await read()).toMatchObject({
      userType: 'Guest',
      creationType: 'Invitation',
      externalUserState: 'PendingAcceptance',
      userPrincipalName: `gast_adatum.example#EXT#@${initialDomain}`,
      mail: 'gast@adatum.example',
    });
    const byName = `/users/gast_adatum.example%23EXT%23@${initialDomain}`;
    expect((await call('GET', byName)).body.id).toBe(invitedUser.id);
    const again = await call('POST', '/invitations', invitation);
    expect(again.body).toMatchObject({ invitedUser: { id: invitedUser.id } });
    const { pathname, search } = new URL(inviteRedeemUrl);
    const opened = await kit.send('GET', `${kit.simulator.urls.login}${pathname}${search}`);
    expect(opened.status).toBe(200);
    expect(await read()).toMatchObject({ externalUserState: 'Accepted' });
  });

  it.each([
    ['no address', { invitedUserEmailAddress: 'nobody' }],
    ['a redirect that is none', { inviteRedirectUrl: 'home' }],
    ['an address of the tenant itself', { invitedUserEmailAddress: `someone@${domain}` }],
    ['an unknown type', { invitedUserType: 'Friend' }],
  ])('are not invited with %s', async (_, more) => {
    expect((await call('POST', '/invitations', { ...invitation, ...more })).status).toBe(400);
  });
});

describe('the source of authority', () => {
  it('moves to the cloud and back for who is synced, for nobody else', async () => {
    const id = await user('moving');
    const path = `/users/${id}/onPremisesSyncBehavior`;
    expect((await call('GET', path)).body).toMatchObject({ isCloudManaged: true });
    expect((await call('PATCH', path, { isCloudManaged: false })).status).toBe(400);
    const known = directory().users.live(id)!;
    const properties = { ...known.properties, onPremisesSyncEnabled: true };
    saveUser(directory(), { ...known, properties });
    expect((await call('GET', path)).body).toMatchObject({ isCloudManaged: false });
    expect((await call('PATCH', `/users/${id}`, { jobTitle: 'x' })).status).toBe(400);
    expect((await call('PATCH', path, { isCloudManaged: true })).status).toBe(204);
    expect((await call('PATCH', `/users/${id}`, { jobTitle: 'x' })).status).toBe(204);
    expect((await call('PATCH', path, { isCloudManaged: false })).status).toBe(204);
    expect((await call('PATCH', `/users/${id}`, { jobTitle: 'y' })).status).toBe(400);
  });

  it('of the tenant is set by people only', async () => {
    const path = '/directory/onPremisesSynchronization';
    expect((await call('GET', path)).status).toBe(403);
    const features = { blockSoftMatchEnabled: true };
    const accidentalDeletionPrevention = { alertThreshold: 50 };
    const change = { features, configuration: { accidentalDeletionPrevention } };
    expect(await portal('PATCH', `${path}/${tenantId}`, change)).toMatchObject({ status: 204 });
    expect((await portal('GET', path)).body['value']).toMatchObject([
      {
        id: tenantId,
        features: { blockSoftMatchEnabled: true, softMatchOnUpnEnabled: false },
        configuration: {
          accidentalDeletionPrevention: {
            alertThreshold: 50,
            synchronizationPreventionType: 'enabledForCount',
          },
        },
      },
    ]);
  });
});

describe('administrators as targets', () => {
  const actor = (role: string) => {
    const principal = findServicePrincipal(directory(), DEFAULT_PARTNER.clientId)!;
    return addRoleAssignment(kit.simulator.world, directory(), principal.id, roleId(role));
  };

  it.each([
    ['Helpdesk Administrator', 'User Administrator', 204],
    ['Message Center Reader', 'User Administrator', 204],
    ['Global Administrator', 'User Administrator', 403],
    ['Authentication Administrator', 'User Administrator', 403],
    ['Authentication Administrator', 'Privileged Authentication Administrator', 204],
    ['Directory Readers', undefined, 403],
  ])('of role %s are touched by %s: %d', async (target, role, expected) => {
    const id = await user(`admin${Math.abs(target.length * (role?.length ?? 1))}`);
    addRoleAssignment(kit.simulator.world, directory(), id, roleId(target));
    const assignment = role === undefined ? undefined : actor(role);
    const body = { passwordProfile: { password: PASSWORD } };
    expect((await call('PATCH', `/users/${id}`, body)).status).toBe(expected);
    // What is not sensitive needs the permission only.
    expect((await call('PATCH', `/users/${id}`, { department: 'IT' })).status).toBe(204);
    expect((await call('DELETE', `/users/${id}`)).status).toBe(expected);
    if (assignment !== undefined) directory().roleAssignments.delete(assignment);
  });

  it('are also the owners of groups that can hold a role', async () => {
    const id = await user('owner');
    const made = await call('POST', '/groups', { ...newGroup('roles'), isAssignableToRole: true });
    const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/users/${id}` };
    await call('POST', `/groups/${made.body.id}/owners/$ref`, reference);
    expect((await call('PATCH', `/users/${id}`, { accountEnabled: false })).status).toBe(403);
  });
});

describe('the date on which somebody leaves', () => {
  it('is set with two permissions together', async () => {
    const id = await user('leaving');
    const body = { employeeLeaveDateTime: '2027-01-01T00:00:00Z' };
    expect((await call('PATCH', `/users/${id}`, body)).status).toBe(403);
    const permissions = ['User-LifeCycleInfo.ReadWrite.All', 'User.Read.All'];
    adminConsent(kit.simulator.world, directory(), DEFAULT_PARTNER.clientId, permissions);
    token = await kit.token(tenantId);
    expect((await call('PATCH', `/users/${id}`, body)).status).toBe(204);
  });
});

describe('privileged identity management', () => {
  it('needs Entra ID P2, and shows standing assignments', async () => {
    const path = '/roleManagement/directory/roleAssignmentScheduleInstances';
    expect((await call('GET', path)).body.error.code).toBe('AadPremiumLicenseRequired');
    const [held] = [...directory().subscriptions.values()];
    const plan = { servicePlanId: roleId('Global Reader'), servicePlanName: 'AAD_PREMIUM_P2' };
    directoryApi.putSubscription(kit.simulator.world, tenantId, {
      ...held!,
      commerceSubscriptionId: roleId('Global Reader'),
      skuId: roleId('Global Reader'),
      servicePlans: [plan],
    });
    const filter = `$filter=roleDefinitionId eq '${roleId('Global Administrator')}'`;
    const [standing] = (await call('GET', `${path}?${filter}`)).body.value;
    expect(standing).toMatchObject({ assignmentType: 'Assigned', endDateTime: null });
    const eligible = '/roleManagement/directory/roleEligibilityScheduleInstances';
    expect((await call('GET', eligible)).body.value).toEqual([]);
  });
});

describe('sign-ins', () => {
  const refresh = (value: string) =>
    kit.tokenRequest(PARTNER, {
      grant_type: 'refresh_token',
      refresh_token: value,
      scope: 'https://api.partnercenter.microsoft.com/.default',
    });

  it('are logged where the account lives, for tenants with P1', async () => {
    const { body } = await refresh(DEFAULT_PARTNER.refreshToken);
    adminConsent(kit.simulator.world, directory(PARTNER), DEFAULT_PARTNER.clientId, [
      'AuditLog.Read.All',
      'User.ReadWrite.All',
      'User.RevokeSessions.All',
    ]);
    token = await kit.token(PARTNER);
    expect((await call('GET', '/auditLogs/signIns')).body.error).toMatchObject({
      code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    });
    const [premium] = [...directory().subscriptions.values()];
    directoryApi.putSubscription(kit.simulator.world, PARTNER, premium!);
    const log = await call('GET', '/auditLogs/signIns');
    expect(log.body.value).toMatchObject([
      { isInteractive: false, appId: DEFAULT_PARTNER.clientId, status: { errorCode: 0 } },
    ]);
    const path = '/users?$select=userPrincipalName,signInActivity&$top=500';
    const users = (await call('GET', path)).body.value as Record<string, unknown>[];
    const of = (name: string) =>
      users.find(({ userPrincipalName }) => String(userPrincipalName).startsWith(name));
    expect(of('svc-operator')).toMatchObject({
      signInActivity: { lastNonInteractiveSignInDateTime: expect.any(String) as string },
    });
    expect(of('admin')).toMatchObject({ signInActivity: null });
    expect((await call('GET', '/users?$select=signInActivity&$top=501')).status).toBe(400);
    expect((await call('GET', '/users/delta?$select=signInActivity')).status).toBe(400);

    // Sessions that are revoked end with their refresh tokens.
    kit.simulator.world.clock.advance(1_000);
    const service = '/users/svc-operator@fabrikamcloud.onmicrosoft.com';
    expect((await call('POST', `${service}/revokeSignInSessions`)).status).toBe(200);
    expect((await refresh(body.refresh_token)).body.error_codes).toEqual([700082]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directoryApi } from './directory/index.ts';
import { roleId } from './directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { Kit, newUser } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
let kit: Kit;
beforeEach(async () => {
  kit = await Kit.start({ frozen: true });
});
afterEach(() => kit.stop());

const advance = (duration: string) =>
  kit.send('POST', `${kit.simulator.urls.control}/clock`, { body: { advance: duration } });

describe('the way into a new customer tenant (partner-center.md 11.1)', () => {
  it('goes by default relationship, access assignment, consent, delegated token, app roles', async () => {
    const { world } = kit.simulator;
    const customerId = '11111111-2222-4333-8444-555555555555';
    const roles = ['Cloud Application Administrator', 'Privileged Role Administrator'].map(roleId);
    directoryApi.createTenant(world, {
      tenantId: customerId,
      initialDomain: 'fresh.onmicrosoft.com',
      displayName: 'Fresh AG',
      country: 'DE',
      admin: { userName: 'admin' },
    });
    directoryApi.createDefaultRelationship(world, {
      partnerTenantId: DEFAULT_PARTNER.tenantId,
      customerTenantId: customerId,
      customerName: 'Fresh AG',
      roleTemplateIds: roles,
    });
    world.settings.delegationDelayMs = 60_000;
    const refresh = { grant_type: 'refresh_token', refresh_token: DEFAULT_PARTNER.refreshToken };
    const denied = await kit.tokenRequest(customerId, refresh);
    expect(denied.body.error_codes).toEqual([50020]);

    const own = await kit.token(DEFAULT_PARTNER.tenantId);
    const path = '/tenantRelationships/delegatedAdminRelationships';
    const found = await kit.graph('GET', `${path}?$filter=customer/tenantId eq '${customerId}'`, {
      token: own,
    });
    const [relationship] = found.body.value as { id: string; status: string }[];
    expect(relationship).toMatchObject({ status: 'active' });
    const made = await kit.graph('POST', `${path}/${relationship!.id}/accessAssignments`, {
      token: own,
      body: {
        accessContainer: {
          accessContainerId: DEFAULT_PARTNER.securityGroupId,
          accessContainerType: 'securityGroup',
        },
        accessDetails: { unifiedRoles: roles.map((roleDefinitionId) => ({ roleDefinitionId })) },
      },
    });
    expect(made).toMatchObject({ status: 201, body: { status: 'pending' } });
    await advance('PT1M');
    const assignment = `${path}/${relationship!.id}/accessAssignments/${made.body.id}`;
    expect((await kit.graph('GET', assignment, { token: own })).body).toMatchObject({
      status: 'active',
    });

    const unconsented = await kit.tokenRequest(customerId, refresh);
    expect(unconsented.body.error_codes).toEqual([65001]);
    const consent = {
      appId: DEFAULT_PARTNER.clientId,
      displayName: 'm365-operator',
      resourceAppId: '00000003-0000-0000-c000-000000000000',
      scope: 'Application.ReadWrite.All,AppRoleAssignment.ReadWrite.All,Directory.Read.All',
    };
    expect(directoryApi.consentApplication(world, customerId, consent)).toBe(true);
    expect(directoryApi.consentApplication(world, customerId, consent)).toBe(false);

    const delegated: string = (await kit.tokenRequest(customerId, refresh)).body.access_token;
    const principal = async (appId: string) => {
      const answer = await kit.graph('GET', `/servicePrincipals?$filter=appId eq '${appId}'`, {
        token: delegated,
      });
      return (answer.body.value as { id: string; appRoles: { id: string; value: string }[] }[])[0]!;
    };
    const graph = await principal(consent.resourceAppId);
    const ours = await principal(DEFAULT_PARTNER.clientId);
    const appRoleId = graph.appRoles.find((role) => role.value === 'User.Read.All')!.id;
    expect(appRoleId).toBe('df021288-bdef-4463-88db-98f22de89214');
    const assign = () =>
      kit.graph('POST', `/servicePrincipals/${ours.id}/appRoleAssignments`, {
        token: delegated,
        body: { principalId: ours.id, resourceId: graph.id, appRoleId },
      });
    expect((await assign()).status).toBe(201);
    expect((await assign()).body.error['message']).toMatch(/already exists/);
    const appOnly = await kit.token(customerId);
    expect((await kit.graph('GET', '/users', { token: appOnly })).status).toBe(200);
    expect(
      (
        await kit.graph('POST', '/users', {
          token: appOnly,
          body: newUser('x', 'fresh.onmicrosoft.com'),
        })
      ).status,
    ).toBe(403);

    const etag: string = (await kit.graph('GET', assignment, { token: own })).body['@odata.etag'];
    expect(
      (await kit.graph('DELETE', assignment, { token: own, headers: { 'if-match': 'W/"old"' } }))
        .status,
    ).toBe(412);
    expect(
      (await kit.graph('DELETE', assignment, { token: own, headers: { 'if-match': etag } })).status,
    ).toBe(204);
    await advance('PT1M');
    expect((await kit.tokenRequest(customerId, refresh)).body.error_codes).toEqual([50020]);
    expect((await kit.graph('GET', '/users', { token: appOnly })).status).toBe(200);
  });

  it('gives a delegated caller no more than its roles', async () => {
    const { world } = kit.simulator;
    const reader = [roleId('Directory Readers')];
    directoryApi.createDefaultRelationship(world, {
      partnerTenantId: DEFAULT_PARTNER.tenantId,
      customerTenantId: tenantId,
      customerName: 'Northwind',
      roleTemplateIds: reader,
    });
    const own = await kit.token(DEFAULT_PARTNER.tenantId);
    const partner = world.directories.get(DEFAULT_PARTNER.tenantId)!;
    const { id } = [...partner.relationships.values()][0]!;
    const assign = (roles: readonly string[]) =>
      kit.graph(
        'POST',
        `/tenantRelationships/delegatedAdminRelationships/${id}/accessAssignments`,
        {
          token: own,
          body: {
            accessContainer: {
              accessContainerId: DEFAULT_PARTNER.securityGroupId,
              accessContainerType: 'securityGroup',
            },
            accessDetails: {
              unifiedRoles: roles.map((roleDefinitionId) => ({ roleDefinitionId })),
            },
          },
        },
      );
    expect((await assign([roleId('User Administrator')])).status).toBe(400);
    expect((await assign(reader)).status).toBe(201);
    directoryApi.consentApplication(world, tenantId, {
      appId: DEFAULT_PARTNER.clientId,
      displayName: 'm365-operator',
      resourceAppId: '00000003-0000-0000-c000-000000000000',
      scope: 'User.ReadWrite.All',
    });
    const token = await kit.token(tenantId, {
      grant_type: 'refresh_token',
      refresh_token: DEFAULT_PARTNER.refreshToken,
    });
    expect((await kit.graph('GET', '/users', { token })).status).toBe(200);
    const refused = await kit.graph('POST', '/users', { token, body: newUser('x', domain) });
    expect(refused).toMatchObject({
      status: 403,
      body: { error: { code: 'Authorization_RequestDenied' } },
    });
  });

  it('changes the roles of an assignment by an operation that takes its time', async () => {
    const { world } = kit.simulator;
    const token = await kit.token(DEFAULT_PARTNER.tenantId);
    const roles = ['Directory Readers', 'User Administrator'].map(roleId);
    directoryApi.createDefaultRelationship(world, {
      partnerTenantId: DEFAULT_PARTNER.tenantId,
      customerTenantId: tenantId,
      customerName: 'Northwind',
      roleTemplateIds: roles,
    });
    const list = '/tenantRelationships/delegatedAdminRelationships';
    const [{ id }] = (await kit.graph('GET', list, { token })).body.value as [{ id: string }];
    const unified = (ids: readonly string[]) => ({
      unifiedRoles: ids.map((roleDefinitionId) => ({ roleDefinitionId })),
    });
    const made = await kit.graph('POST', `${list}/${id}/accessAssignments`, {
      token,
      body: {
        accessContainer: {
          accessContainerId: DEFAULT_PARTNER.securityGroupId,
          accessContainerType: 'securityGroup',
        },
        accessDetails: unified(roles),
      },
    });
    world.settings.delegationDelayMs = 60_000;
    const item = `${list}/${id}/accessAssignments/${made.body.id}`;
    const current = async () => (await kit.graph('GET', item, { token })).body;
    const headers = { 'if-match': (await current())['@odata.etag'] };
    const body = { accessDetails: unified(roles.slice(0, 1)) };
    const accepted = await kit.graph('PATCH', item, { token, headers, body });
    expect(accepted).toMatchObject({ status: 202, headers: { 'retry-after': '10' } });
    const operation = async () =>
      (await kit.graph('GET', String(accepted.headers['location']), { token })).body;
    expect(await operation()).toMatchObject({
      status: 'running',
      operationType: 'delegatedAdminAccessAssignmentUpdate',
    });
    expect(await current()).toMatchObject({ accessDetails: unified(roles) });
    await advance('PT1M');
    expect(await operation()).toMatchObject({ status: 'succeeded' });
    expect(await current()).toMatchObject({ accessDetails: unified(roles.slice(0, 1)) });
    world.settings.delegationDelayMs = 0;
    const etag = { 'if-match': (await current())['@odata.etag'] };
    expect((await kit.graph('PATCH', item, { token, headers: etag, body })).status).toBe(200);
  });

  it('asks an existing customer, who approves, and ends by itself', async () => {
    const token = await kit.token(DEFAULT_PARTNER.tenantId);
    const path = '/tenantRelationships/delegatedAdminRelationships';
    const body = {
      displayName: 'Northwind',
      duration: 'P30D',
      customer: { tenantId },
      accessDetails: { unifiedRoles: [{ roleDefinitionId: roleId('Directory Readers') }] },
    };
    const made = await kit.graph('POST', path, { token, body });
    const item = `${path}/${made.body.id}`;
    expect((await kit.graph('POST', path, { token, body })).status).toBe(409);
    expect((await kit.graph('PATCH', item, { token, body: { duration: 'P60D' } })).status).toBe(
      400,
    );
    await kit.graph('POST', `${item}/requests`, { token, body: { action: 'lockForApproval' } });
    const status = async () => (await kit.graph('GET', item, { token })).body.status;
    expect(await status()).toBe('approvalPending');
    const approval = await kit.send('POST', `${kit.simulator.urls.control}/approvals`, {
      body: { relationshipId: made.body.id },
    });
    expect(approval.status).toBe(200);
    expect(await status()).toBe('active');
    await advance('P30D');
    expect(await status()).toBe('expired');
  });
});

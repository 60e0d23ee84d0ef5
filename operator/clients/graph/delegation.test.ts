import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { ConnectionClients } from '../port.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;

let cloud: Cloud;

let clients: ConnectionClients;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity } });
  const consent = `${cloud.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`;
  await (await fetch(consent)).text();
  clients = cloud.clients();
});

afterAll(() => cloud.stop());

beforeEach(() => {
  cloud.simulator.faults.clear();
  cloud.simulator.world.settings.replicationLagMs = 0;
  cloud.told.length = 0;
});

describe('the way into a new tenant (partner-center.md 11.1)', () => {
  it('goes step by step through the ports', async () => {
    const { partnerCenter, delegation } = clients;
    const roleIds = [
      '158c047a-c907-4556-b7ef-446551a6b5f7',
      'e8611ab8-c189-46e8-94e1-60213ab1f814',
    ];
    const { id } = await partnerCenter.createCustomer(
      {
        domain: 'freshly.onmicrosoft.com',
        companyName: 'Freshly GmbH',
        email: 'ada@freshly.example',
        firstName: 'Ada',
        lastName: 'Admin',
        language: 'de',
        culture: 'de-DE',
        address: { country: 'DE', city: 'Köln', line1: 'Marktplatz 1', postalCode: '50667' },
      },
      crypto.randomUUID(),
      signal,
    );
    const fresh = clients.graph(id);
    const noPrincipal = await failureOf(fresh.permissions({ fresh: true }, signal));
    expect(noPrincipal).toMatchObject({ class: 'Wait', reason: 'ConsentMissing' });

    const [relationship] = await delegation.listRelationships(id, signal);
    expect(relationship).toMatchObject({ status: 'active', accessAssignments: [] });
    expect(relationship!.roleIds).toEqual(expect.arrayContaining(roleIds));
    const groups = await delegation.listServiceUserGroups(signal);
    expect(groups).toContainEqual({
      id: DEFAULT_PARTNER.securityGroupId,
      displayName: 'm365-operator',
    });

    const consent = () =>
      partnerCenter.consentApplication(
        id,
        ['Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All', 'Directory.Read.All'],
        signal,
      );
    expect((await failureOf(consent())).class).toBe('Wait');
    const assign = () =>
      delegation.assignAccess(
        relationship!.id,
        { securityGroupId: DEFAULT_PARTNER.securityGroupId, roleIds },
        signal,
      );
    await assign();
    await assign();
    const [again] = await delegation.listRelationships(id, signal);
    expect(again!.accessAssignments).toMatchObject([
      { status: 'active', securityGroupId: DEFAULT_PARTNER.securityGroupId },
    ]);

    await consent();
    await consent();
    expect(await fresh.permissions({ fresh: true }, signal)).toEqual([]);
    const wanted = ['User.ReadWrite.All', 'Organization.Read.All'];
    await delegation.grantPermissions(id, wanted, signal);
    await delegation.grantPermissions(id, wanted, signal);
    expect(await failureOf(delegation.grantPermissions(id, ['No.Such'], signal))).toMatchObject({
      class: 'Terminal',
      reason: 'PermissionUnknown',
    });
    expect(await fresh.permissions({ fresh: false }, signal)).toEqual([]);
    expect([...(await fresh.permissions({ fresh: true }, signal))].sort()).toEqual(
      [...wanted].sort(),
    );
    expect(await fresh.getOrganization(signal)).toMatchObject({ id });

    const assignmentId = again!.accessAssignments[0]!.id;
    await delegation.removeAccess(relationship!.id, assignmentId, signal);
    await delegation.removeAccess(relationship!.id, assignmentId, signal);
    expect((await delegation.listRelationships(id, signal))[0]!.accessAssignments).toEqual([]);
    expect(await fresh.permissions({ fresh: true }, signal)).toHaveLength(2);
  });

  it('finds a tenant by its domain, with the permission for it', async () => {
    const partner = cloud.simulator.addPartner({
      name: 'Finder',
      app: { partnerPermissions: ['CrossTenantInformation.ReadBasic.All'] },
    });
    const { delegation } = cloud.clients({ ...partner }, 'finder', partner.tenantId);
    expect(await delegation.findTenantByDomain(domain, signal)).toBe(tenantId);
    expect(await delegation.findTenantByDomain('nobody-has-this.example', signal)).toBeUndefined();
  });

  it('asks an existing customer once, also where an answer is lost on the way', async () => {
    const { delegation } = clients;
    const request = {
      customerId: tenantId,
      displayName: 'm365-operator acme/northwind',
      roleIds: ['88d8e3e3-8f55-4a1e-953a-9b9898b8876b'],
    };
    cloud.fault({
      service: 'graph',
      method: 'POST',
      path: 'delegatedAdminRelationships$',
      kind: 'lostAnswer',
    });
    await failureOf(delegation.requestRelationship(request, signal));
    const made = await delegation.requestRelationship(request, signal);
    expect(made.status).toBe('approvalPending');
    const all = await delegation.listRelationships(tenantId, signal);
    expect(all).toMatchObject([{ id: made.id, status: 'approvalPending' }]);
    cloud.simulator.approveRelationship(made.id);
    expect(await delegation.listRelationships(tenantId, signal)).toMatchObject([
      { id: made.id, status: 'active' },
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractPermissions, OPERATIONS } from './contract.ts';
import { adminConsent } from './directory/consent.ts';
import { findServicePrincipal } from './directory/create.ts';
import { directoryApi } from './directory/index.ts';
import { GRAPH_APP_ID, roleId } from './directory/well-known.ts';
import { applicationObjectId } from './graph/federated-credentials.ts';
import { HANDLERS } from './graph/handlers.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { Kit } from './test-kit.ts';

/** Needs a licence that no simulated tenant has, a signed-in person, or somebody who has signed in. */
const REFUSED: Readonly<Record<string, number>> = {
  'GET /auditLogs/signIns/{signIn-id}': 404,
  'GET /subscriptions/{subscription-id}': 404,
  'GET /directory/onPremisesSynchronization': 403,
  'PATCH /directory/onPremisesSynchronization/{onPremisesDirectorySynchronization-id}': 403,
  'GET /roleManagement/directory/roleAssignmentScheduleInstances': 400,
  'GET /roleManagement/directory/roleEligibilityScheduleInstances': 400,
};

let kit: Kit;
let tokens: { customer: string; partner: string };
let values: Record<string, string>;

beforeAll(async () => {
  kit = await Kit.start({ settings: { throttleFactor: Infinity } });
  const { world } = kit.simulator;
  const { clientId } = DEFAULT_PARTNER;
  const customer = world.directories.get(DEFAULT_CUSTOMER.tenantId)!;
  const partner = world.directories.get(DEFAULT_PARTNER.tenantId)!;
  for (const directory of [customer, partner]) {
    adminConsent(world, directory, clientId, contractPermissions());
  }
  tokens = {
    customer: await kit.token(customer.tenantId),
    partner: await kit.token(partner.tenantId),
  };
  directoryApi.createDefaultRelationship(world, {
    partnerTenantId: partner.tenantId,
    customerTenantId: customer.tenantId,
    customerName: 'Northwind',
    roleTemplateIds: [roleId('Directory Readers')],
  });
  partner.applications.get(clientId)!.federatedCredentials.push({
    id: 'contract',
    name: 'contract',
    issuer: 'https://oidc.example',
    subject: 'contract',
    audiences: ['api://AzureADTokenExchange'],
    description: null,
    jwks: undefined,
  });
  const relationship = [...partner.relationships.values()][0]!;
  const path = `/tenantRelationships/delegatedAdminRelationships/${relationship.id}`;
  const assignment = await kit.graph('POST', `${path}/accessAssignments`, {
    token: tokens.partner,
    body: {
      accessContainer: {
        accessContainerId: DEFAULT_PARTNER.securityGroupId,
        accessContainerType: 'securityGroup',
      },
      accessDetails: { unifiedRoles: [{ roleDefinitionId: roleId('Directory Readers') }] },
    },
  });
  const [skuId] = [...customer.subscriptions.values()].map((subscription) => subscription.skuId);
  const group = [...customer.groups.all('live', customer.log.last)][0]!.value;
  const [david] = [...customer.users.all('live', customer.log.last)]
    .map(({ value }) => value)
    .filter((user) => user.userPrincipalName.startsWith('david'));
  const token = tokens.customer;
  await kit.graph('PUT', `/users/anna.becker@${DEFAULT_CUSTOMER.domain}/manager/$ref`, {
    token,
    body: { '@odata.id': `https://graph.microsoft.com/v1.0/users/${david!.id}` },
  });
  await kit.graph('PATCH', `/groups/${group.id}`, { token, body: { description: 'x' } });
  await kit.graph('POST', `/groups/${group.id}/owners/$ref`, {
    token,
    body: { '@odata.id': `https://graph.microsoft.com/v1.0/users/${david!.id}` },
  });
  const frank = `/users/frank.lorenz@${DEFAULT_CUSTOMER.domain}`;
  const deleted = await kit.graph('GET', frank, { token });
  await kit.graph('DELETE', frank, { token });
  const named = await kit.graph('PATCH', "/groups(uniqueName='unique')", {
    token,
    body: {
      displayName: 'Unique',
      mailEnabled: false,
      mailNickname: 'unique',
      securityEnabled: true,
    },
  });
  if (named.status !== 201) throw new Error(JSON.stringify(named.body));
  customer.domains.get(DEFAULT_CUSTOMER.domain)!.federation = {
    id: 'federation',
    properties: { issuerUri: 'http://x' },
  };
  const subscription = [...customer.subscriptions.values()][0]!;
  const request = {
    id: 'request',
    action: 'terminate',
    status: 'succeeded',
    createdMs: 0,
  } as const;
  relationship.requests.set(request.id, request);
  relationship.operations.set('operation', {
    id: 'operation',
    operationType: 'delegatedAdminRelationshipUpdate',
    data: '{}',
    status: 'succeeded',
    createdMs: 0,
    modifiedMs: 0,
  });
  values = {
    'user-id': `anna.becker@${DEFAULT_CUSTOMER.domain}`,
    'group-id': group.id,
    'domain-id': DEFAULT_CUSTOMER.domain,
    'organization-id': customer.tenantId,
    'subscribedSku-id': `${customer.tenantId}_${skuId!}`,
    'companySubscription-id': subscription.id,
    commerceSubscriptionId: subscription.commerceSubscriptionId,
    'directoryObject-id': deleted.body.id,
    'servicePrincipal-id': findServicePrincipal(customer, GRAPH_APP_ID)!.id,
    'unifiedRoleAssignment-id': [...customer.roleAssignments.keys()][0]!,
    'unifiedRoleDefinition-id': roleId('User Administrator'),
    'directoryRole-id': roleId('Global Administrator'),
    'internalDomainFederation-id': 'federation',
    'directoryAudit-id': String(customer.audits[0]!.entry['id']),
    'delegatedAdminRelationship-id': relationship.id,
    'delegatedAdminAccessAssignment-id': assignment.body.id,
    'delegatedAdminCustomer-id': customer.tenantId,
    'delegatedAdminRelationshipRequest-id': 'request',
    'delegatedAdminRelationshipOperation-id': 'operation',
    domainName: DEFAULT_CUSTOMER.domain,
    tenantId: customer.tenantId,
    uniqueName: 'unique',
    appId: clientId,
    'application-id': applicationObjectId(clientId),
    'federatedIdentityCredential-id': 'contract',
  };
});
afterAll(() => kit.stop());

function pathOf(template: string): string {
  return template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => values[name] ?? 'none');
}

function tokenFor(template: string): string {
  return /^\/(tenantRelationships|contracts|applications)/.test(template)
    ? tokens.partner
    : tokens.customer;
}

describe('the contract', () => {
  const reads = OPERATIONS.filter(({ method }) => method === 'GET').map(({ template }) => template);

  it.each(reads)('GET %s answers as the schema says', async (template) => {
    const name = `GET ${template}`;
    const headers = template.endsWith('$count') ? { consistencylevel: 'eventual' } : {};
    const token = tokenFor(template);
    const { status } = await kit.graph('GET', pathOf(template), { token, headers });
    const expected = REFUSED[name] ?? 200;
    expect(status).toBe(expected);
  });

  const writes = OPERATIONS.filter((operation) => operation.bodySchema !== undefined);

  it.each(writes)('$method $template refuses what the schema does not have', async (operation) => {
    const { method, template } = operation;
    const answer = await kit.graph(method, pathOf(template), {
      token: tokenFor(template),
      headers: { 'if-match': 'W/"none"' },
      body: { noSuchProperty: 1 },
    });
    expect(answer.status).toBe(REFUSED[`${method} ${template}`] ?? 400);
  });

  it('is modelled whole', () => {
    const missing = OPERATIONS.map(({ method, template }) => `${method} ${template}`).filter(
      (name) => !(name in HANDLERS) && name !== 'POST /$batch',
    );
    expect(missing).toEqual([]);
  });
});

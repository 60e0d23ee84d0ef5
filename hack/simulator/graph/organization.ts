/** organization, contracts, tenant look-up, getByIds (graph.md 6, 8.3). */
import { recordAudit } from '../directory/audit.ts';
import type { Directory, Properties } from '../directory/directory.ts';
import { findDomain } from '../directory/records.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, notFound } from './errors.ts';
import { equalityFilters } from './filter-rules.ts';
import { principalEntity } from './principals.ts';
import { project, selected } from './projection.ts';
import { list, single } from './query.ts';

export const ORGANIZATION_HANDLERS: Handlers = {
  'GET /organization': listOrganization,
  'GET /organization/{organization-id}': getOrganization,
  'PATCH /organization/{organization-id}': updateOrganization,
  'GET /contracts': listContracts,
  "GET /tenantRelationships/findTenantInformationByDomainName(domainName='{domainName}')":
    findByDomain,
  "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')": findByTenant,
  'POST /directoryObjects/getByIds': getByIds,
};

const WRITABLE = new Set([
  'marketingNotificationEmails',
  'privacyProfile',
  'securityComplianceNotificationMails',
  'securityComplianceNotificationPhones',
  'technicalNotificationMails',
]);

function organizationEntity(directory: Directory, isPartner: boolean): Properties {
  const plans = [...directory.subscriptions.values()].flatMap((subscription) =>
    subscription.servicePlans.map((plan) => ({
      assignedDateTime: new Date(subscription.createdMs).toISOString(),
      capabilityStatus: subscription.status === 'Deleted' ? 'Deleted' : subscription.status,
      service: plan.servicePlanName,
      servicePlanId: plan.servicePlanId,
    })),
  );
  return {
    ...directory.organization,
    id: directory.tenantId,
    displayName: directory.displayName,
    country: directory.country,
    countryLetterCode: directory.country,
    createdDateTime: new Date(directory.createdMs).toISOString(),
    defaultUsageLocation: directory.country,
    onPremisesSyncEnabled: directory.organization['onPremisesSyncEnabled'] ?? null,
    partnerTenantType: isPartner ? 'resellerPartnerDelegatedAdmin' : null,
    tenantType: 'AAD',
    assignedPlans: plans,
    provisionedPlans: [],
    businessPhones: [],
    verifiedDomains: [...directory.domains.values()]
      .filter((domain) => domain.isVerified)
      .map((domain) => ({
        name: domain.id,
        type: domain.authenticationType,
        isDefault: domain.isDefault,
        isInitial: domain.isInitial,
        capabilities: domain.supportedServices.join(', '),
      })),
  };
}

function entity(call: Call): Properties {
  return organizationEntity(call.directory, call.world.partners.has(call.directory.tenantId));
}

function listOrganization(call: Call): ApiResponse {
  return list(call, { type: 'organization', set: 'organization', items: () => [entity(call)] });
}

function requireOwnId(call: Call): void {
  const id = parameter(call, 'organization-id').toLowerCase();
  if (id !== call.directory.tenantId) throw notFound(id);
}

function getOrganization(call: Call): ApiResponse {
  requireOwnId(call);
  return single(call, { type: 'organization', set: 'organization', entity: entity(call) });
}

function updateOrganization(call: Call): ApiResponse {
  requireOwnId(call);
  for (const [name, value] of Object.entries(call.body)) {
    if (!WRITABLE.has(name)) throw badRequest(`Property '${name}' is read-only and cannot be set.`);
    call.directory.organization[name] = value;
  }
  const { tenantId, displayName } = call.directory;
  recordAudit(call, {
    activity: 'Set Company Information',
    category: 'DirectoryManagement',
    targets: [{ id: tenantId, displayName, type: 'Other' }],
  });
  return NO_CONTENT;
}

/** The partner's customers by the old list: those it sells to and those it administers. */
function listContracts(call: Call): ApiResponse {
  const { tenantId, relationships } = call.directory;
  const delegated = new Set(relationships.values().map(({ customer }) => customer?.tenantId));
  const customers = call.world.directories
    .values()
    .filter(
      (tenant) =>
        delegated.has(tenant.tenantId) ||
        tenant.subscriptions.values().some(({ ownerTenantId }) => ownerTenantId === tenantId),
    );
  return list(call, {
    type: 'contract',
    set: 'contracts',
    filters: equalityFilters('customerId', 'defaultDomainName', 'displayName', 'contractType'),
    items: () =>
      customers.map((tenant) => ({
        id: tenant.tenantId,
        contractType: 'ResellerPartnerContract',
        customerId: tenant.tenantId,
        defaultDomainName: defaultDomain(tenant),
        displayName: tenant.displayName,
      })),
  });
}

function defaultDomain(directory: Directory): string {
  return (
    directory.domains.values().find((domain) => domain.isDefault)?.id ?? directory.initialDomain
  );
}

function findByDomain(call: Call): ApiResponse {
  const name = parameter(call, 'domainName');
  const directory = call.world.directories
    .values()
    .find((candidate) => findDomain(candidate, name)?.isVerified);
  if (!directory) throw notFound(name);
  return tenantInformation(directory);
}

function findByTenant(call: Call): ApiResponse {
  const id = parameter(call, 'tenantId');
  const directory = call.world.directories.get(id.toLowerCase());
  if (!directory) throw notFound(id);
  return tenantInformation(directory);
}

function tenantInformation(directory: Directory): ApiResponse {
  return {
    status: 200,
    body: {
      '@odata.context': contextUrl('microsoft.graph.tenantInformation'),
      tenantId: directory.tenantId,
      federationBrandName: null,
      displayName: directory.displayName,
      defaultDomainName: defaultDomain(directory),
    },
  };
}

/** Ids that do not exist are left out without an error. */
function getByIds(call: Call): ApiResponse {
  const ids = call.body['ids'] as readonly string[];
  const types = call.body['types'] as readonly string[] | undefined;
  const select = selected(call, 'directoryObject');
  const value = ids.flatMap((id) => {
    const found = principalEntity(call, id.toLowerCase(), call.keySeq);
    const type = String(found?.['@odata.type']).replace('#microsoft.graph.', '');
    if (!found || (types && !types.includes(type) && !types.includes('directoryObject'))) return [];
    return [project(type, found, select)];
  });
  return { status: 200, body: { '@odata.context': contextUrl('directoryObjects'), value } };
}

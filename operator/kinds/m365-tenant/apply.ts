/** The actions of an M365Tenant, each one outside change. */
import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import type { CreatedCustomer, NewCustomer } from '../../clients/partner-center/port.ts';
import { bug, type OperatorError, toOperatorError, wait } from '../../core/errors.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { isNamed, type Learned } from '../../core/plan.ts';
import type { Deps } from '../access.ts';
import { sendOnce } from '../request-id.ts';
import type { TenantAction } from './actions.ts';
import { cultureOf } from './address.ts';
import { applyDomain, onDomains } from './apply-domains.ts';
import { applyGroup, onGroups } from './apply-groups.ts';
import { setupRoleIds, setupScopes } from './permissions.ts';
import type { TenantContext } from './remote-access.ts';
import { adminSecretName, initialDomainOf } from './remote-customer.ts';

export type TenantLearned = Learned<M365TenantStatus>;

export interface Work {
  readonly deps: Deps;
  readonly tenant: M365Tenant;
  readonly context: TenantContext;
  readonly signal: AbortSignal;
}

export async function applyTenant(action: TenantAction, work: Work): Promise<TenantLearned> {
  if (isNamed(action, inDirectory)) return applyDirectory(action, work);
  if (isNamed(action, onDomains)) return applyDomain(action, work);
  if (isNamed(action, onGroups)) return applyGroup(action, work);
  if (isNamed(action, onAccess)) return applyAccess(action, work);
  switch (action.name) {
    case 'RecordIntent':
      return { status: { intent: { requestId: work.deps.uuid() } } };
    case 'CreateCustomer':
      return createCustomer(work);
    case 'ConfirmAgreement':
      return confirmAgreement(work);
  }
}

const inDirectory = ['EnsureOrganizationalUnit', 'EnsureIsolation', 'EnsureUpnSuffixes'] as const;
const onAccess = [
  'RequestRelationship',
  'AssignAccess',
  'ConsentApplication',
  'GrantPermissions',
  'RemoveAccess',
] as const;

/**
 * The first administrator's password is told once: it goes into the Secret in the same step, before status. After a
 * crash or a lost answer the customer is looked up, and the same request id is sent once more: where Partner Center
 * replays its answer the password is saved after all.
 */
async function createCustomer(work: Work): Promise<TenantLearned> {
  const { domainPrefix } = requireCreate(work.tenant);
  const created = await requestCustomer(work, initialDomainOf(domainPrefix));
  return {
    status: {
      tenantId: created.id,
      createdByOperator: true,
      initialDomain: initialDomainOf(domainPrefix),
      adminCredentialsSecretRef: { name: adminSecretName(work.tenant) },
      adminPasswordStored: await storeAdmin(work, created),
      intent: undefined,
    },
    audit: { requestId: created.requestId, target: created.id, after: { domainPrefix } },
  };
}

async function requestCustomer(work: Work, domain: string): Promise<CreatedCustomer> {
  const { partnerCenter } = work.context.clients;
  const requestId = work.tenant.status?.intent?.requestId;
  if (requestId === undefined)
    throw bug('a customer must not be created before its intent is stored');
  const existing = await partnerCenter.findCustomerByDomain(domain, work.signal);
  const create = requireCreate(work.tenant);
  const rules = await partnerCenter.getCountryRules(create.country, work.signal);
  const customer = newCustomer(work.tenant, cultureOf(create, rules));
  try {
    return await sendOnce(requestId, work.deps.uuid, (id) =>
      partnerCenter.createCustomer(customer, id, work.signal),
    );
  } catch (error) {
    work.signal.throwIfAborted();
    // No replay: the domain is taken, by the customer that the first attempt made.
    if (existing === undefined) throw perhapsOurs(toOperatorError(error));
    if (toOperatorError(error).class === 'Transient') throw error;
    return { id: existing.id, admin: undefined };
  }
}

/** The domain was free before the intent was stored; lists lag, so the customer of a first attempt may show later. */
function perhapsOurs(error: OperatorError): OperatorError {
  if (error.reason !== 'DomainPrefixTaken') return error;
  return wait(
    'create.domainPrefix is taken: by the customer of an earlier attempt, which is looked for, or by another tenant',
    { reason: error.reason, delayMs: 60_000, cause: error },
  );
}

function newCustomer(tenant: M365Tenant, culture: string): NewCustomer {
  const create = requireCreate(tenant);
  const { phone, email, firstName, lastName } = create.contact;
  return {
    domain: initialDomainOf(create.domainPrefix),
    companyName: create.companyName,
    registrationNumber: create.registrationNumber,
    email,
    firstName,
    lastName,
    language: create.language,
    culture,
    address: { country: create.country, phone, ...create.address },
  };
}

/** true: the Secret holds the password (of this or of an earlier attempt). */
async function storeAdmin(
  { deps, tenant, signal }: Work,
  created: CreatedCustomer,
): Promise<boolean> {
  const { namespace, name } = tenant.metadata;
  const domain = initialDomainOf(requireCreate(tenant).domainPrefix);
  const stored = await deps.cluster.ensureSecret(
    {
      namespace,
      name: adminSecretName(tenant),
      type: 'Opaque',
      // No owner: the credential exists once, and outlives the custom resource.
      owner: undefined,
      tenant: name,
      data: {
        username: `${created.admin?.userName ?? 'admin'}@${domain}`,
        ...(created.admin === undefined ? {} : { password: created.admin.password }),
      },
    },
    signal,
  );
  return stored['password'] !== undefined;
}

async function confirmAgreement({ tenant, context, signal }: Work): Promise<TenantLearned> {
  const { partnerCenter } = context.clients;
  const { acceptedOn, phone, firstName, lastName, email } = requireCreate(tenant).agreement;
  const agreement = {
    primaryContact: { firstName, lastName, email, phone },
    dateAgreed: `${acceptedOn}T00:00:00Z`,
    templateId: await partnerCenter.getAgreementTemplateId(signal),
  };
  const { requestId } = await partnerCenter.confirmAgreement(
    requireTenantId(tenant),
    agreement,
    signal,
  );
  return { audit: { requestId, after: { acceptedOn, firstName, lastName, email } } };
}

type AccessAction = Extract<TenantAction, { name: (typeof onAccess)[number] }>;

async function applyAccess(action: AccessAction, work: Work): Promise<TenantLearned> {
  const { delegation, partnerCenter } = work.context.clients;
  const tenantId = requireTenantId(work.tenant);
  switch (action.name) {
    case 'RequestRelationship': {
      const request = {
        customerId: tenantId,
        displayName: action.displayName,
        roleIds: setupRoleIds,
      };
      const { id, requestId } = await delegation.requestRelationship(request, work.signal);
      return { audit: { requestId, target: id } };
    }
    case 'AssignAccess': {
      const access = { securityGroupId: action.securityGroupId, roleIds: setupRoleIds };
      const { requestId } = await delegation.assignAccess(
        action.relationshipId,
        access,
        work.signal,
      );
      return { audit: { requestId, target: action.relationshipId, after: access } };
    }
    case 'ConsentApplication': {
      const { requestId } = await partnerCenter.consentApplication(
        tenantId,
        setupScopes,
        work.signal,
      );
      return { audit: { requestId, after: setupScopes } };
    }
    case 'GrantPermissions': {
      const { requestId } = await delegation.grantPermissions(
        tenantId,
        action.permissions,
        work.signal,
      );
      return { audit: { requestId, after: action.permissions } };
    }
    case 'RemoveAccess': {
      const { requestId } = await delegation.removeAccess(
        action.relationshipId,
        action.assignmentId,
        work.signal,
      );
      return { audit: { requestId, target: action.assignmentId } };
    }
  }
}

type DirectoryAction = Extract<TenantAction, { name: (typeof inDirectory)[number] }>;

async function applyDirectory(action: DirectoryAction, work: Work): Promise<TenantLearned> {
  const { activeDirectory } = work.context.clients;
  if (activeDirectory === undefined) throw bug('no Active Directory to write to');
  if (action.name === 'EnsureOrganizationalUnit') {
    const { distinguishedName } = await activeDirectory.ensureOrganizationalUnit(
      action.parent,
      action.ouName,
      work.signal,
    );
    return {
      status: { organizationalUnit: distinguishedName },
      audit: { target: distinguishedName },
    };
  }
  if (action.name === 'EnsureIsolation') {
    const { organizationalUnit, group } = action;
    await activeDirectory.ensureIsolation(organizationalUnit, group, work.signal);
    return {
      status: { isolationGroup: group },
      audit: { target: organizationalUnit, after: { visibleTo: group } },
    };
  }
  for (const suffix of action.suffixes) await activeDirectory.ensureUpnSuffix(suffix, work.signal);
  const upnSuffixes = [
    ...new Set([...(work.tenant.status?.upnSuffixes ?? []), ...action.suffixes]),
  ].sort();
  return { status: { upnSuffixes }, audit: { after: action.suffixes } };
}

function requireCreate(tenant: M365Tenant): NonNullable<M365Tenant['spec']['create']> {
  const { create } = tenant.spec;
  if (create === undefined) throw bug('a connected tenant is not created');
  return create;
}

export function requireTenantId(tenant: M365Tenant): string {
  const tenantId = tenant.status?.tenantId;
  if (tenantId === undefined) throw bug('the tenant has no id yet');
  return tenantId;
}

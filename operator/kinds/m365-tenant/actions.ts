/** What can be done for a tenant, one outside change each. */
import type { Federation } from '../../clients/graph/federation-port.ts';
import type { DomainRecord } from '../../clients/graph/port.ts';
import type { Action } from '../../core/plan.ts';
import type { ObservedMember } from './observed.ts';

/** Whose groups. */
export type GroupSystem = 'Graph' | 'ActiveDirectory';

interface Group {
  readonly name: string;
  readonly id: string;
}

interface Base<Name extends string> extends Action {
  readonly name: Name;
}

export type TenantAction =
  | Base<'RecordIntent'>
  | Base<'CreateCustomer'>
  | Base<'ConfirmAgreement'>
  | (Base<'RequestRelationship'> & { readonly displayName: string })
  | (Base<'AssignAccess'> & { readonly relationshipId: string; readonly securityGroupId: string })
  | Base<'ConsentApplication'>
  | (Base<'GrantPermissions'> & { readonly permissions: readonly string[] })
  | (Base<'RemoveAccess'> & { readonly relationshipId: string; readonly assignmentId: string })
  | (Base<'EnsureOrganizationalUnit'> & { readonly parent: string; readonly ouName: string })
  | (Base<'EnsureIsolation'> & { readonly organizationalUnit: string; readonly group: string })
  | (Base<'EnsureUpnSuffixes'> & { readonly suffixes: readonly string[] })
  | (Base<'AddDomain'> & { readonly domain: string })
  | (Base<'VerifyDomain'> & { readonly domain: string })
  | (Base<'SetDefaultDomain'> & { readonly domain: string })
  | (Base<'CreateGroup'> & { readonly system: GroupSystem; readonly group: string })
  | (Base<'AddGroupMember' | 'RemoveGroupMember'> & {
      readonly system: GroupSystem;
      readonly group: string;
      readonly groupId: string;
      readonly member: ObservedMember;
    })
  | (Base<'PublishDnsRecords'> & {
      readonly records: readonly DomainRecord[];
      readonly fingerprint: string;
    })
  | (Base<'CreateFederation'> & { readonly domain: string; readonly federation: Federation })
  | (Base<'UpdateFederation'> & {
      readonly domain: string;
      readonly id: string;
      readonly patch: Partial<Federation>;
    })
  | (Base<'RemoveFederation'> & { readonly domain: string; readonly id: string });

export const recordIntent: TenantAction = {
  verb: 'intent',
  name: 'RecordIntent',
  system: 'Kubernetes',
  summary: 'the request id of the creation is stored before the customer is created',
};

export const createCustomer: TenantAction = {
  verb: 'create',
  name: 'CreateCustomer',
  system: 'PartnerCenter',
  summary: 'created the customer and stored its administrator in a Secret',
};

export const confirmAgreement: TenantAction = {
  verb: 'create',
  name: 'ConfirmAgreement',
  system: 'PartnerCenter',
  summary: 'recorded the acceptance of the Microsoft Customer Agreement',
};

export const consentApplication: TenantAction = {
  verb: 'create',
  name: 'ConsentApplication',
  system: 'PartnerCenter',
  summary: "consented to the operator's application in the tenant",
  recoverable: true,
};

export function requestRelationship(displayName: string): TenantAction {
  return {
    verb: 'create',
    name: 'RequestRelationship',
    system: 'Graph',
    summary: 'requested a delegated administration relationship; the customer must approve it',
    displayName,
  };
}

export function assignAccess(relationshipId: string, securityGroupId: string): TenantAction {
  return {
    verb: 'create',
    name: 'AssignAccess',
    system: 'Graph',
    summary: "gave the provider's security group the roles needed to enter the tenant",
    recoverable: true,
    relationshipId,
    securityGroupId,
  };
}

export function grantPermissions(permissions: readonly string[]): TenantAction {
  return {
    verb: 'create',
    name: 'GrantPermissions',
    system: 'Graph',
    summary: "gave the operator's application its permissions in the tenant",
    recoverable: true,
    permissions,
  };
}

export function removeAccess(relationshipId: string, assignmentId: string): TenantAction {
  return {
    verb: 'update',
    name: 'RemoveAccess',
    system: 'Graph',
    summary: 'took the broad roles back: the application has its own permissions now',
    recoverable: true,
    relationshipId,
    assignmentId,
  };
}

export function ensureOrganizationalUnit(parent: string, ouName: string): TenantAction {
  return {
    verb: 'create',
    name: 'EnsureOrganizationalUnit',
    system: 'ActiveDirectory',
    summary: "made the tenant's organizational unit",
    parent,
    ouName,
  };
}

export function ensureIsolation(organizationalUnit: string, group: string): TenantAction {
  return {
    verb: 'update',
    name: 'EnsureIsolation',
    system: 'ActiveDirectory',
    summary: "closed the tenant's organizational unit to all but its own people",
    organizationalUnit,
    group,
  };
}

export function ensureUpnSuffixes(suffixes: readonly string[]): TenantAction {
  return {
    verb: 'update',
    name: 'EnsureUpnSuffixes',
    system: 'ActiveDirectory',
    summary: "made the tenant's domains UPN suffixes",
    recoverable: true,
    suffixes,
  };
}

export function addDomain(domain: string): TenantAction {
  return {
    verb: 'create',
    name: 'AddDomain',
    system: 'Graph',
    summary: `added the domain ${domain}`,
    recoverable: true,
    domain,
  };
}

export function verifyDomain(domain: string): TenantAction {
  return {
    verb: 'update',
    name: 'VerifyDomain',
    system: 'Graph',
    summary: `verified the domain ${domain}`,
    recoverable: true,
    domain,
  };
}

export function setDefaultDomain(domain: string): TenantAction {
  return {
    verb: 'update',
    name: 'SetDefaultDomain',
    system: 'Graph',
    summary: `made ${domain} the default domain`,
    recoverable: true,
    domain,
  };
}

export function publishDnsRecords(
  records: readonly DomainRecord[],
  fingerprint: string,
): TenantAction {
  return {
    verb: 'update',
    name: 'PublishDnsRecords',
    system: 'Kubernetes',
    summary: 'wrote the records that prove the domains into the DNSEndpoint',
    records,
    fingerprint,
  };
}

export function createFederation(domain: string, federation: Federation): TenantAction {
  return {
    verb: 'update',
    name: 'CreateFederation',
    system: 'Graph',
    summary: `people of ${domain} sign in at the federation server from now on`,
    recoverable: true,
    domain,
    federation,
  };
}

export function updateFederation(
  domain: string,
  id: string,
  patch: Partial<Federation>,
): TenantAction {
  return {
    verb: 'update',
    name: 'UpdateFederation',
    system: 'Graph',
    summary: `changed ${Object.keys(patch).join(', ')} of the federation of ${domain}`,
    recoverable: true,
    domain,
    id,
    patch,
  };
}

export function removeFederation(domain: string, id: string): TenantAction {
  return {
    verb: 'update',
    name: 'RemoveFederation',
    system: 'Graph',
    summary: `people of ${domain} sign in at Entra from now on, and need a password there`,
    recoverable: true,
    domain,
    id,
  };
}

const where = { Graph: '', ActiveDirectory: ' of Active Directory' } as const;

export function createGroup(system: GroupSystem, group: string): TenantAction {
  return {
    verb: 'create',
    name: 'CreateGroup',
    system,
    summary: `created the group ${group}${where[system]}`,
    recoverable: true,
    group,
  };
}

export function addGroupMember(
  system: GroupSystem,
  { name, id }: Group,
  member: ObservedMember,
): TenantAction {
  return {
    verb: 'update',
    name: 'AddGroupMember',
    system,
    summary: `added ${member.name} to the group ${name}${where[system]}`,
    recoverable: true,
    group: name,
    groupId: id,
    member,
  };
}

export function removeGroupMember(
  system: GroupSystem,
  { name, id }: Group,
  member: ObservedMember,
): TenantAction {
  return {
    verb: 'update',
    name: 'RemoveGroupMember',
    system,
    summary: `took ${member.name} out of the group ${name}${where[system]}`,
    recoverable: true,
    group: name,
    groupId: id,
    member,
  };
}

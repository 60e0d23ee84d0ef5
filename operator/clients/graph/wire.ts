/** Graph's JSON, as far as it is read, and its conversion to the port's types. */
import * as z from 'zod';
import { certificateEnd } from './certificates.ts';
import type { AccessAssignment, Relationship } from './delegation-port.ts';
import type { FoundFederation } from './federation-port.ts';
import type { EntraDomain, GroupChange, Organization, SubscribedSku } from './port.ts';
import { Reference } from './wire-users.ts';

const nullable = z.string().nullish();

const flag = z.boolean().nullish();

const GroupTraitFields = {
  groupTypes: z.array(z.string()).nullish(),
  securityEnabled: flag,
  mailEnabled: flag,
  isAssignableToRole: flag,
  onPremisesSyncEnabled: flag,
};

export const groupProperties = ['displayName', ...Object.keys(GroupTraitFields)];

export const WireGroupChange = z
  .object({
    id: z.string(),
    '@removed': z.unknown().optional(),
    displayName: nullable,
    'members@delta': z.array(Reference).optional(),
    ...GroupTraitFields,
  })
  .transform((wire): GroupChange => {
    const members = wire['members@delta'] ?? [];
    const traits = Object.keys(GroupTraitFields).flatMap((name) => {
      const value = wire[name as keyof typeof GroupTraitFields];
      return value === undefined ? [] : [[name, value ?? undefined] as const];
    });
    return {
      id: wire.id,
      removed: wire['@removed'] !== undefined,
      displayName: wire.displayName ?? undefined,
      traits: Object.fromEntries(traits),
      addedMemberIds: members.filter((m) => m['@removed'] === undefined).map((m) => m.id),
      removedMemberIds: members.filter((m) => m['@removed'] !== undefined).map((m) => m.id),
    };
  });

export const WireOrganization = z
  .object({
    id: z.string(),
    displayName: nullable,
    countryLetterCode: nullable,
    onPremisesSyncEnabled: z.boolean().nullish(),
    verifiedDomains: z
      .array(z.object({ name: z.string(), isInitial: z.boolean().nullish() }))
      .nullish(),
  })
  .transform(
    (wire): Organization => ({
      id: wire.id,
      displayName: wire.displayName ?? '',
      countryLetterCode: wire.countryLetterCode ?? undefined,
      onPremisesSyncEnabled: wire.onPremisesSyncEnabled ?? false,
      initialDomain: wire.verifiedDomains?.find((domain) => domain.isInitial)?.name,
      verifiedDomains: (wire.verifiedDomains ?? []).map((domain) => domain.name.toLowerCase()),
    }),
  );

export const WireSubscribedSku = z
  .object({
    skuId: z.string(),
    skuPartNumber: z.string(),
    consumedUnits: z.number().nullish(),
    prepaidUnits: z
      .object({ enabled: z.number().nullish(), warning: z.number().nullish() })
      .nullish(),
    servicePlans: z
      .array(z.object({ servicePlanId: z.string(), servicePlanName: z.string() }))
      .nullish(),
  })
  .transform(
    (wire): SubscribedSku => ({
      skuId: wire.skuId.toLowerCase(),
      skuPartNumber: wire.skuPartNumber,
      units: (wire.prepaidUnits?.enabled ?? 0) + (wire.prepaidUnits?.warning ?? 0),
      consumedUnits: wire.consumedUnits ?? 0,
      servicePlans: (wire.servicePlans ?? []).map((plan) => ({
        servicePlanId: plan.servicePlanId.toLowerCase(),
        servicePlanName: plan.servicePlanName,
      })),
    }),
  );

export const WireDomain = z
  .object({
    id: z.string(),
    isVerified: z.boolean().nullish(),
    isDefault: z.boolean().nullish(),
    isRoot: z.boolean().nullish(),
    authenticationType: nullable,
  })
  .transform(
    (wire): EntraDomain => ({
      name: wire.id.toLowerCase(),
      isVerified: wire.isVerified ?? false,
      isDefault: wire.isDefault ?? false,
      isRoot: wire.isRoot ?? true,
      authentication: wire.authenticationType === 'Federated' ? 'Federated' : 'Managed',
    }),
  );

const uri = nullable.transform((value) => value ?? undefined);

export const WireFederation = z
  .object({
    id: z.string(),
    issuerUri: nullable,
    passiveSignInUri: nullable,
    activeSignInUri: uri,
    signOutUri: uri,
    metadataExchangeUri: uri,
    signingCertificate: nullable,
    nextSigningCertificate: uri,
    preferredAuthenticationProtocol: nullable,
    federatedIdpMfaBehavior: nullable,
  })
  .transform(
    (wire): FoundFederation => ({
      ...wire,
      certificateExpires: certificateEnd(wire.signingCertificate),
      nextCertificateExpires: certificateEnd(wire.nextSigningCertificate),
      issuerUri: wire.issuerUri ?? '',
      passiveSignInUri: wire.passiveSignInUri ?? '',
      signingCertificate: wire.signingCertificate ?? '',
      preferredAuthenticationProtocol: wire.preferredAuthenticationProtocol ?? '',
      federatedIdpMfaBehavior: wire.federatedIdpMfaBehavior ?? '',
    }),
  );

export const WireDomainRecord = z.object({
  '@odata.type': z.string().optional(),
  recordType: z.string().nullish(),
  label: nullable,
  ttl: z.number().nullish(),
  text: nullable,
  mailExchange: nullable,
});

const Roles = z
  .object({ unifiedRoles: z.array(z.object({ roleDefinitionId: z.string() })).nullish() })
  .nullish();

function roleIds(details: z.infer<typeof Roles>): readonly string[] {
  return (details?.unifiedRoles ?? []).map((role) => role.roleDefinitionId);
}

export const WireRelationship = z
  .object({
    id: z.string(),
    displayName: nullable,
    status: nullable,
    accessDetails: Roles,
    customer: z.object({ tenantId: nullable }).nullish(),
  })
  .transform((wire): Omit<Relationship, 'accessAssignments'> & { customerId: string } => ({
    id: wire.id,
    displayName: wire.displayName ?? '',
    status: wire.status ?? '',
    roleIds: roleIds(wire.accessDetails),
    customerId: wire.customer?.tenantId ?? '',
  }));

export const WireAccessAssignment = z
  .object({
    id: z.string(),
    status: nullable,
    accessContainer: z.object({ accessContainerId: z.string() }).nullish(),
    accessDetails: Roles,
    '@odata.etag': nullable,
  })
  .transform((wire): AccessAssignment & { etag: string | undefined } => ({
    id: wire.id,
    status: wire.status ?? '',
    securityGroupId: wire.accessContainer?.accessContainerId ?? '',
    roleIds: roleIds(wire.accessDetails),
    etag: wire['@odata.etag'] ?? undefined,
  }));

export const WirePage = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
});

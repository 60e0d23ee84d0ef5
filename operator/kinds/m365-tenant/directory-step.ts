/** The step for a tenant's place in Active Directory. Pure. */
import { condition } from '../../core/conditions.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { Condition } from '../../core/resource.ts';
import * as act from './actions.ts';
import { handOverStep, isHandedOver } from './hand-over.ts';
import type { ObservedTenant } from './observed.ts';
import { done, open, type Step } from './step.ts';

export function activeDirectoryStep(
  tenant: M365Tenant,
  observed: ObservedTenant,
): Step | undefined {
  if (tenant.spec.identity?.activeDirectory !== 'Managed') return undefined;
  if (isHandedOver(tenant) && isSynced(observed)) return syncActive;
  if (observed.customersOU === undefined) return directoryMissing;
  const handOver = handOverStep(tenant, observed);
  if (handOver !== undefined) return handOver;
  return placeStep(tenant, observed, observed.customersOU);
}

/** Nothing tells that a sync server is gone. */
const syncLookMs = 10 * 60_000;

const type = 'ActiveDirectoryReady';

const syncActive = open(
  type,
  [
    'DirectorySyncActive',
    'a sync server writes this tenant: set identity.activeDirectory to EntraConnect or identity.handOver to Guided, or turn the sync off',
  ],
  { isStalled: true, delayMs: syncLookMs },
);

const directoryMissing = open(
  type,
  ['ActiveDirectoryMissing', 'the PartnerConnection names no Active Directory'],
  { isStalled: true },
);

function placeStep(tenant: M365Tenant, observed: ObservedTenant, customersOU: string): Step {
  const unit = observed.unit?.distinguishedName ?? tenant.status?.organizationalUnit;
  if (unit === undefined) {
    return open(
      type,
      ['OrganizationalUnitMissing', "the tenant's organizational unit is being made"],
      {
        actions: [act.ensureOrganizationalUnit(customersOU, ouName(observed))],
      },
    );
  }
  if (isIsolationDue(tenant, observed)) {
    return open(type, ['IsolationMissing', "the tenant's place is being closed to others"], {
      actions: [act.ensureIsolation(unit, isolationGroupOf(observed))],
    });
  }
  const present = observed.upnSuffixes ?? tenant.status?.upnSuffixes ?? [];
  const missing = suffixesOf(tenant, observed).filter((suffix) => !present.includes(suffix));
  if (missing.length > 0) {
    return open(type, ['UpnSuffixMissing', "the tenant's domains become UPN suffixes"], {
      actions: [act.ensureUpnSuffixes(missing)],
    });
  }
  return done(
    type,
    'OrganizationalUnitReady',
    'the tenant has its organizational unit and UPN suffixes',
  );
}

/** Microsoft takes up to 72 hours to turn it off (active-directory.md B7): accounts may be synced for longer than the tenant. */
function isSynced({ organization, directory }: ObservedTenant): boolean {
  return organization?.onPremisesSyncEnabled === true || (directory?.syncedAccounts ?? 0) > 0;
}

function ouName({ customer }: Pick<ObservedTenant, 'customer'>): string {
  return customer?.domain.split('.')[0] ?? '';
}

/** Unset: what is there was not looked at, or need not be. */
function isIsolationDue({ status }: M365Tenant, observed: ObservedTenant): boolean {
  const { isolation } = observed;
  if (isolation === undefined) return false;
  return (
    status?.isolationGroup !== isolationGroupOf(observed) ||
    isolation.group === undefined ||
    isolation.openings.includes('OrganizationalUnit')
  );
}

/** The group of all people of the tenant, in its OU. */
export function isolationGroupOf(observed: Pick<ObservedTenant, 'customer'>): string {
  return `People of ${ouName(observed)}`;
}

const openings = {
  CompatibleAccess:
    'take Authenticated Users out of the group "Pre-Windows 2000 Compatible Access"',
  CustomersOU:
    'take the right List contents on customersOU, and what it hands down, from Authenticated Users and Everyone',
  ListObjectModeOff: 'set the third character of dSHeuristics to 1',
} as const;

/** What only an administrator of the forest can close. Advisory: the tenant works. */
export function visibleTenants({ isolation }: Pick<ObservedTenant, 'isolation'>): Condition[] {
  const open = (isolation?.openings ?? []).filter((opening) => opening !== 'OrganizationalUnit');
  const [first] = open;
  if (first === undefined) return [];
  const steps = open.map((opening) => openings[opening]).join('; ');
  const message = `people of other tenants can see this one in Active Directory: ${steps}`;
  return [condition('TenantVisible', 'True', first, message)];
}

/** Where the tenant's accounts are, or will be: a label of a domain needs no escaping. */
export function organizationalUnitOf(
  { status }: M365Tenant,
  observed: Pick<ObservedTenant, 'customer' | 'customersOU'>,
): string | undefined {
  if (status?.organizationalUnit !== undefined) return status.organizationalUnit;
  const { customersOU } = observed;
  return customersOU === undefined ? undefined : `OU=${ouName(observed)},${customersOU}`;
}

function suffixesOf(tenant: M365Tenant, { customer }: ObservedTenant): readonly string[] {
  const declared = (tenant.spec.domains ?? []).map(({ name }) => name);
  return customer === undefined ? declared : [customer.domain, ...declared];
}

/** A directory for tests of Partner Center alone. */
import type {
  DirectoryApi,
  DirectorySubscription,
  DirectoryUser,
  LicenseChange,
  LicenseOutcome,
  NewTenant,
} from '../directory/api.ts';
import type { World } from '../world.ts';

/** What it is told, it remembers, and only that: no tenant exists that nobody made, no role is held that nobody gave. */
export class FakeDirectory implements DirectoryApi {
  readonly tenants = new Map<string, NewTenant>();
  readonly subscriptions = new Map<string, DirectorySubscription & { tenantId: string }>();
  readonly relationships: { customerTenantId: string; roleTemplateIds: readonly string[] }[] = [];
  readonly consents: { customerTenantId: string; appId: string; resourceAppId: string }[] = [];
  readonly transfers: { tenantId: string; fromSkuId: string; toSkuId: string }[] = [];
  readonly people: DirectoryUser[] = [];
  readonly licenseChanges: LicenseChange[] = [];
  licenseOutcome: LicenseOutcome = 'done';
  readonly groups = new Set(['AdminAgents']);
  readonly roles = new Set<string>();

  isDomainTaken(_world: World, domain: string): boolean {
    return [...this.tenants.values()].some(({ initialDomain }) => initialDomain === domain);
  }

  createTenant(_world: World, tenant: NewTenant): void {
    this.tenants.set(tenant.tenantId, tenant);
  }

  putSubscription(_world: World, tenantId: string, subscription: DirectorySubscription): void {
    if (!this.tenants.has(tenantId)) {
      throw new Error(`the directory has no tenant ${tenantId}`);
    }
    const key = subscription.commerceSubscriptionId;
    this.subscriptions.set(key, { ...subscription, tenantId });
  }

  transferLicenses(
    _world: World,
    tenantId: string,
    skus: { readonly fromSkuId: string; readonly toSkuId: string },
  ): void {
    this.transfers.push({ tenantId, ...skus });
  }

  users(): readonly DirectoryUser[] {
    return this.people;
  }

  changeLicenses(_world: World, _tenantId: string, change: LicenseChange): LicenseOutcome {
    this.licenseChanges.push(change);
    return this.licenseOutcome;
  }

  consumedUnits(): number {
    return 0;
  }

  createDefaultRelationship(
    _world: World,
    options: Parameters<DirectoryApi['createDefaultRelationship']>[1],
  ): void {
    this.relationships.push(options);
  }

  delegatedRoles(): ReadonlySet<string> {
    return this.roles;
  }

  partnerGroups(): ReadonlySet<string> {
    return this.groups;
  }

  consentApplication(
    _world: World,
    customerTenantId: string,
    { appId, resourceAppId }: Parameters<DirectoryApi['consentApplication']>[2],
  ): boolean {
    const isKnown = this.consents.some(
      (known) =>
        known.customerTenantId === customerTenantId &&
        known.appId === appId &&
        known.resourceAppId === resourceAppId,
    );
    this.consents.push({ customerTenantId, appId, resourceAppId });
    return !isKnown;
  }
}

/** The four kinds as objects of Kubernetes. */
import type { LicensePoolSpec, LicensePoolStatus } from '../api/license-pool.ts';
import type { M365TenantSpec } from '../api/m365-tenant.ts';
import type { M365TenantStatus } from '../api/m365-tenant-status.ts';
import type { M365UserSpec } from '../api/m365-user.ts';
import type { M365UserStatus } from '../api/m365-user-status.ts';
import type { PartnerConnectionSpec, PartnerConnectionStatus } from '../api/partner-connection.ts';
import type { Resource } from './resource.ts';

export type PartnerConnection = Resource<PartnerConnectionSpec, PartnerConnectionStatus>;
export type M365Tenant = Resource<M365TenantSpec, M365TenantStatus>;
export type LicensePool = Resource<LicensePoolSpec, LicensePoolStatus>;
export type M365User = Resource<M365UserSpec, M365UserStatus>;

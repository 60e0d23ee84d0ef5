/** The list of kinds: the generator and main.ts read it. */
import { licensePoolApi } from './license-pool.ts';
import { m365TenantApi } from './m365-tenant.ts';
import { m365UserApi } from './m365-user.ts';
import { partnerConnectionApi } from './partner-connection.ts';

export const group = 'm365-operator.io';
export const version = 'v1alpha1';

export const kinds = [partnerConnectionApi, m365TenantApi, licensePoolApi, m365UserApi] as const;

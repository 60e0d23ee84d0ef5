/** Which LicensePools a user's plan (or own list) means. Pure. */
import type { M365Tenant, M365User } from '../core/objects.ts';

export function poolsOf(user: M365User, tenant: M365Tenant): readonly string[] {
  if (user.spec.pools !== undefined) return user.spec.pools;
  return tenant.spec.plans?.find(({ name }) => name === user.spec.plan)?.pools ?? [];
}

/** Service plans that are off for this user, by name. */
export function disabledServicePlansOf(user: M365User, tenant: M365Tenant): readonly string[] {
  if (user.spec.pools !== undefined) return [];
  return tenant.spec.plans?.find(({ name }) => name === user.spec.plan)?.disabledServicePlans ?? [];
}

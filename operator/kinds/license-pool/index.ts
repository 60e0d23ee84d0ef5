import {
  type LicensePoolSpec,
  type LicensePoolStatus,
  licensePoolApi,
} from '../../api/license-pool.ts';
import type { Kind } from '../../core/plan.ts';
import type { Deps } from '../access.ts';
import type { PoolAction } from './actions.ts';
import type { ObservedPool } from './observed.ts';
import { planPool } from './plan.ts';
import { applyPool, observePool, tenantKeyOf } from './remote.ts';

export function licensePoolKind(
  deps: Deps,
): Kind<LicensePoolSpec, LicensePoolStatus, ObservedPool, PoolAction> {
  return {
    kind: licensePoolApi.kind,
    plural: licensePoolApi.plural,
    references: (pool) => [tenantKeyOf(pool)],
    flow: ({ metadata, spec }) => `${metadata.namespace}/${spec.tenantRef.name}`,
    observe: (pool, signal) => observePool(deps, pool, signal),
    plan: planPool,
    apply: (action, pool, signal) => applyPool(deps, action, pool, signal),
  };
}

import {
  type LicensePoolSpec,
  type LicensePoolStatus,
  licensePoolApi,
} from '../../api/license-pool.ts';
import type { Kind } from '../../core/plan.ts';
import type { Deps } from '../access.ts';
import type { PoolAction } from './actions.ts';
import { applyPool } from './apply.ts';
import { poolFigures } from './figures.ts';
import { findingTypes } from './findings.ts';
import { harvestFindingTypes } from './harvest-findings.ts';
import { planPool } from './plan.ts';
import { asShown, type CountedPool, Recounts } from './recount.ts';
import { observePool, tenantKeyOf } from './remote.ts';

export function licensePoolKind(
  deps: Deps,
): Kind<LicensePoolSpec, LicensePoolStatus, CountedPool, PoolAction> {
  const recounts = new Recounts();
  return {
    kind: licensePoolApi.kind,
    plural: licensePoolApi.plural,
    references: (pool) => [tenantKeyOf(pool)],
    flow: ({ metadata, spec }) => `${metadata.namespace}/${spec.tenantRef.name}`,
    findings: [...findingTypes, ...harvestFindingTypes],
    figures: poolFigures,
    observe: async (pool, signal) => {
      const observed = await observePool(deps, pool, signal);
      return { ...observed, isRecountDue: recounts.isDue(pool, observed, deps.nowMs()) };
    },
    plan: (pool, observed, nowMs) => asShown(pool, planPool(pool, observed, nowMs), observed),
    apply: (action, pool, signal) => applyPool(deps, action, pool, signal),
  };
}

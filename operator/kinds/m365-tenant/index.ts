import { type M365TenantSpec, m365TenantApi } from '../../api/m365-tenant.ts';
import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import type { Kind } from '../../core/plan.ts';
import { objectKey } from '../../core/resource.ts';
import { connectionKeyOf, type Deps } from '../access.ts';
import type { TenantAction } from './actions.ts';
import { applyTenant } from './apply.ts';
import { tenantFigures, tenantFindings } from './figures.ts';
import type { ObservedTenant } from './observed.ts';
import { planTenant } from './plan.ts';
import { TenantRemote } from './remote.ts';
import { domainClaim } from './remote-domains.ts';

export function m365TenantKind(
  deps: Deps,
): Kind<M365TenantSpec, M365TenantStatus, ObservedTenant, TenantAction> {
  const remote = new TenantRemote(deps);
  return {
    kind: m365TenantApi.kind,
    plural: m365TenantApi.plural,
    // The namespace's labels decide whether the connection may be used.
    references: (tenant) => [
      connectionKeyOf(tenant),
      objectKey('Namespace', '', tenant.metadata.namespace),
      ...(tenant.spec.domains ?? []).map(({ name }) => domainClaim(name)),
    ],
    flow: ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    // Counts change all the time, and concern nobody else.
    statusForDependants: [
      'tenantId',
      'country',
      'organizationalUnit',
      'isolationGroup',
      'domains',
      'massChange',
    ],
    findings: tenantFindings,
    figures: tenantFigures,
    observe: (tenant, signal) => remote.observe(tenant, signal),
    plan: planTenant,
    apply: async (action, tenant, signal) => {
      remote.forget(tenant);
      const context = await remote.context(tenant, signal);
      return applyTenant(action, { deps, tenant, context, signal });
    },
  };
}

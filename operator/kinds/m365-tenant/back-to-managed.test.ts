import { describe, expect, it } from 'vitest';
import { ids, nowMs, tenant } from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, shown } from '../../../hack/testing/plan-checks.ts';
import { annotations } from '../../core/plan.ts';
import { planTenant } from './plan.ts';

const found = {
  id: 'federation',
  issuerUri: 'http://contoso.example/adfs/services/trust/',
  passiveSignInUri: 'https://sts.corp.example/adfs/ls/',
  signingCertificate: 'AAAA',
  preferredAuthenticationProtocol: 'wsFed',
  federatedIdpMfaBehavior: 'acceptIfMfaDoneByFederatedIdp',
};

const declaring = (authentication: 'Managed' | undefined, confirm?: string) =>
  tenant({
    metadata: confirm === undefined ? {} : { annotations: { [annotations.confirm]: confirm } },
    spec: {
      domains: [
        { name: 'contoso.example', ...(authentication === undefined ? {} : { authentication }) },
      ],
    },
    status: { tenantId: ids.tenant },
  });

const seen = (authentication: 'Managed' | 'Federated', isOwn = authentication === 'Federated') =>
  observedTenant({
    domains: [
      { name: 'contoso.example', isVerified: true, isDefault: false, isRoot: true, authentication },
    ],
    federations: isOwn ? { 'contoso.example': found } : {},
  });

const asks = 'True ConfirmationRequired';

describe('a domain that goes back to Managed', () => {
  it.each([
    ['is Managed', declaring('Managed'), seen('Managed'), undefined, []],
    ['not declared', declaring(undefined), seen('Federated'), undefined, []],
    ['not confirmed', declaring('Managed'), seen('Federated'), asks, []],
    ['another confirmed', declaring('Managed', 'managed-x.example'), seen('Federated'), asks, []],
    [
      'confirmed',
      declaring('Managed', 'managed-contoso.example'),
      seen('Federated'),
      undefined,
      ['RemoveFederation'],
    ],
    [
      'Federated as the domain above it',
      declaring('Managed', 'managed-contoso.example'),
      seen('Federated', false),
      undefined,
      [],
    ],
  ] as const)('%s', (_, resource, observed, condition, actions) => {
    const plan = planTenant(resource, observed, nowMs);
    expect(shown(plan, 'ManagedNotConfirmed')).toBe(condition);
    expect(actionNames(plan)).toEqual(actions);
    expect(plan.status.domains?.[0]).not.toHaveProperty('issuerUri');
    expectSoundPlan(resource, plan);
  });

  it('stays drift until then', () => {
    const { status } = planTenant(declaring('Managed'), seen('Federated'), nowMs);
    expect(status.drift).toMatchObject([{ path: 'domains[contoso.example].authentication' }]);
  });
});

import { describe, expect, it } from 'vitest';
import { ids, nowMs, tenant } from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { Federation, FoundFederation } from '../../clients/graph/federation-port.ts';
import { claimRuleOf } from './federation-server.ts';
import type { ObservedTenant } from './observed.ts';
import { planTenant } from './plan.ts';

const [signing, following] = ['A', 'B'].map((letter) => `${letter.repeat(119)}=`) as [
  string,
  string,
];
const [end, laterEnd] = ['2036-11-25T10:34:10Z', '2046-11-23T10:34:10Z'];

const day = 86_400_000;

const settings: Federation = {
  issuerUri: 'http://contoso.example/adfs/services/trust/',
  passiveSignInUri: 'https://sts.corp.example/adfs/ls/',
  signingCertificate: signing,
  preferredAuthenticationProtocol: 'wsFed',
  federatedIdpMfaBehavior: 'acceptIfMfaDoneByFederatedIdp',
};

const declaring = (...names: readonly string[]) =>
  tenant({
    spec: {
      domains: names.map((name) => ({
        name,
        authentication: 'Federated' as const,
        federation: {
          passiveSignInUri: settings.passiveSignInUri,
          signingCertificate: signing,
          protocol: 'WsFed' as const,
          multiFactorAuthentication: 'AcceptIfDoneByFederatedIdp' as const,
        },
      })),
    },
    status: { tenantId: ids.tenant },
  });

const federated = (name: string, isRoot = true) => ({
  name,
  isVerified: true,
  isDefault: false,
  isRoot,
  authentication: 'Federated' as const,
});

const seen = (more: Partial<FoundFederation> = {}): ObservedTenant => {
  const found = { id: 'federation', certificateExpires: end, ...settings, ...more };
  return observedTenant({
    domains: [federated('contoso.example')],
    federations: { 'contoso.example': found },
  });
};

describe('what the federation server has to do', () => {
  /** The condition and the value of a rule, as ADFS (.NET) reads them; its inline flag is JavaScript's own. */
  const parts = (rule: string) => {
    const [, pattern = ''] = /Value =~ "\(\?i\)(.*)"\]/.exec(rule) ?? [];
    const [, issuer] = /, Value = "(.*)"\);$/.exec(rule) ?? [];
    return { isFor: (name: string) => new RegExp(pattern, 'i').test(name), issuer };
  };

  it.each([
    ['mia@contoso.example', true],
    ['Mia@Contoso.Example', true],
    ['mia@sales.contoso.example', true],
    ['mia@notcontoso.example', false],
    ['mia@contosoxexample', false],
    ['mia@contoso.example.net', false],
  ])('for %s: the rule applies: %s', (name, applies) => {
    const rule = parts(claimRuleOf('contoso.example', 'urn:contoso') ?? '');
    expect([rule.isFor(name), rule.issuer]).toEqual([applies, 'urn:contoso']);
  });

  it('is shown with exactly the issuer that Entra holds, also where it is none that was declared', () => {
    const { status } = planTenant(
      declaring('contoso.example'),
      seen({ issuerUri: 'http://as.stored/adfs' }),
      nowMs,
    );
    expect(parts(status.domains?.[0]?.claimRule ?? '').issuer).toBe('http://as.stored/adfs');
    expect(status.domains?.[0]?.issuerUri).toBe('http://as.stored/adfs');
  });

  it.each(['a"b', 'a\\b', 'a\nb'])(
    'is not shown where the issuer would break out of it: %j',
    (uri) => {
      expect(claimRuleOf('contoso.example', uri)).toBeUndefined();
    },
  );
});

describe('the certificates of a federation', () => {
  const next = { nextSigningCertificate: following, nextCertificateExpires: laterEnd };
  const expiring = (more: Partial<FoundFederation>, atMs: number) => {
    const plan = planTenant(declaring('contoso.example'), seen(more), atMs);
    const { certificateExpires, nextCertificateExpires } = plan.status.domains?.[0] ?? {};
    expect(certificateExpires).toBe(end);
    expect(nextCertificateExpires).toBe(more.nextCertificateExpires);
    return shown(plan, 'FederationCertificateExpiring');
  };

  it.each([
    ['long before the end', {}, -31 * day, undefined],
    ['within 30 days', {}, -30 * day, 'True EndsSoon'],
    ['within 30 days, the next one known', next, -30 * day, undefined],
    ['after the end', {}, 0, 'True Expired'],
    ['after the end, the next one known', next, 0, undefined],
  ] as const)('%s', (_, more, fromEndMs, wanted) => {
    expect(expiring(more, Date.parse(end) + fromEndMs)).toBe(wanted);
  });

  it('that nobody can read are no alarm', () => {
    const unread = seen({ certificateExpires: undefined });
    const plan = planTenant(declaring('contoso.example'), unread, nowMs);
    expect(shown(plan, 'FederationCertificateExpiring')).toBeUndefined();
    expect(plan.status.domains?.[0]).not.toHaveProperty('certificateExpires');
  });

  it('are rolled over by hand where Entra knows no metadata: both are declared', () => {
    const resource = declaring('contoso.example');
    const [domain] = resource.spec.domains ?? [];
    const rolling = {
      ...resource,
      spec: {
        ...resource.spec,
        domains: [
          { ...domain!, federation: { ...domain!.federation!, nextSigningCertificate: following } },
        ],
      },
    };
    const plan = planTenant(rolling, seen(), nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateFederation', patch: { nextSigningCertificate: following } },
    ]);
    expect(
      actionNames(planTenant(rolling, seen({ nextSigningCertificate: following }), nowMs)),
    ).toEqual([]);
  });
});

describe('a domain below another one of the tenant', () => {
  it('has its federation, and no own one is set', () => {
    const observed = observedTenant({
      domains: [federated('contoso.example'), federated('sales.contoso.example', false)],
    });
    const plan = planTenant(declaring('sales.contoso.example'), observed, nowMs);
    expect([readyOf(plan), actionNames(plan)]).toEqual(['False FederationInherited', []]);
    expect(shown(plan, 'Stalled')).toBe('True FederationInherited');
  });
});

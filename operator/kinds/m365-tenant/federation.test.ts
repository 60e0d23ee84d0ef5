import { describe, expect, it } from 'vitest';
import { ids, nowMs, tenant } from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { ObservedTenant } from './observed.ts';
import { planTenant } from './plan.ts';

const certificate = `${'A'.repeat(119)}=`;

const federation = {
  passiveSignInUri: 'https://sts.corp.example/adfs/ls/',
  signingCertificate: certificate,
  protocol: 'WsFed',
  multiFactorAuthentication: 'AcceptIfDoneByFederatedIdp',
} as const;

const asDeclared = {
  id: 'federation',
  issuerUri: 'http://contoso.example/adfs/services/trust/',
  passiveSignInUri: federation.passiveSignInUri,
  signingCertificate: certificate,
  preferredAuthenticationProtocol: 'wsFed',
  federatedIdpMfaBehavior: 'acceptIfMfaDoneByFederatedIdp',
};

const declaring = (more: object = {}, status: M365Tenant['status'] = {}) =>
  tenant({
    spec: {
      domains: [
        {
          name: 'contoso.example',
          authentication: 'Federated',
          federation: { ...federation, ...more },
        },
      ],
    },
    status: { tenantId: ids.tenant, ...status },
  });

const seen = (
  authentication: 'Managed' | 'Federated',
  more: Partial<ObservedTenant> = {},
): ObservedTenant =>
  observedTenant({
    domains: [
      { name: 'contoso.example', isVerified: true, isDefault: false, isRoot: true, authentication },
    ],
    ...more,
  });

const found = (more: object = {}) =>
  seen('Federated', { federations: { 'contoso.example': { ...asDeclared, ...more } } });

const anchorless = {
  users: 3,
  lastFullRead: '2026-03-02T02:00:00Z',
  protectedAccounts: undefined,
  syncedAccounts: 0,
};

const looked = {
  domains: [{ name: 'contoso.example', state: 'Verified' as const, issuerUri: 'x' }],
};

describe('the federation of a domain', () => {
  const rows = [
    ['managed', declaring(), seen('Managed'), 'False FederationDiffers', ['CreateFederation']],
    [
      'managed, with accounts that could not sign in any more',
      declaring(),
      seen('Managed', { directory: { ...anchorless, withoutAnchor: { 'contoso.example': 2 } } }),
      'False AnchorsMissing',
      [],
    ],
    ['as declared', declaring(), found(), 'True Provisioned', []],
    [
      'another issuer',
      declaring(),
      found({ issuerUri: 'http://evil.example/' }),
      'False FederationDiffers',
      ['UpdateFederation'],
    ],
    [
      'another certificate, metadata unknown',
      declaring(),
      found({ signingCertificate: 'other' }),
      'False FederationDiffers',
      ['UpdateFederation'],
    ],
    [
      'another certificate, which Entra took from the metadata',
      declaring({ metadataExchangeUri: 'https://sts.corp.example/mex' }),
      found({ signingCertificate: 'other', metadataExchangeUri: 'https://sts.corp.example/mex' }),
      'True Provisioned',
      [],
    ],
  ] as const;
  it.each(rows)('%s', (_, resource, observed, ready, actions) => {
    const plan = planTenant(resource, observed, nowMs);
    expect([readyOf(plan), actionNames(plan)]).toEqual([ready, actions]);
  });

  it('has one issuer for each domain, as ADFS makes it of the sign-in name', () => {
    const [action] = planTenant(declaring(), seen('Managed'), nowMs).actions;
    expect(action).toMatchObject({
      domain: 'contoso.example',
      federation: { issuerUri: 'http://contoso.example/adfs/services/trust/' },
    });
  });

  it('that was as declared and is another now is drift, by field', () => {
    const plan = planTenant(
      declaring({}, looked),
      found({ issuerUri: 'http://evil.example/' }),
      nowMs,
    );
    expect(shown(plan, 'Drifted')).toBe('True FieldsDiffer');
    expect(plan.status.drift).toEqual([
      {
        path: 'domains[contoso.example].federation.issuerUri',
        type: 'Different',
        declared: asDeclared.issuerUri,
        actual: 'http://evil.example/',
      },
    ]);
  });
});

describe('a federation that others changed', () => {
  it('stays under Report, field by field', () => {
    const resource = declaring({}, looked);
    const observed = found({ issuerUri: 'http://evil.example/', signingCertificate: 'other' });
    const rules = [{ fields: ['domains.federation.issuerUri'], policy: 'Report' as const }];
    const drift = { default: 'Correct' as const, rules };
    const ruled = { ...resource, spec: { ...resource.spec, drift } };
    const plan = planTenant(ruled, observed, nowMs);
    expect(plan.status.drift).toHaveLength(2);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateFederation', patch: { signingCertificate: asDeclared.signingCertificate } },
    ]);
    expect(Object.keys((plan.actions[0] as { patch: object }).patch)).toEqual([
      'signingCertificate',
    ]);
  });
});

describe('a domain', () => {
  it('that an older M365Tenant declares is refused to the younger', () => {
    const observed = seen('Managed', { claimedDomains: ['contoso.example'] });
    const plan = planTenant(declaring(), observed, nowMs);
    expect([readyOf(plan), shown(plan, 'Stalled')]).toEqual([
      'False DomainClaimed',
      'True DomainClaimed',
    ]);
    expect(plan.actions).toEqual([]);
  });

  it('is proved by a record that external-dns sets, published once', () => {
    const record = { type: 'TXT', name: 'contoso.example', value: 'MS=ms1', ttl: 3600 } as const;
    const mail = { ...record, type: 'MX', value: 'ms1.msv1.invalid' } as const;
    const domains = [{ name: 'contoso.example' }];
    const observed = observedTenant({
      domains: [
        {
          name: 'contoso.example',
          isVerified: false,
          isDefault: false,
          isRoot: true,
          authentication: 'Managed',
        },
      ],
      records: { 'contoso.example': [record, mail] },
    });
    const spec = { domains, publishDnsRecords: true };
    const [publish, verify] = planTenant(tenant({ spec }), observed, nowMs).actions;
    expect(publish).toMatchObject({ name: 'PublishDnsRecords', records: [record] });
    expect(verify).toMatchObject({ name: 'VerifyDomain' });
    const publishedRecords = (publish as { fingerprint: string }).fingerprint;
    const again = tenant({ spec, status: { publishedRecords } });
    expect(actionNames(planTenant(again, observed, nowMs))).toEqual(['VerifyDomain']);
  });
});

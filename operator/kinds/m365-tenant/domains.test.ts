import { describe, expect, it } from 'vitest';
import { ids, nowMs, tenant } from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import { expectPlan } from '../../../hack/testing/plan-checks.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { ObservedTenant } from './observed.ts';
import { planTenant } from './plan.ts';

const withDirectory = (status: M365Tenant['status'] = {}) =>
  tenant({
    spec: {
      identity: { activeDirectory: 'Managed', passwords: 'Both' },
      domains: [{ name: 'contoso.example', authentication: 'Managed' }],
    },
    status: { tenantId: ids.tenant, ...status },
  });

const customersOU = 'OU=Customers,DC=corp,DC=example';

const withDomains = tenant({
  spec: {
    domains: [
      { name: 'contoso.example', authentication: 'Managed', default: true },
      { name: 'contoso.test', authentication: 'Federated' },
    ],
  },
});

const domain = (name: string, more = {}) => ({
  name,
  isVerified: true,
  isDefault: false,
  isRoot: true,
  authentication: 'Managed' as const,
  ...more,
});

type Row = readonly [
  name: string,
  resource: M365Tenant,
  observed: ObservedTenant,
  expected: {
    readonly ready: string;
    readonly actions: readonly string[];
    readonly delayMs?: number;
    readonly stalled?: true;
  },
];

const rows: readonly Row[] = [
  [
    'directory sync active',
    withDirectory(),
    observedTenant({
      customersOU,
      organization: { ...observedTenant().organization!, onPremisesSyncEnabled: true },
    }),
    { ready: 'False DirectorySyncActive', actions: [], stalled: true, delayMs: 600_000 },
  ],
  [
    'accounts that a sync server owns, in a tenant with accounts in two directories',
    withDirectory({ organizationalUnit: `OU=contoso,${customersOU}` }),
    observedTenant({
      customersOU,
      directory: { ...observedTenant().directory!, syncedAccounts: 1 },
    }),
    { ready: 'False DirectorySyncActive', actions: [], stalled: true, delayMs: 600_000 },
  ],
  [
    'the connection has no Active Directory',
    withDirectory(),
    observedTenant(),
    { ready: 'False ActiveDirectoryMissing', actions: [], stalled: true, delayMs: 60_000 },
  ],
  [
    'OU missing',
    withDirectory(),
    observedTenant({ customersOU }),
    {
      ready: 'False OrganizationalUnitMissing',
      actions: ['EnsureOrganizationalUnit'],
      delayMs: 5_000,
    },
  ],
  [
    'UPN suffixes missing',
    withDirectory({ organizationalUnit: `OU=contoso,${customersOU}` }),
    observedTenant({ customersOU }),
    { ready: 'False UpnSuffixMissing', actions: ['EnsureUpnSuffixes'], delayMs: 5_000 },
  ],
  [
    'declared domains absent',
    withDomains,
    observedTenant({ domains: [] }),
    { ready: 'False DomainMissing', actions: ['AddDomain', 'AddDomain'], delayMs: 5_000 },
  ],
  [
    'a domain unverified',
    withDomains,
    observedTenant({
      domains: [domain('contoso.example', { isVerified: false }), domain('contoso.test')],
    }),
    { ready: 'False DomainNotVerified', actions: ['VerifyDomain'], delayMs: 5_000 },
  ],
  [
    'another domain is default',
    withDomains,
    observedTenant({ domains: [domain('contoso.example'), domain('contoso.test')] }),
    { ready: 'False DefaultDomainDiffers', actions: ['SetDefaultDomain'], delayMs: 5_000 },
  ],
  [
    'sign-in of a domain differs: shown, not changed',
    withDomains,
    observedTenant({
      domains: [domain('contoso.example', { isDefault: true }), domain('contoso.test')],
    }),
    { ready: 'True Provisioned', actions: [], delayMs: 60_000 },
  ],
];

describe('Active Directory and domains of an M365Tenant', () => {
  it.each(rows)('%s', (_, resource, observed, expected) => {
    const plan = planTenant(resource, observed, nowMs);
    const { ready, stalled, delayMs } = expected;
    expectPlan(resource, plan, {
      ...expected,
      conditions: { Stalled: stalled === undefined ? undefined : ready.replace('False', 'True') },
      look: delayMs ?? 'onChange',
    });
  });

  it('makes the initial domain and all declared domains UPN suffixes, those missing only', () => {
    const resource = withDirectory({
      organizationalUnit: `OU=contoso,${customersOU}`,
      upnSuffixes: ['contoso.onmicrosoft.com'],
    });
    const plan = planTenant(resource, observedTenant({ customersOU }), nowMs);
    expect(plan.actions).toMatchObject([{ suffixes: ['contoso.example'] }]);
  });

  it('makes them again where others took one from the forest', () => {
    const resource = withDirectory({
      organizationalUnit: `OU=contoso,${customersOU}`,
      upnSuffixes: ['contoso.onmicrosoft.com', 'contoso.example'],
    });
    const observed = observedTenant({ customersOU, upnSuffixes: ['contoso.onmicrosoft.com'] });
    const plan = planTenant(resource, observed, nowMs);
    expect(plan.actions).toMatchObject([{ suffixes: ['contoso.example'] }]);
  });

  it('shows the DNS records to set, and drift of authentication', () => {
    const records = [{ type: 'TXT' as const, name: 'contoso.example', value: 'MS=ms1', ttl: 3600 }];
    const observed = observedTenant({
      domains: [domain('contoso.example', { isVerified: false }), domain('contoso.test')],
      records: { 'contoso.example': records },
    });
    const { status, conditions } = planTenant(withDomains, observed, nowMs);
    expect(status.domains).toEqual([
      { name: 'contoso.example', state: 'Unverified', authentication: 'Managed', records },
      { name: 'contoso.test', state: 'Verified', authentication: 'Managed' },
    ]);
    expect(status.drift).toEqual([
      {
        path: 'domains[contoso.test].authentication',
        type: 'Different',
        declared: 'Federated',
        actual: 'Managed',
      },
    ]);
    expect(conditions.map(({ type }) => type)).toContain('Drifted');
  });
});

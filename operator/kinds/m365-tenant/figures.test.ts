import { describe, expect, it } from 'vitest';
import { tenant, withConditions } from '../../../hack/testing/build.ts';
import { condition } from '../../core/conditions.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { tenantFigures } from './figures.ts';

const end = '2027-01-01T00:00:00Z';
const later = '2028-01-01T00:00:00Z';
const verified = { state: 'Verified', authentication: 'Federated' } as const;

const shown = (status: NonNullable<M365Tenant['status']>, ...found: readonly string[]) => {
  const conditions = found.map((type) => condition(type, 'True', 'EndsSoon', 'it is so'));
  return tenantFigures
    .of(withConditions(tenant({ status }), conditions))
    .map(({ metric, labels = {}, value }) =>
      [metric.replace('m365_tenant_', ''), ...Object.values(labels), value].join(' '),
    );
};

describe('the figures of a tenant', () => {
  it('are its findings, and nothing of what is in order', () => {
    expect(shown({}, 'TenantVisible', 'FederationCertificateExpiring', 'Drifted')).toEqual([
      'finding FederationCertificateExpiring 1',
      'finding TenantVisible 1',
    ]);
    expect(shown({})).toEqual([]);
    const seen = withConditions(tenant(), [condition('TenantVisible', 'False', 'No', 'no')]);
    expect(tenantFigures.of(seen)).toEqual([]);
  });

  it('are for each domain the end of the last certificate that Entra knows', () => {
    const domains = [
      { ...verified, name: 'one.example', certificateExpires: end },
      {
        ...verified,
        name: 'two.example',
        certificateExpires: end,
        nextCertificateExpires: later,
      },
      { ...verified, name: 'three.example' },
    ];
    const metric = 'federation_certificate_expires_timestamp_seconds';
    expect(shown({ domains })).toEqual([
      `${metric} one.example ${String(Date.parse(end) / 1_000)}`,
      `${metric} two.example ${String(Date.parse(later) / 1_000)}`,
    ]);
  });

  it('tell how far a hand-over is', () => {
    const handOver = { percent: 40 } as never;
    expect(shown({ handOver })).toEqual(['hand_over_percent 40']);
  });

  it('name the connection, in its own namespace or another', () => {
    const of = (connectionRef: M365Tenant['spec']['connectionRef']) =>
      tenantFigures.identity.of(tenant({ spec: { connectionRef } }))['connection'];
    expect(of({ name: 'eu', namespace: 'provider' })).toBe('provider/eu');
    expect(of({ name: 'eu' })).toBe('acme/eu');
  });
});

/** A tenant in figures, for alerts (charts/m365-operator/alerts/tenants.yaml). Pure. */
import type { M365Tenant } from '../../core/objects.ts';
import type { Figure, Figures } from '../../core/plan.ts';

/** Conditions that people are told of, beside those of the way to Ready. */
export const tenantFindings = ['FederationCertificateExpiring', 'TenantVisible'] as const;

const finding = 'm365_tenant_finding';
const certificateEnd = 'm365_tenant_federation_certificate_expires_timestamp_seconds';
const handOver = 'm365_tenant_hand_over_percent';

export const tenantFigures: Figures<M365Tenant> = {
  identity: {
    labels: ['connection'],
    of: ({ metadata, spec: { connectionRef } }) => ({
      connection: `${connectionRef.namespace ?? metadata.namespace}/${connectionRef.name}`,
    }),
  },
  gauges: [
    {
      name: finding,
      help: '1 while the tenant has the finding: a condition that people are told of',
      labels: ['finding'],
    },
    {
      name: certificateEnd,
      help: 'When the last certificate ends that Entra knows of the federation server of a domain',
      labels: ['domain'],
    },
    {
      name: handOver,
      help: 'Of the accounts that a hand-over takes over: those that the sync server has let go of; absent without one',
    },
  ],
  counters: [],
  lastLook: {
    name: 'm365_tenant_last_run_timestamp_seconds',
    help: 'When a tenant was last looked at to the end',
  },
  of: (tenant) => [
    ...findingFigures(tenant),
    ...certificateFigures(tenant),
    ...handOverFigures(tenant),
  ],
  counted: () => [],
};

function findingFigures({ status }: M365Tenant): readonly Figure[] {
  const isTrue = (type: string): boolean =>
    status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
  return tenantFindings
    .filter(isTrue)
    .map((type) => ({ metric: finding, labels: { finding: type }, value: 1 }));
}

function certificateFigures({ status }: M365Tenant): readonly Figure[] {
  return (status?.domains ?? []).flatMap(
    ({ name: domain, certificateExpires, nextCertificateExpires }) => {
      const ends = [certificateExpires, nextCertificateExpires].flatMap((end) => end ?? []);
      const last = ends.map(Date.parse).toSorted((a, b) => b - a)[0];
      return last === undefined
        ? []
        : [{ metric: certificateEnd, labels: { domain }, value: last / 1_000 }];
    },
  );
}

function handOverFigures({ status }: M365Tenant): readonly Figure[] {
  const percent = status?.handOver?.percent;
  return percent === undefined ? [] : [{ metric: handOver, value: percent }];
}

/** Dashboards and alerts of the chart: read and evaluated by Prometheus' own engine over what the operator really exposes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { condition } from '../../operator/core/conditions.ts';
import { findingTypes } from '../../operator/kinds/license-pool/findings.ts';
import { planPool } from '../../operator/kinds/license-pool/plan.ts';
import { helmBinary } from '../helm/index.ts';
import { type Manifest, render } from '../helm/rendered.ts';
import { type Answer, askPrometheus, binary, type Series } from '../promql/index.ts';
import { nowMs, pool, tenant, withConditions } from '../testing/build.ts';
import { exposed } from '../testing/exposed.ts';
import { observedPool, ownSubscription } from '../testing/observed.ts';

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly targets: readonly { readonly expr: string }[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly current: { readonly value?: readonly string[] };
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity?: string };
  readonly annotations: { readonly summary?: string; readonly description?: string };
}

const hourMs = 60 * 60_000;
const everything = {
  dashboards: { enabled: true, annotations: { grafana_folder: 'Microsoft 365' } },
  alerts: { enabled: true, labels: { release: 'prometheus' } },
  serviceMonitor: { enabled: true },
};

let manifests: readonly Manifest[];
let dashboards: readonly Dashboard[];
let groups: readonly { readonly rules: readonly Rule[] }[];
let calm: readonly Series[];
let troubled: readonly Series[];

/** One pool of a fresh install: ten seats, and people on all of them. */
const fresh = () => {
  const { status, conditions } = planPool(pool(), observedPool(), nowMs);
  return withConditions(pool({ status }), conditions);
};

/** Everything that can be told of a pool is. */
const unhappy = () => {
  const observed = observedPool({
    assigned: 7,
    subscriptions: [
      ownSubscription({
        commitmentEndDate: new Date(nowMs + 6 * 24 * hourMs).toISOString(),
        refundable: [{ quantity: 2, until: new Date(nowMs + hourMs).toISOString() }],
      }),
    ],
    outsideChange: {
      at: new Date(nowMs - hourMs).toISOString(),
      by: 'eve@provider.example',
      subscriptionId: ownSubscription().id,
    },
  });
  const spec = { seats: { buffer: { count: 0, marginFloorPercent: 10 } } };
  const { status } = planPool(pool({ spec }), observed, nowMs);
  const found = findingTypes.map((type) => condition(type, 'True', type, 'it is so'));
  return withConditions(pool({ spec, status }), found);
};

/** Federated, with a certificate that is good for so many days. */
const federated = (days: number) =>
  tenant({
    status: {
      domains: [
        {
          name: 'contoso.example',
          state: 'Verified',
          certificateExpires: new Date(nowMs + days * 24 * hourMs).toISOString(),
        },
      ],
    },
  });

beforeAll(async () => {
  await helmBinary((line) => console.log(line));
  await binary((line) => console.log(line));
  manifests = await render('x', 'ops', { metrics: everything });
  const data = manifests.find(({ kind }) => kind === 'ConfigMap')?.['data'] ?? {};
  dashboards = Object.values(data).map((text) => JSON.parse(text as string) as Dashboard);
  const rules = manifests.find(({ kind }) => kind === 'PrometheusRule')?.['spec'];
  groups = (rules as { readonly groups: typeof groups }).groups;
  calm = await exposed({
    pools: [fresh()],
    tenants: [federated(15)],
    lookedMs: nowMs - hourMs,
    controllers: { 'ldaps://dc1': true, 'ldaps://dc2': true },
  });
  troubled = await exposed({
    pools: [unhappy()],
    tenants: [
      withConditions(federated(13), [
        condition('TenantVisible', 'True', 'CustomersOU', 'it is so'),
      ]),
    ],
    lookedMs: nowMs - 27 * hourMs,
    controllers: { 'ldaps://dc1': false, 'ldaps://dc2': false },
  });
}, 600_000);

/** A pool is named, or a connection. */
const whose = /^\{\{ \$labels\.(namespace \}\}\/\{\{ \$labels\.name|connection) \}\}: /;

const alerts = () => groups.flatMap(({ rules }) => rules);
const panels = () => dashboards.flatMap((one) => one.panels);

/** As Grafana asks on the first load, with every variable on All. */
function asked(text: string): string {
  return text
    .replaceAll(/\$(connection|namespace|tenant|sku)\b/g, '.*')
    .replaceAll('$__range', '24h');
}

const queriesOf = ({ templating }: Dashboard): readonly string[] =>
  templating.list.flatMap(({ definition }) => {
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
    return selector === undefined ? [] : [`count by (${label}) (${selector})`];
  });

const expressions = (): readonly string[] =>
  [
    ...panels().flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...dashboards.flatMap(queriesOf),
    ...alerts().map(({ expr }) => expr),
  ].map(asked);

/** Names, labels and values of labels that nobody exposes. */
function unknownTo(series: readonly Series[], { found, grouping }: Answer): readonly string[] {
  const of = (metric: string) => series.filter(({ labels }) => labels['__name__'] === metric);
  const selectors = found.flatMap(({ metric, labels }) => {
    if (of(metric).length === 0) return [metric];
    const isExposed = ([name, value]: readonly [string, string]): boolean =>
      of(metric).some(({ labels: has }) => (value === '' ? name in has : has[name] === value));
    return Object.entries(labels)
      .filter((one) => !isExposed(one))
      .map(([name, value]) => `${metric}{${name}=${value}}`);
  });
  const groupings = found.flatMap(({ expression, metric }) =>
    (grouping[expression] ?? [])
      .filter((name) => !of(metric).some(({ labels }) => name in labels))
      .map((name) => `${metric} by ${name}`),
  );
  return [...selectors, ...groupings];
}

describe('the dashboards', () => {
  it('are found by the sidecar of Grafana, in its folder', () => {
    expect(manifests.find(({ kind }) => kind === 'ConfigMap')?.metadata).toMatchObject({
      labels: { grafana_dashboard: '1' },
      annotations: { grafana_folder: 'Microsoft 365' },
    });
    expect(dashboards.map(({ uid }) => uid)).toEqual(['m365-seats-margin']);
  });

  it('show all at first, pools too whose labels say nothing yet', () => {
    const variables = dashboards.flatMap(({ templating }) => templating.list);
    for (const one of variables.filter(({ type }) => type === 'query')) {
      expect(one).toMatchObject({
        includeAll: true,
        allValue: '.*',
        current: { value: ['$__all'] },
      });
    }
    expect(variables.map(({ name }) => name)).toEqual([
      'datasource',
      'connection',
      'namespace',
      'tenant',
      'sku',
    ]);
  });

  it('have no empty panel on a fresh install with one pool', async () => {
    const { results, errors } = await askPrometheus({
      expressions: expressions(),
      series: calm,
      atMs: nowMs,
    });
    expect(errors).toEqual([]);
    const empty = panels().filter(({ targets }) =>
      targets.every(({ expr }) => (results[asked(expr)] ?? []).length === 0),
    );
    expect(empty.map(({ title }) => title)).toEqual([]);
    for (const query of dashboards.flatMap(queriesOf)) {
      expect(results[asked(query)], query).toHaveLength(1);
    }
  });

  it('say what they show', () => {
    for (const { title, description } of panels()) expect(description, title).toMatch(/\.$/);
  });

  it('have money in whole units of its currency', async () => {
    const text = asked(panels().find(({ title }) => title === 'Margin a month')!.targets[0]!.expr);
    const minor = (currency: string) => ({
      labels: { __name__: 'm365_pool_money_minor_units', what: 'margin', currency },
      value: 4_000,
    });
    const series = ['EUR', 'JPY', 'KWD'].map(minor);
    const { results } = await askPrometheus({ expressions: [text], series, atMs: nowMs });
    const shown = results[text]!.map(({ labels, value }) => [labels['currency'], value]);
    expect(Object.fromEntries(shown)).toEqual({ EUR: 40, JPY: 4_000, KWD: 4 });
  });
});

describe('what dashboards and alerts read', () => {
  it('is what the operator exposes: names, labels and their values', async () => {
    const answer = await askPrometheus({ expressions: expressions(), atMs: nowMs });
    expect(answer.errors).toEqual([]);
    expect(answer.found.length).toBeGreaterThan(40);
    expect(unknownTo([...troubled, ...calm], answer)).toEqual([]);
  });

  it('would be found where it is something else', async () => {
    const answer = await askPrometheus({
      expressions: [
        'm365_pool_seat',
        'm365_pool_seats{status="idle"}',
        'm365_pool_seats{state="unused"}',
        'sum by (customer) (m365_pool_margin_basis_points)',
      ],
    });
    expect(unknownTo(troubled, answer)).toEqual([
      'm365_pool_seat',
      'm365_pool_seats{status=idle}',
      'm365_pool_seats{state=unused}',
      'm365_pool_margin_basis_points by customer',
    ]);
  });
});

describe('the alerts', () => {
  const firing = async (series: readonly Series[]): Promise<readonly string[]> => {
    const { results, errors } = await askPrometheus({
      rules: stringify({ groups }),
      series,
      atMs: nowMs,
    });
    expect(errors).toEqual([]);
    return alerts()
      .filter(({ expr }) => results[expr]!.length > 0)
      .map(({ alert }) => alert);
  };

  it('are rules that Prometheus takes, each with severity, summary and what to do', () => {
    for (const { alert, labels, annotations } of alerts()) {
      expect(labels.severity, alert).toMatch(/^(info|warning|critical)$/);
      expect(annotations.summary, alert).toMatch(whose);
      expect(annotations.description, alert).toMatch(/status\.|conditions? /);
    }
  });

  it('are silent about pools, tenants and domain controllers in order', async () => {
    expect(await firing(calm)).toEqual([]);
  });

  it('tell of one controller that is down beside another that is well', async () => {
    const controllers = { 'ldaps://dc1': false, 'ldaps://dc2': true };
    const series = await exposed({ pools: [], lookedMs: nowMs, controllers });
    expect(await firing(series)).toEqual(['M365DomainControllerDown']);
  });

  it('fire, each of them, where there is nothing in order', async () => {
    expect(await firing(troubled)).toEqual(alerts().map(({ alert }) => alert));
    expect(alerts().map(({ alert }) => alert)).toEqual([
      'M365DomainControllerDown',
      'M365ActiveDirectoryDown',
      'M365SeatWindowClosing',
      'M365MarginBelowFloor',
      'M365MarginNegative',
      'M365ScheduleLost',
      'M365RenewalUndecided',
      'M365GuardrailHeld',
      'M365SeatsChangedOutside',
      'M365SeatLookOverdue',
      'M365ExtendedServiceTerm',
      'M365FederationCertificateEnds',
      'M365TenantVisible',
    ]);
  });

  it('with an expression or a template that is none are refused by Prometheus', async () => {
    const rule = (more: object) =>
      stringify({ groups: [{ name: 'g', rules: [{ alert: 'A', ...more }] }] });
    const wrong = [{ expr: 'sum(' }, { expr: 'up', annotations: { summary: '{{ $label.x }}' } }];
    for (const more of wrong) {
      const { errors } = await askPrometheus({ rules: rule(more) });
      expect(errors).not.toEqual([]);
    }
  });
});

it('the metrics keep their own namespace label, and are scraped as values say', () => {
  const monitor = manifests.find(({ kind }) => kind === 'ServiceMonitor');
  const service = manifests.find(({ kind }) => kind === 'Service');
  const selectorLabels = {
    'app.kubernetes.io/name': 'm365-operator',
    'app.kubernetes.io/instance': 'x',
  };
  expect(monitor?.['spec']).toEqual({
    selector: { matchLabels: selectorLabels },
    endpoints: [{ port: 'metrics', honorLabels: true, interval: '30s' }],
  });
  expect(service?.metadata).toMatchObject({ labels: selectorLabels });
});

it('none of it is there by default, and a monitor without its service is refused', async () => {
  const names = (await render('x', 'ops', {})).map(({ kind }) => kind);
  for (const kind of ['ConfigMap', 'PrometheusRule', 'ServiceMonitor'])
    expect(names).not.toContain(kind);
  const without = { service: { enabled: false }, serviceMonitor: { enabled: true } };
  await expect(render('x', 'ops', { metrics: without })).rejects.toThrow(
    'metrics.serviceMonitor needs metrics.service.enabled',
  );
});

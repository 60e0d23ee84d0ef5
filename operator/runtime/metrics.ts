/**
 * Everything the process counts. Names, labels and buckets of the first part equal controller-runtime's, byte for byte, so
 * that its dashboards work as they are; the second part is ours. No label ever holds a user's name.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** controller-runtime pkg/internal/controller/metrics/metrics.go (2026-08). */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** 1e-8 · 10^n, 12 of them: pkg/internal/metrics/workqueue.go (2026-08). */
const queueBuckets = Array.from({ length: 12 }, (_, n) => Number(`1e${String(n - 8)}`));
/** client-go rest client latency: pkg/metrics/client_go_adapter.go (2026-08). */
const restBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** component-base metrics/prometheus/restclient: request and response sizes (2026-08). */
const sizeBuckets = [
  64, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
];
const lagBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
const driftAgeBuckets = [1, 10, 60, 300, 900, 3600, 14_400, 86_400, 604_800];
const directoryBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 60];
const externalBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

function controllerMetrics(registers: Registry[]) {
  const labelNames = ['controller'] as const;
  const counter = (name: string, help: string) =>
    new Counter({ name: `controller_runtime_${name}`, help, labelNames, registers });
  return {
    reconcileTotal: new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Total number of reconciliations per controller',
      labelNames: ['controller', 'result'] as const,
      registers,
    }),
    reconcileErrors: counter('reconcile_errors_total', 'Total number of reconciliation errors'),
    terminalErrors: counter(
      'terminal_reconcile_errors_total',
      'Total number of terminal reconciliation errors',
    ),
    reconcilePanics: counter('reconcile_panics_total', 'Total number of unexpected exceptions'),
    reconcileTimeouts: counter('reconcile_timeouts_total', 'Total number of reconciles cut off'),
    reconcileSeconds: new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Length of time per reconciliation per controller',
      labelNames,
      buckets: reconcileBuckets,
      registers,
    }),
    maxConcurrent: new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Maximum number of concurrent reconciles per controller',
      labelNames,
      registers,
    }),
    activeWorkers: new Gauge({
      name: 'controller_runtime_active_workers',
      help: 'Number of currently used workers per controller',
      labelNames,
      registers,
    }),
  };
}

function queueMetrics(registers: Registry[], collect: () => void) {
  const labelNames = ['name', 'controller'] as const;
  const histogram = (name: string, help: string) =>
    new Histogram({
      name: `workqueue_${name}`,
      help,
      labelNames,
      buckets: queueBuckets,
      registers,
    });
  const counter = (name: string, help: string) =>
    new Counter({ name: `workqueue_${name}`, help, labelNames, registers });
  return {
    queueDepth: new Gauge({
      name: 'workqueue_depth',
      help: 'Current depth of workqueue by workqueue and priority',
      labelNames: ['name', 'controller', 'priority'] as const,
      registers,
      collect,
    }),
    queueAdds: counter('adds_total', 'Total number of adds handled by workqueue'),
    queueRetries: counter('retries_total', 'Total number of retries handled by workqueue'),
    queueSeconds: histogram('queue_duration_seconds', 'How long an item stays in the workqueue'),
    workSeconds: histogram('work_duration_seconds', 'How long processing an item takes'),
    unfinishedSeconds: new Gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: 'Seconds of work in progress, summed',
      labelNames,
      registers,
      collect,
    }),
    longestSeconds: new Gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: 'Seconds of the longest item in progress',
      labelNames,
      registers,
    }),
  };
}

function clientMetrics(registers: Registry[]) {
  const sizes = (what: 'request' | 'response') =>
    new Histogram({
      name: `rest_client_${what}_size_bytes`,
      help: `Size of the ${what} in bytes, by verb and host`,
      labelNames: ['verb', 'host'] as const,
      buckets: sizeBuckets,
      registers,
    });
  return {
    restRequests: new Counter({
      name: 'rest_client_requests_total',
      help: 'Number of HTTP requests, partitioned by status code, method, and host',
      labelNames: ['code', 'method', 'host'] as const,
      registers,
    }),
    restSeconds: new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'Request latency in seconds, by verb and host',
      labelNames: ['verb', 'host'] as const,
      buckets: restBuckets,
      registers,
    }),
    restRequestBytes: sizes('request'),
    restResponseBytes: sizes('response'),
    leader: new Gauge({
      name: 'leader_election_master_status',
      help: '1 where this process is the leader, 0 where it is a standby',
      labelNames: ['name'] as const,
      registers,
    }),
    leaderSlowpath: new Counter({
      name: 'leader_election_slowpath_total',
      help: 'Total number of slow path exercised in renewing leader leases',
      labelNames: ['name'] as const,
      registers,
    }),
  };
}

/** What others changed, and what became of it. */
function driftMetrics(registers: Registry[], collect: () => void) {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `m365_${name}`, help, labelNames, registers });
  return {
    driftFields: new Gauge({
      name: 'm365_drift_fields',
      help: 'Number of objects whose field differs outside',
      labelNames: ['kind', 'namespace', 'field'] as const,
      registers,
      collect,
    }),
    driftAge: new Histogram({
      name: 'm365_drift_age_seconds',
      help: 'From the moment a difference was seen until it was gone',
      labelNames: ['kind'] as const,
      buckets: driftAgeBuckets,
      registers,
    }),
    observationAge: new Gauge({
      name: 'm365_observation_age_seconds',
      help: 'Since the directory of a tenant was last read',
      labelNames: ['tenant'] as const,
      registers,
    }),
    outsideChanges: counter(
      'outside_changes_total',
      'Changes of managed objects by others, as the audit log tells them',
      ['kind', 'author_type'],
    ),
    protectedChanges: counter(
      'protected_account_changes_total',
      'Changes of break-glass accounts (protectedUsers of a tenant), by anybody: as the directory shows them, and as its audit log tells them',
      ['namespace', 'tenant'],
    ),
    driftBlocked: counter(
      'drift_correction_blocked_total',
      'Differences found that may not be corrected',
      ['kind', 'reason'],
    ),
    driftDetected: counter('drift_detected_total', 'Differences found that others made', ['kind']),
    driftCorrected: counter('drift_corrected_total', 'Differences that are gone again', ['kind']),
  };
}

function ownMetrics(registers: Registry[], collect: () => void) {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `m365_${name}`, help, labelNames, registers });
  return {
    externalRequests: counter('external_requests_total', 'Requests to outside systems', [
      'system',
      'operation',
      'code',
    ]),
    externalSeconds: new Histogram({
      name: 'm365_external_request_duration_seconds',
      help: 'Duration of requests to outside systems',
      labelNames: ['system', 'operation'] as const,
      buckets: externalBuckets,
      registers,
    }),
    actions: counter('actions_total', 'Changes made outside', ['kind', 'action', 'result']),
    conditions: new Gauge({
      name: 'm365_conditions',
      help: 'Number of objects that show this condition',
      labelNames: ['kind', 'namespace', 'type', 'status', 'reason'] as const,
      registers,
      collect,
    }),
    reconcileLag: new Histogram({
      name: 'm365_reconcile_lag_seconds',
      help: 'From the moment an edit was seen until status speaks of it',
      labelNames: ['kind'] as const,
      buckets: lagBuckets,
      registers,
    }),
    throttledSeconds: counter(
      'throttled_seconds_total',
      'Time for which outside systems asked to wait',
      ['kind'],
    ),
    quotaRefusals: counter(
      'graph_quota_refusals_total',
      'Requests that were not sent because a quota of Graph is used up',
      [],
    ),
    tokenCacheHits: counter('token_cache_hits_total', 'Access tokens that were still good', []),
    tokenCacheMisses: counter('token_cache_misses_total', 'Access tokens that were asked for', []),
    bugs: counter('bugs_total', 'Errors that are faults of the operator itself', []),
    eventsDropped: counter('events_dropped_total', 'Kubernetes events that were not written', [
      'reason',
    ]),
    watchRestarts: counter('watch_restarts_total', 'List-watches that had to start over', [
      'kind',
      'cause',
    ]),
  };
}

/** By the domain controller, as the connection ("namespace/name") declares it. */
function directoryMetrics(registers: Registry[]) {
  const labelNames = ['connection', 'controller'] as const;
  return {
    controllerUp: new Gauge({
      name: 'm365_ad_controller_up',
      help: '1 where the domain controller took the operator in at the last try, 0 where it did not',
      labelNames,
      registers,
    }),
    controllerSeconds: new Histogram({
      name: 'm365_ad_request_duration_seconds',
      help: 'Duration of requests to a domain controller',
      labelNames,
      buckets: directoryBuckets,
      registers,
    }),
  };
}

function auditMetrics(registers: Registry[]) {
  const counter = (name: string, help: string) =>
    new Counter({ name: `m365_audit_${name}`, help, registers });
  return {
    auditLinesLost: counter('lines_lost_total', 'Lines of the audit log that are lost'),
    auditWriteErrors: counter('write_errors_total', 'Tries to write the audit log that failed'),
  };
}

function createAll(registers: Registry[], collect: () => void) {
  return {
    ...controllerMetrics(registers),
    ...queueMetrics(registers, collect),
    ...clientMetrics(registers),
    ...ownMetrics(registers, collect),
    ...driftMetrics(registers, collect),
    ...directoryMetrics(registers),
    ...auditMetrics(registers),
  };
}

export type Metrics = ReturnType<typeof createAll> & {
  readonly registry: Registry;
  /** Called when the metrics are read: for gauges that are computed. */
  readonly beforeScrape: Set<() => void>;
};

interface MetricsOptions {
  /** Process and event loop metrics. Off in tests: they observe the garbage collector for as long as they live. */
  readonly processMetrics: boolean;
}

/**
 * Figures of the event loop's lag over time come from a timer that wakes the process for ever: ten times a second are a
 * tenth of a percent of a core, and start each of them at 100 ms. The lag at the moment of a scrape needs no timer.
 */
const lagOverTime = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (figure) => `nodejs_eventloop_lag_${figure}_seconds`,
);
const noLagTimer = { eventLoopMonitoringPrecision: 24 * 60 * 60_000 };

function registerProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, ...noLagTimer });
  for (const name of lagOverTime) register.removeSingleMetric(name);
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  if (options.processMetrics) registerProcessMetrics(registry);
  const beforeScrape = new Set<() => void>();
  const collect = (): void => {
    for (const update of beforeScrape) update();
  };
  return { ...createAll([registry], collect), registry, beforeScrape };
}

/** Wiring: configuration → Kubernetes → clients → kinds → controllers → serve. The one file that sees everything. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { install } from 'undici';
import { kinds as apis, group, version } from './api/index.ts';
import { createConnections } from './clients/connections.ts';
import { type Config, readConfig } from './config.ts';
import { fingerprint } from './core/hash.ts';
import type { AnyKind } from './core/plan.ts';
import type { AuditLog } from './core/ports.ts';
import type { Resource } from './core/resource.ts';
import type { Deps } from './kinds/access.ts';
import { wakeForDirectoryChange } from './kinds/directory-changes.ts';
import { licensePoolKind } from './kinds/license-pool/index.ts';
import { m365TenantKind } from './kinds/m365-tenant/index.ts';
import { m365UserKind } from './kinds/m365-user/index.ts';
import { MassChangeGuard } from './kinds/mass-change-guard.ts';
import { tellOutsideChange } from './kinds/outside-changes.ts';
import { partnerConnectionKind } from './kinds/partner-connection/index.ts';
import { ProtectedAccounts } from './kinds/protected-accounts.ts';
import { type ReadAheadDeps, readAhead } from './kinds/read-ahead.ts';
import { SeatChanges } from './kinds/seat-changes.ts';
import { StaleViews } from './kinds/stale-views.ts';
import { createKubernetes, type Kubernetes } from './kube/kubernetes.ts';
import { openAuditLog } from './runtime/audit.ts';
import { systemClock, type Timer } from './runtime/clock.ts';
import { controllerHealth } from './runtime/controller-health.ts';
import { serveHealth } from './runtime/health.ts';
import { boundHeap } from './runtime/heap-bound.ts';
import { lead } from './runtime/lead.ts';
import { createLog, type Log } from './runtime/log.ts';
import { createManager, type Manager } from './runtime/manager.ts';
import { createMetrics, type Metrics } from './runtime/metrics.ts';

const clock = systemClock;
const nowMs = (): number => clock.nowMs();

/** Runs until the signal aborts (an orderly stop: true) or the lease is lost (false). */
async function run(config: Config, log: Log, signal: AbortSignal): Promise<boolean> {
  const metrics = createMetrics({ processMetrics: true });
  const kubernetes = await connect(config, log, metrics);
  const audit = await openAudit(config, log, metrics);
  // The clients wake keys of queues that the manager makes from kinds that hold the clients.
  let manager: Manager | undefined;
  const wake: Deps['wake'] = (key, lane, delayMs) => manager?.wake(key, lane, delayMs);
  const connections = connectOutside({ config, log, metrics, kubernetes, audit, wake });
  kubernetes.subscribe(({ key, new: now }) => {
    if (now === undefined) void connections.forget(key);
  });
  const ages = watchAges({ config, metrics, kubernetes, wake, lastReads: connections.lastReads });
  const { cluster, isOurs } = kubernetes;
  const outside = { cluster, clientsFor: connections.clientsFor, isOurs };
  const kinds = createKinds({
    ...outside,
    wake,
    nowMs: () => clock.nowMs(),
    randomBytes: (count) => randomBytes(count),
    uuid: () => randomUUID(),
    pollMs: config.pollMs,
    seatChanges: new SeatChanges({
      cluster,
      events: kubernetes.events,
      audit,
      wake,
      nowMs: () => clock.nowMs(),
      count: (pool, figures) => manager?.count(pool, figures),
    }),
  });
  for (const kind of kinds) kubernetes.indexReferences(kind.kind, (one) => kind.references(one));
  manager = createManager({
    kinds,
    store: kubernetes.store,
    subscribe: kubernetes.subscribe,
    referencing: kubernetes.referencing,
    events: kubernetes.events,
    audit,
    clock,
    log,
    metrics,
    mayWrite: () => kubernetes.lease.isLeading(),
    isOurs,
    isPaused: config.isPaused,
    options: { resyncMs: config.resyncMs },
  });
  const health = await serveHealth({
    metricsAddress: config.metricsAddress,
    healthAddress: config.healthAddress,
    metrics,
    isReady: kubernetes.ready,
    isHealthy: kubernetes.healthy,
  });
  log.info({ health: health.healthUrl, metrics: health.metricsUrl }, 'serving');
  try {
    const prepare = readingAhead({ config, log, kubernetes, outside, signal });
    await lead(kubernetes, { ...manager, prepare }, signal);
  } finally {
    ages.cancel();
    // Without the lease another may lead in a moment: what is under way is cut off.
    await manager.stop(kubernetes.lease.lost.aborted ? 0 : undefined);
    await connections.close();
    await audit.close();
    await kubernetes.stop();
    await health.close();
  }
  return signal.aborted;
}

function readingAhead({
  config,
  log,
  kubernetes,
  outside,
  signal,
}: Pick<Outside, 'config' | 'log' | 'kubernetes'> & {
  readonly outside: ReadAheadDeps;
  readonly signal: AbortSignal;
}): () => void {
  const whileLeading = AbortSignal.any([signal, kubernetes.lease.lost]);
  const tellFailure = ({ metadata: { namespace, name } }: Resource, error: unknown): void =>
    log.debug({ namespace, name, error }, 'a directory was not read ahead');
  return () => {
    if (config.isPaused) return;
    void readAhead(outside, whileLeading, tellFailure).then((tenants) =>
      log.info({ tenants }, 'directories were read ahead'),
    );
  };
}

/** How old is what is known of each tenant: as a metric, and to whom it concerns. */
function watchAges({
  config,
  metrics,
  kubernetes,
  wake,
  lastReads,
}: Pick<Outside, 'config' | 'metrics' | 'kubernetes' | 'wake'> &
  Pick<ReturnType<typeof createConnections>, 'lastReads'>): Timer {
  metrics.beforeScrape.add(() => {
    for (const { tenantId, lastReadMs } of lastReads())
      metrics.observationAge.set({ tenant: tenantId }, (nowMs() - lastReadMs) / 1000);
  });
  const { pollMs } = config;
  const views = new StaleViews({ cluster: kubernetes.cluster, wake, nowMs, pollMs, lastReads });
  const look = (): Timer =>
    clock.setTimer(pollMs, () => {
      views.look();
      timer = look();
    });
  let timer = look();
  return { cancel: () => timer.cancel() };
}

interface Outside {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly kubernetes: Kubernetes;
  readonly audit: AuditLog;
  readonly wake: Deps['wake'];
}

function connectOutside({ config, log, metrics, kubernetes, audit, wake }: Outside) {
  const outsideChangeDeps = {
    cluster: kubernetes.cluster,
    events: kubernetes.events,
    audit,
    count: (labels: { readonly kind: string; readonly author_type: string }) =>
      metrics.outsideChanges.inc(labels),
    wake,
    // Only who leads reads the log: what was read is told, whatever the lease says in that moment.
    isTold: (resource: Resource) => kubernetes.isOurs(resource),
  };
  const protectedAccounts = new ProtectedAccounts({
    cluster: kubernetes.cluster,
    events: kubernetes.events,
    count: (labels) => metrics.protectedChanges.inc(labels),
    isTold: (tenant) => kubernetes.isOurs(tenant),
  });
  return createConnections({
    overrides: config.overrides,
    retries: {
      nowMs: () => clock.nowMs(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      random: () => clock.random(),
    },
    federatedTokenFile: config.federatedTokenFile,
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    observe: ({ system, operation, code, seconds }) => {
      metrics.externalRequests.inc({ system, operation, code });
      metrics.externalSeconds.observe({ system, operation }, seconds);
    },
    observeToken: (isFromCache) =>
      (isFromCache ? metrics.tokenCacheHits : metrics.tokenCacheMisses).inc(),
    observeRefused: () => metrics.quotaRefusals.inc(),
    watchControllers: (connection) => controllerHealth(metrics, connection),
    logGraph:
      config.logLevel === 'debug'
        ? (exchange) => log.debug({ ...exchange }, 'Graph was asked')
        : undefined,
    mayWrite: () => kubernetes.lease.isLeading(),
    shards: config.shardCount,
    partnerCenterRequestsPerMinute: config.partnerCenterRequestsPerMinute,
    onDirectoryChange: (tenantId, userIds, seen) => {
      protectedAccounts.changed(tenantId, userIds, seen);
      const { isFirst } = seen;
      wakeForDirectoryChange({ cluster: kubernetes.cluster, wake }, tenantId, { userIds, isFirst });
    },
    onOutsideChange: (tenantId, change) => {
      tellOutsideChange(outsideChangeDeps, tenantId, change);
      protectedAccounts.attributed(tenantId, change);
    },
  });
}

function createKinds(common: Omit<Deps, 'massChanges'>): readonly AnyKind[] {
  const deps: Deps = { ...common, massChanges: new MassChangeGuard(common) };
  return [
    partnerConnectionKind(deps),
    m365TenantKind(deps),
    licensePoolKind(deps),
    m365UserKind(deps),
  ];
}

function connect(config: Config, log: Log, metrics: Metrics): Promise<Kubernetes> {
  return createKubernetes({
    kubeconfig: config.kubeconfig,
    kinds: apis.map(({ kind, plural }) => ({
      group,
      version,
      kind,
      plural,
      // Connections are shared: tenants of every shard refer to them.
      isSharded: kind !== 'PartnerConnection',
      isParent: kind === 'PartnerConnection' || kind === 'M365Tenant',
    })),
    watchNamespaces: config.watchNamespaces,
    shardSelector: config.shardSelector,
    identity: `${config.podName}_${randomUUID().slice(0, 8)}`,
    lease: { namespace: config.podNamespace, name: leaseName(config) },
    clock,
    log,
    metrics,
  });
}

function openAudit(config: Config, log: Log, metrics: Metrics) {
  const { auditLog: path, auditLogMaxBytes: fileMaxBytes, auditLogFiles: filesMax } = config;
  return openAuditLog({ path, fileMaxBytes, filesMax, clock, log, metrics });
}

/** One leader a shard: shards run beside each other. */
function leaseName({ shardSelector }: Config): string {
  return shardSelector === undefined
    ? 'm365-operator'
    : `m365-operator-${fingerprint(shardSelector)}`;
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new DOMException('the operator stops', 'AbortError'));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return controller.signal;
}

async function main(): Promise<void> {
  // Libraries ask for classes of the web, FormData for one, by their global names: behind Node's is a second undici of 13 MB.
  install();
  // By itself V8 packs old objects together only on pages that are nearly empty: half of the heap would be holes. Not on the
  // command line: there it would also leave 1 MB for new objects.
  setFlagsFromString('--optimize-for-size');
  if (globalThis.gc !== undefined) boundHeap(globalThis.gc);
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  try {
    // A lost lease ends the process: whoever holds it now must not meet a second writer.
    if (!(await run(config, log, stopSignal()))) process.exitCode = 1;
  } catch (error) {
    log.error({ error }, 'the operator ends');
    process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Wiring of the work: clients → kinds → controllers. A file of its own, for a start to load while the first lists come. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createConnections } from './clients/connections.ts';
import type { Config } from './config.ts';
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
import type { Kubernetes } from './kube/kubernetes.ts';
import { type Clock, systemClock, type Timer } from './runtime/clock.ts';
import { controllerHealth } from './runtime/controller-health.ts';
import type { Work } from './runtime/lead.ts';
import type { Log } from './runtime/log.ts';
import { createManager, type Manager } from './runtime/manager.ts';
import type { Metrics } from './runtime/metrics.ts';

const clock: Clock = systemClock;
const nowMs = (): number => clock.nowMs();

interface Surroundings {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly kubernetes: Kubernetes;
  readonly audit: AuditLog;
}

export interface Controllers extends Work {
  /** What is under way gets so long to finish (milliseconds; undefined: some seconds), then it is cut off. 0: at once. */
  stop(graceMs?: number): Promise<void>;
}

/** `signal`: of the whole process. */
export function createControllers(surroundings: Surroundings, signal: AbortSignal): Controllers {
  const { config, log, metrics, kubernetes, audit } = surroundings;
  // The clients wake keys of queues that the manager makes from kinds that hold the clients.
  let manager: Manager | undefined;
  const wake: Deps['wake'] = (key, lane, delayMs) => manager?.wake(key, lane, delayMs);
  const connections = connectOutside({ ...surroundings, wake });
  kubernetes.subscribe(({ key, new: now }) => {
    if (now === undefined) void connections.forget(key);
  });
  const ages = watchAges({ ...surroundings, wake, lastReads: connections.lastReads });
  const { cluster, isOurs } = kubernetes;
  const outside = { cluster, clientsFor: connections.clientsFor, isOurs };
  const kinds = createKinds({
    ...outside,
    wake,
    nowMs,
    randomBytes: (count) => randomBytes(count),
    uuid: () => randomUUID(),
    pollMs: config.pollMs,
    seatChanges: new SeatChanges({
      cluster,
      events: kubernetes.events,
      audit,
      wake,
      nowMs,
      count: (pool, figures) => manager?.count(pool, figures),
    }),
  });
  kubernetes.indexReferences(kinds);
  const created = createManager({
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
  manager = created;
  return {
    prepare: readingAhead({ ...surroundings, outside, signal }),
    start: () => created.start(),
    stop: async (graceMs) => {
      ages.cancel();
      await created.stop(graceMs);
      await connections.close();
    },
  };
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

interface Outside extends Surroundings {
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

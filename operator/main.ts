/** The process: configuration → Kubernetes → lease → serve. What it works with is controllers.ts, loaded while the first lists come. */
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { install } from 'undici';
import { kinds as apis, group, version } from './api/index.ts';
import { type Config, readConfig } from './config.ts';
import type { Controllers } from './controllers.ts';
import { fingerprint } from './core/hash.ts';
import { createKubernetes, type Kubernetes } from './kube/kubernetes.ts';
import { openAuditLog } from './runtime/audit.ts';
import { systemClock } from './runtime/clock.ts';
import { serveHealth } from './runtime/health.ts';
import { boundHeap } from './runtime/heap-bound.ts';
import { lead } from './runtime/lead.ts';
import { createLog, type Log } from './runtime/log.ts';
import { createMetrics, type Metrics } from './runtime/metrics.ts';

const clock = systemClock;

/** Runs until the signal aborts (an orderly stop: true) or the lease is lost (false). */
async function run(config: Config, log: Log, signal: AbortSignal): Promise<boolean> {
  const metrics = createMetrics({ processMetrics: true });
  const kubernetes = await connect(config, log, metrics);
  const audit = await openAudit(config, log, metrics);
  const health = await serveHealth({
    metricsAddress: config.metricsAddress,
    healthAddress: config.healthAddress,
    metrics,
    isReady: kubernetes.ready,
    isHealthy: kubernetes.healthy,
  });
  log.info({ health: health.healthUrl, metrics: health.metricsUrl }, 'serving');
  const loadControllers = async (): Promise<Controllers> => {
    const { createControllers } = await import('./controllers.ts');
    return createControllers({ config, log, metrics, kubernetes, audit }, signal);
  };
  let loading: Promise<Controllers> | undefined;
  const load = (): Promise<Controllers> => {
    loading = loadControllers();
    return loading;
  };
  try {
    await lead(kubernetes, load, signal);
  } finally {
    // Where they could not be loaded, lead has thrown it.
    const controllers = await loading?.catch(() => undefined);
    // Without the lease another may lead in a moment: what is under way is cut off.
    await controllers?.stop(kubernetes.lease.lost.aborted ? 0 : undefined);
    await audit.close();
    await kubernetes.stop();
    await health.close();
  }
  return signal.aborted;
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

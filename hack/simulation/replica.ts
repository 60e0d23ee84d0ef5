/** One process of the operator, wired as main.ts does, over simulated surroundings. */
import type { AnyKind } from '../../operator/core/plan.ts';
import type { AuditLog } from '../../operator/core/ports.ts';
import { createKubernetes, type Kubernetes } from '../../operator/kube/kubernetes.ts';
import type { ApiClient } from '../../operator/kube/transport.ts';
import { lead } from '../../operator/runtime/lead.ts';
import type { Log } from '../../operator/runtime/log.ts';
import { createManager, type Manager } from '../../operator/runtime/manager.ts';
import type { Metrics } from '../../operator/runtime/metrics.ts';
import type { SimProcess } from './process.ts';

export const toyInfo = {
  group: 'testing.m365-operator.io',
  version: 'v1',
  kind: 'Toy',
  plural: 'toys',
};

interface ReplicaOptions {
  readonly process: SimProcess;
  readonly transport: ApiClient;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly audit: AuditLog;
  readonly kindOf: (kubernetes: Kubernetes) => AnyKind;
}

export class Replica {
  readonly process: SimProcess;
  readonly #stop = new AbortController();
  #kubernetes: Kubernetes | undefined;
  #manager: Manager | undefined;

  constructor(process: SimProcess) {
    this.process = process;
  }

  get isLeading(): boolean {
    return !this.process.isDead && this.#kubernetes?.lease.isLeading() === true;
  }

  get pending(): number {
    return this.#manager?.pending() ?? 0;
  }

  get isHealthy(): boolean {
    return this.#kubernetes?.healthy() ?? true;
  }

  /** SIGTERM. */
  stop(): void {
    this.#stop.abort(new DOMException('the operator stops', 'AbortError'));
  }

  /** Resolves when the process has ended by itself; never where it crashes. */
  async run({ process, transport, log, metrics, audit, kindOf }: ReplicaOptions): Promise<void> {
    const { identity } = process;
    const kubernetes = await createKubernetes({
      transport,
      kinds: [toyInfo],
      identity,
      lease: { namespace: 'default', name: 'm365-operator' },
      clock: process,
      log,
      metrics,
    });
    this.#kubernetes = kubernetes;
    const kind = kindOf(kubernetes);
    kubernetes.indexReferences([kind]);
    const { store, subscribe, referencing, events, lease } = kubernetes;
    const manager = createManager({
      kinds: [kind],
      store,
      subscribe,
      referencing,
      events,
      audit,
      clock: process,
      log,
      metrics,
      mayWrite: () => lease.isLeading(),
    });
    this.#manager = manager;
    try {
      await lead(kubernetes, () => manager, this.#stop.signal);
    } finally {
      await manager.stop(lease.lost.aborted ? 0 : undefined);
      await kubernetes.stop();
    }
  }
}

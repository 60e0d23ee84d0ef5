/** What tests and benchmarks do to the API server themselves, often or by thousands, over our own pooled transport. */
import type { Resource } from '../../operator/core/resource.ts';
import { loadEndpoint } from '../../operator/kube/endpoint.ts';
import { hasStatus } from '../../operator/kube/errors.ts';
import { KubeTransport, mergePatch } from '../../operator/kube/transport.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import { createMetrics } from '../../operator/runtime/metrics.ts';

export const api = '/apis/m365-operator.io/v1alpha1';
/** Kinds that are not ours, by plural. */
const otherApis: Readonly<Record<string, string>> = {
  events: '/apis/events.k8s.io/v1',
  secrets: '/api/v1',
};
const pageLimit = 500;

export interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly unknown[];
}

export class ClusterClient {
  readonly transport: KubeTransport;

  private constructor(transport: KubeTransport) {
    this.transport = transport;
  }

  static async connect(kubeconfig: string): Promise<ClusterClient> {
    const metrics = createMetrics({ processMetrics: false });
    return new ClusterClient(
      new KubeTransport(await loadEndpoint(kubeconfig), { clock: systemClock, metrics }),
    );
  }

  /** The object as it was stored. */
  create(collection: string, body: object): Promise<Resource> {
    return this.transport.request('POST', collection, { body });
  }

  async patch(path: string, body: object): Promise<void> {
    await this.transport.request('PATCH', path, { body, contentType: mergePatch });
  }

  /** Asks for the deletion and does not wait for the end; what is not there is well. */
  async delete(path: string): Promise<void> {
    try {
      await this.transport.request('DELETE', path);
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
  }

  /** All objects of a kind, in all namespaces: by plural, or by path where the kind is unknown here. */
  async list<T>(kind: string): Promise<readonly T[]> {
    const path = kind.startsWith('/') ? kind : `${otherApis[kind] ?? api}/${kind}`;
    const found: unknown[] = [];
    let next: string | undefined;
    do {
      const page: Page = await this.page(path, pageLimit, next);
      found.push(...page.items);
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
    return found as T[];
  }

  /** `next`: where the page before has ended. */
  page(path: string, limit: number, next: string | undefined): Promise<Page> {
    return this.transport.request('GET', path, { query: { limit, continue: next } });
  }
}

/**
 * Whoever edits toys while the API server comes and goes, on a way of its own past the proxy. It tries until the server
 * has said that the write is there, and keeps the version that each write made: what a watch may not miss.
 */

import { loadEndpoint } from '../../operator/kube/endpoint.ts';
import { hasStatus, KubeError } from '../../operator/kube/errors.ts';
import { collectionPath, objectPath } from '../../operator/kube/paths.ts';
import { KubeTransport, mergePatch } from '../../operator/kube/transport.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { until } from '../control-plane/processes.ts';
import { testMetrics } from './metrics.ts';
import { toyInfo, toyManifest } from './toy-cluster.ts';

interface StoredObject {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}

/** The API server is gone, or says that it cannot now: a person would try again. */
function isOutage(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 0 || error.status >= 429);
}

export class ToyWriter {
  /** Versions that writes made, in the order of their answers. */
  readonly versions: string[] = [];
  /** Tries that found no server. */
  outages = 0;
  readonly #transport: KubeTransport;
  readonly #namespace: string;

  private constructor(transport: KubeTransport, namespace: string) {
    this.#transport = transport;
    this.#namespace = namespace;
  }

  static async in(namespace: string, plane: ControlPlane): Promise<ToyWriter> {
    const endpoint = await loadEndpoint(plane.kubeconfig);
    const transport = new KubeTransport(endpoint, { clock: systemClock, metrics: testMetrics() });
    return new ToyWriter(transport, namespace);
  }

  async create(name: string, size: number): Promise<void> {
    await this.#insist(`toy ${name} to be created`, async () => {
      const body = toyManifest(name, { size }, { namespace: this.#namespace });
      try {
        const path = collectionPath(toyInfo, this.#namespace);
        this.#keep(await this.#transport.request<StoredObject>('POST', path, { body }));
      } catch (error) {
        // An earlier try took effect, and its answer was lost.
        if (!hasStatus(error, 409)) throw error;
      }
    });
  }

  async resize(name: string, size: number): Promise<void> {
    await this.#insist(`toy ${name} to be changed`, async () => {
      const options = { body: { spec: { size } }, contentType: mergePatch };
      this.#keep(await this.#transport.request<StoredObject>('PATCH', this.#path(name), options));
    });
  }

  async delete(name: string): Promise<void> {
    await this.#insist(`toy ${name} to be deleted`, async () => {
      try {
        await this.#transport.request('DELETE', this.#path(name));
      } catch (error) {
        if (!hasStatus(error, 404)) throw error;
      }
    });
  }

  /** What the API server holds: name → version. */
  async stored(): Promise<ReadonlyMap<string, string>> {
    const path = collectionPath(toyInfo, this.#namespace);
    const { items } = await this.#transport.request<{ items: StoredObject[] }>('GET', path);
    return new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #path(name: string): string {
    return objectPath(toyInfo, this.#namespace, name);
  }

  #keep({ metadata }: StoredObject): void {
    this.versions.push(metadata.resourceVersion);
  }

  async #insist(what: string, write: () => Promise<void>): Promise<void> {
    const attempt = async (): Promise<boolean> => {
      try {
        await write();
        return true;
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.outages += 1;
        return false;
      }
    };
    // Longer than an outage of etcd, of which a write may learn only after a minute.
    await until(what, attempt, { timeoutMs: 180_000, everyMs: 100 });
  }
}

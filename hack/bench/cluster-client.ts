/** What benchmarks do to the API server themselves, by thousands, over our own pooled transport. */
import type { Resource } from '../../operator/core/resource.ts';
import { loadEndpoint } from '../../operator/kube/endpoint.ts';
import { jsonLines } from '../../operator/kube/lines.ts';
import { KubeTransport, mergePatch } from '../../operator/kube/transport.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import { createMetrics } from '../../operator/runtime/metrics.ts';
import { isReady } from '../demo/objects.ts';

export const api = '/apis/m365-operator.io/v1alpha1';
/** How many of them at once. */
export const requestsInFlight = 16;
const pageLimit = 500;
/** Longer than any benchmark. */
const watchSeconds = 7_200;

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Resource[];
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

  /** All objects of a kind, in all namespaces. */
  async list<R extends Resource>(plural: string): Promise<readonly R[]> {
    const found: Resource[] = [];
    let next: string | undefined;
    do {
      const page: Page = await this.#page(plural, pageLimit, next);
      found.push(...page.items);
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
    return found as R[];
  }

  /** From now on, objects whose names begin so. */
  async watchReady(plural: string, prefix: string): Promise<ReadyWatch> {
    const { metadata } = await this.#page(plural, 1, undefined);
    const abort = new AbortController();
    const stream = await this.transport.stream(`${api}/${plural}`, {
      query: { watch: 1, resourceVersion: metadata.resourceVersion, timeoutSeconds: watchSeconds },
      signal: abort.signal,
    });
    return new ReadyWatch(stream, { abort, prefix });
  }

  #page(plural: string, limit: number, next: string | undefined): Promise<Page> {
    return this.transport.request('GET', `${api}/${plural}`, { query: { limit, continue: next } });
  }
}

/** Which objects became Ready since it began, and when. Costs the API server one encoding that other watches share. */
export class ReadyWatch {
  readonly #abort: AbortController;
  readonly #prefix: string;
  readonly #readyAtMs = new Map<string, number>();
  #failure: Error | undefined;

  constructor(
    stream: AsyncIterable<Buffer>,
    { abort, prefix }: { readonly abort: AbortController; readonly prefix: string },
  ) {
    this.#abort = abort;
    this.#prefix = prefix;
    this.#read(stream).catch((error: unknown) => {
      if (!abort.signal.aborted) this.#failure = new Error('the watch broke', { cause: error });
    });
  }

  /** Throws where the watch broke: it would count too few for ever. */
  get count(): number {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#readyAtMs.size;
  }

  /** `performance.now()` of each object's first Ready, in order. */
  get timesMs(): readonly number[] {
    return [...this.#readyAtMs.values()];
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(stream: AsyncIterable<Buffer>): Promise<void> {
    for await (const line of jsonLines(stream, () => undefined)) {
      const { type, object } = line as { type: string; object: Resource };
      if (type === 'ERROR') throw new Error(`the watch failed: ${JSON.stringify(object)}`);
      if (!object.metadata.name.startsWith(this.#prefix)) continue;
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      if (isReady(object) && !this.#readyAtMs.has(key)) this.#readyAtMs.set(key, performance.now());
    }
    throw new Error('the watch ended');
  }
}

/** Runs `work` on each item, at most `width` at once. */
export async function each<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

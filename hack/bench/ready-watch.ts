/** Watching many objects reach a state. */
import type { Resource } from '../../operator/core/resource.ts';
import { jsonLines } from '../../operator/kube/lines.ts';
import { api, type ClusterClient } from '../control-plane/cluster-client.ts';
import { isReady } from '../demo/objects.ts';

/** Longer than any benchmark. */
const watchSeconds = 7_200;

type Holds = (object: Resource) => boolean;

/** From now on, objects whose names begin so, until they are Ready; with `holds` until that is so. */
export async function watchReady(
  client: ClusterClient,
  plural: string,
  prefix: string,
  holds: Holds = isReady,
): Promise<ReadyWatch> {
  const path = `${api}/${plural}`;
  const { metadata } = await client.page(path, 1, undefined);
  const abort = new AbortController();
  const stream = await client.transport.stream(path, {
    query: { watch: 1, resourceVersion: metadata.resourceVersion, timeoutSeconds: watchSeconds },
    signal: abort.signal,
  });
  return new ReadyWatch(stream, { abort, prefix, holds });
}

/** Which objects became Ready since it began, and when. Costs the API server one encoding that other watches share. */
export class ReadyWatch {
  readonly #abort: AbortController;
  readonly #prefix: string;
  readonly #holds: Holds;
  readonly #readyAtMs = new Map<string, number>();
  #failure: Error | undefined;

  constructor(
    stream: AsyncIterable<Buffer>,
    given: { readonly abort: AbortController; readonly prefix: string; readonly holds: Holds },
  ) {
    this.#abort = given.abort;
    this.#prefix = given.prefix;
    this.#holds = given.holds;
    this.#read(stream).catch((error: unknown) => {
      if (!given.abort.signal.aborted)
        this.#failure = new Error('the watch broke', { cause: error });
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

  /** `performance.now()` of an object's first; undefined before. */
  atMs(namespace: string, name: string): number | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#readyAtMs.get(`${namespace}/${name}`);
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
      if (this.#holds(object) && !this.#readyAtMs.has(key))
        this.#readyAtMs.set(key, performance.now());
    }
    throw new Error('the watch ended');
  }
}

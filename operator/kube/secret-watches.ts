/**
 * Watches the Secrets that objects refer to, each by its name and without its data: whoever refers to one is woken when
 * others change it, so that a rotated credential works within seconds. Needs the right to `watch`, no right to list;
 * where it lacks, a Secret is read each time it is used, and a change is seen at the next look.
 */
import { kindOf, type ObjectKey, parseKey, type Resource } from '../core/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { ObjectCache } from './cache.ts';
import { Reflector, type Sink } from './reflector.ts';
import { secretInfo } from './secrets.ts';
import type { ApiClient } from './transport.ts';

interface SecretWatchesDeps {
  readonly transport: ApiClient;
  readonly cache: ObjectCache;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'watchRestarts'>;
}

interface Watch {
  readonly reflector: Reflector;
  readonly stop: AbortController;
  readonly run: Promise<void>;
  readonly edits: Edits;
  /** Objects that refer to it. */
  references: number;
}

export class SecretWatches {
  readonly #deps: SecretWatchesDeps;
  readonly #watches = new Map<ObjectKey, Watch>();
  #unsubscribe: () => void = () => undefined;

  constructor(deps: SecretWatchesDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { cache } = this.#deps;
    const secretsOf = (resource: Resource | undefined): readonly ObjectKey[] =>
      resource === undefined ? [] : cache.referencesOf(resource).filter(isSecret);
    this.#unsubscribe = cache.subscribe(({ old, new: now }) => {
      for (const key of secretsOf(now)) this.#add(key);
      for (const key of secretsOf(old)) this.#remove(key);
    });
  }

  /** Its newest version; undefined where nobody would tell of a newer one. */
  version(key: ObjectKey): string | undefined {
    if (this.#watches.get(key)?.reflector.isWatching !== true) return undefined;
    return this.#deps.cache.get(key)?.metadata.resourceVersion;
  }

  /** Runs a write of ours, which returns the version that it made: that one is news to nobody. */
  async writing(key: ObjectKey, write: () => Promise<string | undefined>): Promise<void> {
    const edits = this.#watches.get(key)?.edits;
    edits?.begin();
    let version: string | undefined;
    try {
      version = await write();
    } finally {
      edits?.end(version);
    }
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    const watches = [...this.#watches.values()];
    for (const { stop } of watches) stop.abort(stopped());
    await Promise.all(watches.map(({ run }) => run));
  }

  #add(key: ObjectKey): void {
    const known = this.#watches.get(key);
    if (known !== undefined) {
      known.references += 1;
      return;
    }
    const { namespace, name } = parseKey(key);
    const stop = new AbortController();
    const edits = new Edits(this.#deps.cache.sink(secretInfo.kind, namespace, name));
    const reflector = new Reflector(
      {
        info: secretInfo,
        namespace,
        labelSelector: undefined,
        fieldSelector: `metadata.name=${name}`,
        isMetadataOnly: true,
        sink: edits,
      },
      this.#deps,
    );
    const run = this.#run(reflector, stop.signal);
    this.#watches.set(key, { reflector, stop, run, edits, references: 1 });
  }

  /** A watch that ends for good is a fault of ours: the Secret is read each time it is used from then on. */
  async #run(reflector: Reflector, signal: AbortSignal): Promise<void> {
    try {
      await reflector.run(signal);
    } catch (error) {
      this.#deps.log.error({ error }, 'the watch on a Secret ended for good');
    }
  }

  #remove(key: ObjectKey): void {
    const watch = this.#watches.get(key);
    if (watch === undefined) return;
    watch.references -= 1;
    if (watch.references > 0) return;
    this.#watches.delete(key);
    watch.stop.abort(stopped());
    const gone = this.#deps.cache.get(key);
    const { namespace, name } = parseKey(key);
    if (gone !== undefined) this.#deps.cache.sink(secretInfo.kind, namespace, name).remove(gone);
  }
}

function stopped(): DOMException {
  return new DOMException('nobody refers to the Secret any more', 'AbortError');
}

function isSecret(key: ObjectKey): boolean {
  return kindOf(key) === secretInfo.kind;
}

/**
 * Counts the edits of others as generations, which a Secret has none of: what refers to it is woken by those, and by no
 * write of ours.
 */
class Edits implements Sink {
  readonly #sink: Sink;
  /** Versions that we made, until the watch has told of them. */
  readonly #own = new Set<string>();
  #writing = 0;
  /** Told while a write of ours had no answer: whose they are shows with it. */
  #held: Resource[] = [];
  #generation = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  begin(): void {
    this.#writing += 1;
  }

  end(version: string | undefined): void {
    this.#writing -= 1;
    if (version !== undefined) this.#own.add(version);
    if (this.#writing > 0) return;
    for (const resource of this.#held.splice(0)) this.upsert(resource);
  }

  replace(resources: readonly Resource[], version: string, isRewound?: boolean): void {
    this.#held = [];
    this.#sink.replace(
      resources.map((resource) => this.#counted(resource)),
      version,
      isRewound,
    );
  }

  upsert(resource: Resource): void {
    if (this.#writing > 0) this.#held.push(resource);
    else this.#sink.upsert(this.#counted(resource));
  }

  remove(resource: Resource): void {
    this.#held = [];
    this.#sink.remove(resource);
  }

  #counted(resource: Resource): Resource {
    const { metadata } = resource;
    if (!this.#own.delete(metadata.resourceVersion)) this.#generation += 1;
    return { ...resource, metadata: { ...metadata, generation: this.#generation } };
  }
}

/**
 * Watches the Secrets that objects refer to, each by its name and without its data: whoever refers to one is woken when
 * it changes, so that a rotated credential works within seconds. Needs the right to `watch`, no right to list; where
 * it lacks, a Secret is read each time it is used, and a change is seen at the next look.
 */
import { type ObjectKey, parseKey, type Resource } from '../core/resource.ts';
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
    const reflector = new Reflector(
      {
        info: secretInfo,
        namespace,
        labelSelector: undefined,
        fieldSelector: `metadata.name=${name}`,
        isMetadataOnly: true,
        sink: withVersionAsGeneration(this.#deps.cache.sink(secretInfo.kind, namespace, name)),
      },
      this.#deps,
    );
    const run = reflector.run(stop.signal);
    this.#watches.set(key, { reflector, stop, run, references: 1 });
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
  return parseKey(key).kind === secretInfo.kind;
}

function withVersionAsGeneration(sink: Sink): Sink {
  return {
    replace: (resources, ...more) => sink.replace(resources.map(edited), ...more),
    upsert: (resource) => sink.upsert(edited(resource)),
    remove: (resource) => sink.remove(resource),
  };
}

/** A Secret has no generation: each of its versions is an edit, for those that refer to it. */
function edited(resource: Resource): Resource {
  const generation = Number(resource.metadata.resourceVersion);
  return { ...resource, metadata: { ...resource.metadata, generation } };
}

/**
 * Keeps a sink equal to what the API server holds, for one kind and scope, after client-go's reflector: list in pages,
 * then watch from there; a cut watch goes on where it stopped; what cannot go on (410, a line that makes no sense)
 * starts over with a list. It never gives up: every failure waits longer, up to 30 s.
 */
import type { Resource } from '../core/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { Backoff } from './backoff.ts';
import { hasStatus, KubeError } from './errors.ts';
import { jsonLines, MalformedLineError } from './lines.ts';
import { collectionPath, type KindInfo } from './paths.ts';
import type { ApiClient, Query } from './transport.ts';
import { toResource } from './wire.ts';

export interface Sink {
  /** Everything there is, at `version`: what is not in it is gone. */
  replace(resources: readonly Resource[], version: string): void;
  upsert(resource: Resource): void;
  remove(resource: Resource): void;
}

interface ReflectorOptions {
  readonly info: KindInfo;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  /** Names, labels and annotations only. */
  readonly isMetadataOnly?: boolean;
  readonly sink: Sink;
}

interface ReflectorDeps {
  readonly transport: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'watchRestarts'>;
}

const pageSizeMax = 500;
/** The server ends a watch after this, doubled by chance, so that watches spread over its replicas. */
const watchMinSeconds = 300;
/** Bookmarks come about once a minute: a connection silent for longer is taken for dead. */
const idleMaxMs = 150_000;
/** A watch that ends sooner, and told nothing, is a failure. */
const watchShortMs = 1_000;
/** Pages of one list; 500 objects each. */
const pagesMax = 10_000;

interface ListBody {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[];
}

interface WatchEvent {
  readonly type?: unknown;
  readonly object?: unknown;
}

/** Why a watch ended. `over`: start over with a list. */
type End = 'resume' | 'over';

export class Reflector {
  /** Resolves when the first list is in the sink. */
  readonly synced: Promise<void>;
  readonly #options: ReflectorOptions;
  readonly #deps: ReflectorDeps;
  readonly #path: string;
  readonly #log: Log;
  readonly #backoff: Backoff;
  #onSynced: () => void = () => undefined;
  #isSynced = false;
  #version = '';

  constructor(options: ReflectorOptions, deps: ReflectorDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#path = collectionPath(options.info, options.namespace);
    this.#log = deps.log.child({ kind: options.info.kind, namespace: options.namespace });
    this.#backoff = new Backoff(deps.clock);
    this.synced = new Promise((resolve) => {
      this.#onSynced = resolve;
    });
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Resolves once the signal is aborted, never before. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#list(signal);
        this.#isSynced = true;
        this.#onSynced();
        await this.#watch(signal);
        await this.#backoff.wait(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, 'list', signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const resources: Resource[] = [];
    let next: string | undefined;
    let version = '';
    for (let page = 0; page < pagesMax; page++) {
      const query = { ...this.#selector(), limit: pageSizeMax, continue: next };
      const accept = this.#accept('List');
      const body = await this.#deps.transport.request<ListBody>('GET', this.#path, {
        query,
        accept,
        signal,
      });
      for (const item of body.items ?? []) resources.push(this.#toResource(item));
      version = body.metadata?.resourceVersion ?? '';
      next = body.metadata?.continue;
      if (next === undefined || next === '') break;
    }
    this.#options.sink.replace(resources, version);
    this.#version = version;
  }

  /** Returns when a list is needed. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    for (;;) {
      signal.throwIfAborted();
      const startedMs = clock.monotonicMs();
      const from = this.#version;
      const end = await this.#watchOnce(signal);
      if (end === 'over') return;
      const isFine = from !== this.#version || clock.monotonicMs() - startedMs > watchShortMs;
      if (isFine) this.#backoff.reset();
      else await this.#backoff.wait(signal);
    }
  }

  async #watchOnce(signal: AbortSignal): Promise<End> {
    const watchdog = new AbortController();
    const { clock, transport } = this.#deps;
    const arm = () => clock.setTimer(idleMaxMs, () => watchdog.abort());
    let timer = arm();
    const onChunk = (): void => {
      timer.cancel();
      timer = arm();
    };
    try {
      const stream = await transport.stream(this.#path, {
        query: this.#watchQuery(),
        accept: this.#accept(''),
        signal: AbortSignal.any([signal, watchdog.signal]),
      });
      for await (const event of jsonLines(stream, onChunk)) {
        if (this.#take(event as WatchEvent) === 'over') return 'over';
      }
      return 'resume';
    } catch (error) {
      if (signal.aborted) throw error;
      return await this.#endOf(error, signal);
    } finally {
      timer.cancel();
      // Ends the connection where the loop was left in the middle of the stream.
      watchdog.abort();
    }
  }

  async #endOf(error: unknown, signal: AbortSignal): Promise<End> {
    if (hasStatus(error, 410, 404)) return this.#startOver('expired');
    if (error instanceof MalformedLineError) {
      this.#log.warn({ error }, 'a watch told something that makes no sense: listing again');
      return this.#startOver('malformed');
    }
    if (error instanceof KubeError) await this.#recover(error, 'watch', signal);
    else this.#log.debug({ error }, 'a watch was cut off');
    return 'resume';
  }

  #startOver(cause: string): End {
    this.#deps.metrics.watchRestarts.inc({ kind: this.#options.info.kind, cause });
    return 'over';
  }

  #take({ type, object }: WatchEvent): End {
    if (type === 'ERROR') return this.#takeError(object);
    if (type === 'BOOKMARK') {
      const { metadata } = (object ?? {}) as ListBody;
      this.#version = metadata?.resourceVersion ?? this.#version;
      return 'resume';
    }
    const resource = this.#toResource(object);
    const { sink } = this.#options;
    if (type === 'ADDED' || type === 'MODIFIED') sink.upsert(resource);
    else if (type === 'DELETED') sink.remove(resource);
    else throw new MalformedLineError('an event of an unknown type');
    this.#version = resource.metadata.resourceVersion;
    return 'resume';
  }

  /** The API server ends a watch in words: it lost its place (410), or it fails. */
  #takeError(object: unknown): End {
    const { code, message } = (object ?? {}) as { code?: unknown; message?: unknown };
    if (code !== 410) this.#log.warn({ code, error: message }, 'the API server ended a watch');
    return this.#startOver(code === 410 ? 'expired' : 'error');
  }

  async #recover(error: unknown, during: string, signal: AbortSignal): Promise<void> {
    const { info } = this.#options;
    this.#deps.metrics.watchRestarts.inc({ kind: info.kind, cause: during });
    this.#log.warn({ error, during }, adviceFor(error, info));
    const atLeastMs = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    try {
      await this.#backoff.wait(signal, atLeastMs);
    } catch (aborted) {
      if (!signal.aborted) throw aborted;
    }
  }

  #toResource(raw: unknown): Resource {
    const resource = toResource(this.#options.info, raw);
    if (resource === undefined) throw new MalformedLineError('this is not an object');
    return resource;
  }

  #selector(): Query {
    return { labelSelector: this.#options.labelSelector };
  }

  #watchQuery(): Query {
    const timeoutSeconds = Math.round(watchMinSeconds * (1 + this.#deps.clock.random()));
    const resourceVersion = this.#version;
    const bookmarks = { allowWatchBookmarks: true, timeoutSeconds };
    return { ...this.#selector(), ...bookmarks, watch: true, resourceVersion };
  }

  #accept(suffix: 'List' | ''): string {
    if (this.#options.isMetadataOnly !== true) return 'application/json';
    return `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1`;
  }
}

function adviceFor(error: unknown, info: KindInfo): string {
  if (hasStatus(error, 404))
    return `${info.plural} are not known to the API server: install the CRDs`;
  if (hasStatus(error, 401, 403)) return `the operator may not list and watch ${info.plural}`;
  return `${info.plural} cannot be listed or watched now; trying again`;
}

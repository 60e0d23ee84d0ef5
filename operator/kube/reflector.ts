/**
 * Keeps a sink equal to what the API server holds, for one kind and scope, after client-go's reflector: the first list
 * comes as a stream that goes on as the watch (KEP-3157), or in pages where the API server has no streams; a cut watch
 * goes on where it stopped; what cannot go on (410, a line that makes no sense) starts over. It never gives up: every
 * failure waits longer, up to 30 s.
 */
import type { Resource } from '../core/resource.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { Backoff } from './backoff.ts';
import { hasStatus, KubeError } from './errors.ts';
import { jsonLines, MalformedLineError } from './lines.ts';
import { pagesOf } from './pages.ts';
import { collectionPath, type KindInfo } from './paths.ts';
import type { ApiClient, Query } from './transport.ts';
import { resourceOf, type WatchEvent, watchEventOf } from './watch-events.ts';
import { isOlder } from './wire.ts';

export interface Sink {
  /**
   * Everything there is, at `version`: what is not in it is gone. `isRewound`: the API server holds an older state than
   * it told before (etcd was restored from a backup), and that is the truth now.
   */
  replace(resources: readonly Resource[], version: string, isRewound?: boolean): void;
  /** One of a list that is still coming, and that `replace` will hold; so that not all work is left for its end. */
  arrive?(resource: Resource): void;
  upsert(resource: Resource): void;
  remove(resource: Resource): void;
}

interface ReflectorOptions {
  readonly info: KindInfo;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly fieldSelector?: string | undefined;
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

/** The server ends a watch after this, doubled by chance, so that watches spread over its replicas. */
const watchMinSeconds = 300;
/** Bookmarks come about once a minute: a connection silent for longer is taken for dead. */
const idleMaxMs = 150_000;
/** A watch that ends sooner, and told nothing, is a failure. */
const watchShortMs = 1_000;

/** How a watch ended. `over`: where it stopped is lost; start over with a list. An error: go on, but not at once. */
type End = 'resume' | 'over' | KubeError;

/** Answers of an API server that has no streamed lists, or has them switched off. */
const streamRefusals = [400, 405, 406, 415, 422];

export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #deps: ReflectorDeps;
  readonly #path: string;
  readonly #log: Log;
  readonly #backoff: Backoff;
  readonly #synced = Promise.withResolvers<undefined>();
  #isSynced = false;
  #isWatching = false;
  /** From where a watch goes on. Empty: nowhere, a list is needed. */
  #version = '';
  /** The newest that was ever told. */
  #newest = '';
  #hasStreams = true;
  /** Monotonic: when the list that is coming, and the one that is in the sink, were asked for. */
  #askedMs = Number.NEGATIVE_INFINITY;
  #listedMs = Number.NEGATIVE_INFINITY;
  #activeMs: number;
  #watchdog = new AbortController();
  #onListed: (() => void)[] = [];
  /** The next list need not wait: nothing has failed. */
  #isHurried = false;

  constructor(options: ReflectorOptions, deps: ReflectorDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#path = collectionPath(options.info, options.namespace);
    this.#log = deps.log.child({ kind: options.info.kind, namespace: options.namespace });
    this.#backoff = new Backoff(deps.clock);
    this.#activeMs = deps.clock.monotonicMs();
  }

  /** Resolves when the first list is in the sink. */
  get synced(): Promise<unknown> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** It would hear of a change now. */
  get isWatching(): boolean {
    return this.#isWatching;
  }

  /** Monotonic: when it last asked for or heard anything. It never rests for longer than `idleMaxMs`. */
  get activeMs(): number {
    return this.#activeMs;
  }

  /** Resolves when the sink holds a list that was asked for at `sinceMs` (monotonic) or later. */
  async fresh(sinceMs: number): Promise<void> {
    while (this.#listedMs < sinceMs) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#onListed.push(() => resolve(undefined));
      if (this.#askedMs < sinceMs) this.#listAgain();
      await promise;
    }
  }

  /** Resolves once the signal is aborted, never before. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#listAndWatch(signal);
        if (!this.#isHurried) await this.#backoff.wait(signal);
        this.#isHurried = false;
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, 'list', signal);
      }
    }
  }

  /** Returns when it has to start over. */
  async #listAndWatch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    this.#askedMs = clock.monotonicMs();
    this.#version = '';
    if (!this.#hasStreams) await this.#listInPages(signal);
    for (;;) {
      signal.throwIfAborted();
      // Lines that had come already may have moved the version on after a list was asked for.
      if (this.#isHurried) return;
      const startedMs = clock.monotonicMs();
      const from = this.#version;
      const end = await this.#watchOnce(signal);
      if (end === 'over') return;
      if (end !== 'resume') {
        await this.#recover(end, 'watch', signal);
        continue;
      }
      const isFine = from !== this.#version || clock.monotonicMs() - startedMs > watchShortMs;
      if (isFine) this.#backoff.reset();
      else await this.#backoff.wait(signal);
    }
  }

  async #listInPages(signal: AbortSignal): Promise<void> {
    const { info, labelSelector, fieldSelector } = this.#options;
    const query = { labelSelector, fieldSelector };
    const scope = { path: this.#path, query, accept: this.#accept('List') };
    const arriving: Resource[] = [];
    for await (const page of pagesOf(this.#deps.transport, scope, signal)) {
      this.#activeMs = this.#deps.clock.monotonicMs();
      for (const item of page.items) this.#arrive(arriving, resourceOf(info, item));
      if (page.isLast) this.#replace(arriving, page.version);
    }
  }

  #arrive(arriving: Resource[], resource: Resource): void {
    arriving.push(resource);
    const { resourceVersion } = resource.metadata;
    if (isOlder(this.#newest, resourceVersion)) this.#newest = resourceVersion;
    this.#options.sink.arrive?.(resource);
  }

  #replace(resources: readonly Resource[], version: string): void {
    const isRewound = this.#newest !== '' && isOlder(version, this.#newest);
    if (isRewound) {
      this.#newest = '';
      this.#log.warn({}, 'the API server went back to an older state, and is believed');
    }
    this.#options.sink.replace(resources, version, isRewound);
    this.#advance(version);
    this.#listedMs = this.#askedMs;
    this.#isSynced = true;
    this.#synced.resolve(undefined);
    for (const tell of this.#onListed.splice(0)) tell();
  }

  #advance(version: string): void {
    this.#version = version;
    if (isOlder(this.#newest, version)) this.#newest = version;
  }

  async #watchOnce(signal: AbortSignal): Promise<End> {
    const { clock, transport } = this.#deps;
    const watchdog = new AbortController();
    this.#watchdog = watchdog;
    const onChunk = (): void => {
      this.#activeMs = clock.monotonicMs();
    };
    // One timer for thousands of chunks: those that came meanwhile are looked at when it fires.
    const arm = (delayMs: number): Timer =>
      clock.setTimer(delayMs, () => {
        const leftMs = this.#activeMs + idleMaxMs - clock.monotonicMs();
        if (leftMs > 0) timer = arm(leftMs);
        else watchdog.abort();
      });
    onChunk();
    let timer = arm(idleMaxMs);
    try {
      const stream = await transport.stream(this.#path, {
        query: this.#watchQuery(),
        accept: this.#accept(''),
        signal: AbortSignal.any([signal, watchdog.signal]),
      });
      this.#isWatching = true;
      return await this.#read(jsonLines(stream, onChunk));
    } catch (error) {
      if (signal.aborted) throw error;
      return this.#endOf(error);
    } finally {
      this.#isWatching = false;
      timer.cancel();
      // Ends the connection where the loop was left in the middle of the stream.
      watchdog.abort();
    }
  }

  async #read(lines: AsyncIterable<unknown>): Promise<End> {
    const { info } = this.#options;
    // Undefined: the watch goes on from a version, there is no list in it.
    let arriving: Resource[] | undefined = this.#version === '' ? [] : undefined;
    for await (const line of lines) {
      const event = watchEventOf(info, line);
      if (arriving === undefined) {
        if (this.#take(event) === 'over') return 'over';
      } else if (event.type === 'upsert') {
        this.#arrive(arriving, event.resource);
      } else if (event.type === 'bookmark' && event.isInitialEnd) {
        this.#replace(arriving, event.version);
        arriving = undefined;
      } else if (event.type === 'error') {
        return this.#ended(event);
      }
    }
    return this.#version === '' ? 'over' : 'resume';
  }

  #take(event: WatchEvent): End {
    const { sink } = this.#options;
    switch (event.type) {
      case 'error':
        return this.#ended(event);
      case 'bookmark':
        this.#advance(event.version);
        return 'resume';
      case 'upsert':
        sink.upsert(event.resource);
        break;
      case 'remove':
        sink.remove(event.resource);
        break;
      default:
        event satisfies never;
    }
    this.#advance(event.resource.metadata.resourceVersion);
    return 'resume';
  }

  #ended({ code, message }: WatchEvent & { readonly type: 'error' }): End {
    if (code !== 410) this.#log.warn({ code, error: message }, 'the API server ended a watch');
    return this.#startOver(code === 410 ? 'expired' : 'error');
  }

  /** Throws where there is not even a list yet. */
  #endOf(error: unknown): End {
    if (this.#version === '' && hasStatus(error, ...streamRefusals)) {
      this.#log.info({}, 'the API server has no streamed lists: listing in pages');
      this.#hasStreams = false;
      return this.#listAgain();
    }
    if (hasStatus(error, 410, 404)) return this.#startOver('expired');
    if (error instanceof MalformedLineError) {
      this.#log.warn({ error }, 'a watch told something that makes no sense: listing again');
      return this.#startOver('malformed');
    }
    if (error instanceof KubeError) {
      if (this.#version === '') throw error;
      return error;
    }
    this.#log.debug({ error }, 'a watch was cut off');
    return this.#version === '' ? 'over' : 'resume';
  }

  #startOver(cause: string): End {
    this.#deps.metrics.watchRestarts.inc({ kind: this.#options.info.kind, cause });
    this.#version = '';
    return 'over';
  }

  #listAgain(): End {
    this.#isHurried = true;
    this.#version = '';
    this.#watchdog.abort();
    return 'over';
  }

  async #recover(error: unknown, during: string, signal: AbortSignal): Promise<void> {
    const { info } = this.#options;
    this.#deps.metrics.watchRestarts.inc({ kind: info.kind, cause: during });
    this.#log.warn({ error, during }, adviceFor(error, info));
    const toldMs = error instanceof KubeError ? error.retryAfterMs : undefined;
    try {
      await this.#backoff.wait(signal, toldMs);
    } catch (aborted) {
      if (!signal.aborted) throw aborted;
    }
  }

  #watchQuery(): Query {
    const { labelSelector, fieldSelector } = this.#options;
    const timeoutSeconds = Math.round(watchMinSeconds * (1 + this.#deps.clock.random()));
    const watch = { watch: true, allowWatchBookmarks: true, timeoutSeconds };
    const from =
      this.#version === ''
        ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: this.#version };
    return { labelSelector, fieldSelector, ...watch, ...from };
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

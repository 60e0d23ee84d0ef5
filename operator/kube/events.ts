/**
 * Writes events (events.k8s.io/v1) in the background, after client-go's recorder: equal events become a series, an object
 * that talks too much is cut short, and what cannot be written in the end is counted and dropped. Events are for people who
 * look; the audit log is the record.
 */
import type { EventRecord, EventRecorder } from '../core/ports.ts';
import type { Resource } from '../core/resource.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { hasStatus } from './errors.ts';
import { collectionPath, type KindInfo, objectPath } from './paths.ts';
import { microTime } from './time.ts';
import { type ApiClient, mergePatch } from './transport.ts';

const events: KindInfo = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
};

/** Writes that wait; more are dropped: a burst must not cost memory without bound. */
const queueMax = 1_000;
const inFlightMax = 4;
const noteMaxChars = 1_000;
/** A series without news for so long is closed with its last count (client-go: 6 min). */
const seriesIdleMs = 6 * 60_000;
/** One that goes on is written again after so long (client-go: 30 min): events are forgotten after an hour. */
const seriesRefreshMs = 30 * 60_000;
/** Tries of one write, and the wait between them while the API server is away (client-go: 12, 10 s). */
const triesMax = 12;
const retryMs = 10_000;
/** An orderly stop waits so long for what is not written yet. */
const closeMaxMs = 2_000;
/** Per object: so many at once, then one in five minutes (client-go's correlator). */
const burstMax = 25;
const refillMs = 300_000;
/** Objects and series that are remembered (client-go: 4,096). */
const rememberedMax = 4_096;
/** DNS subdomain. */
const nameMaxChars = 253;

interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly created: Promise<void>;
  count: number;
  writtenCount: number;
  writtenMs: number;
  lastMs: number;
}

interface Write {
  readonly send: () => Promise<void>;
  /** It was written, or never will be. */
  readonly onEnd: () => void;
  tries: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

interface EventDeps {
  readonly transport: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'eventsDropped'>;
  /** `reportingInstance`: this process. */
  readonly identity: string;
}

const reportingController = 'm365-operator.io/operator';

export class KubeEventRecorder implements EventRecorder {
  readonly #deps: EventDeps;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #queue: Write[] = [];
  readonly #stop = new AbortController();
  #running = 0;
  #sweep: Timer | undefined;
  #names = 0;
  #idle: (() => void)[] = [];

  constructor(deps: EventDeps) {
    this.#deps = deps;
  }

  record(resource: Resource, event: EventRecord): void {
    const nowMs = this.#deps.clock.nowMs();
    const id = [resource.metadata.uid, event.type, event.reason, event.action].join('\n');
    const series = this.#series.get(id);
    if (series !== undefined && nowMs - series.lastMs < seriesIdleMs) {
      this.#repeat(series, nowMs);
      return;
    }
    if (!this.#takeToken(resource.metadata.uid, nowMs)) {
      this.#deps.metrics.eventsDropped.inc({ reason: 'RateLimited' });
      return;
    }
    this.#begin(id, resource, event, nowMs);
  }

  /** Resolves when everything recorded so far is written or dropped. */
  flush(): Promise<void> {
    if (this.#running === 0 && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** Writes the last counts of open series, then what waits; what an API server that is away does not take is lost. */
  async close(): Promise<void> {
    this.#sweep?.cancel();
    for (const series of this.#series.values()) this.#writeCount(series);
    this.#series.clear();
    const timer = this.#deps.clock.setTimer(closeMaxMs, () => this.#stop.abort());
    await this.flush();
    timer.cancel();
  }

  #begin(id: string, resource: Resource, event: EventRecord, nowMs: number): void {
    const { namespace, name: regarding } = resource.metadata;
    const name = this.#nameFor(regarding, nowMs);
    const settled = Promise.withResolvers<undefined>();
    // Events of objects without a namespace go where Kubernetes puts them: `default`.
    const home = namespace === '' ? 'default' : namespace;
    const body = this.#bodyOf(resource, event, { name, namespace: home, nowMs });
    const isQueued = this.#enqueue(
      () => this.#create(collectionPath(events, home), body),
      () => settled.resolve(undefined),
    );
    if (!isQueued) return;
    const created = settled.promise;
    const counts = { count: 1, writtenCount: 1, writtenMs: nowMs, lastMs: nowMs };
    const series = { namespace: home, name, created, ...counts };
    remember(this.#series, id, series);
    this.#armSweep();
  }

  /** The second makes it a series; those after it are only counted, and written when it ends. */
  #repeat(series: Series, nowMs: number): void {
    series.count += 1;
    series.lastMs = nowMs;
    if (series.writtenCount === 1) this.#writeCount(series);
  }

  #writeCount(series: Series): void {
    const { namespace, name, count, lastMs } = series;
    if (series.writtenCount === count) return;
    series.writtenCount = count;
    series.writtenMs = this.#deps.clock.nowMs();
    this.#enqueue(async () => {
      await series.created;
      const path = objectPath(events, namespace, name);
      const body = { series: { count, lastObservedTime: microTime(lastMs) } };
      const { signal } = this.#stop;
      const options = { body, contentType: mergePatch, isRepeatable: true, signal };
      await this.#deps.transport.request('PATCH', path, options);
    });
  }

  /** Its name is ours: one that is there already was made by a try before, whose answer was lost. */
  async #create(path: string, body: object): Promise<void> {
    try {
      const { signal } = this.#stop;
      await this.#deps.transport.request('POST', path, { body, isRepeatable: true, signal });
    } catch (error) {
      if (!hasStatus(error, 409)) throw error;
    }
  }

  #bodyOf(
    resource: Resource,
    event: EventRecord,
    { name, namespace, nowMs }: { name: string; namespace: string; nowMs: number },
  ): object {
    const { apiVersion, kind, metadata } = resource;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace },
      eventTime: microTime(nowMs),
      reportingController,
      reportingInstance: this.#deps.identity.slice(0, 128),
      type: event.type,
      reason: event.reason,
      action: event.action,
      note: event.note.slice(0, noteMaxChars),
      regarding: {
        apiVersion,
        kind,
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
    };
  }

  #nameFor(regarding: string, nowMs: number): string {
    this.#names += 1;
    const random = Math.floor(this.#deps.clock.random() * 2 ** 32).toString(16);
    const suffix = `.${nowMs.toString(16)}${random}${this.#names.toString(16)}`;
    return regarding.slice(0, nameMaxChars - suffix.length) + suffix;
  }

  #takeToken(uid: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(uid) ?? { tokens: burstMax, atMs: nowMs };
    const refilled = Math.floor((nowMs - bucket.atMs) / refillMs);
    bucket.tokens = Math.min(burstMax, bucket.tokens + refilled);
    bucket.atMs += refilled * refillMs;
    remember(this.#buckets, uid, bucket);
    if (bucket.tokens === 0) return false;
    bucket.tokens -= 1;
    return true;
  }

  #enqueue(send: () => Promise<void>, onEnd: () => void = () => undefined): boolean {
    if (this.#queue.length >= queueMax) {
      this.#deps.metrics.eventsDropped.inc({ reason: 'QueueFull' });
      return false;
    }
    this.#queue.push({ send, onEnd, tries: 0 });
    if (this.#running < inFlightMax) void this.#drain();
    return true;
  }

  async #drain(): Promise<void> {
    this.#running += 1;
    for (let write = this.#queue.shift(); write !== undefined; write = this.#queue.shift()) {
      await this.#attempt(write);
    }
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #attempt(write: Write): Promise<void> {
    write.tries += 1;
    try {
      await write.send();
      write.onEnd();
    } catch (error) {
      if (await this.#mayRetry(write, error)) {
        this.#queue.unshift(write);
        return;
      }
      write.onEnd();
      this.#deps.metrics.eventsDropped.inc({ reason: 'Refused' });
      this.#deps.log.debug({ error }, 'an event could not be written');
    }
  }

  /** Waits as well: whoever is next would fail the same way. */
  async #mayRetry({ tries }: Write, error: unknown): Promise<boolean> {
    const isPassing = hasStatus(error, 0, 429, 500, 502, 503, 504);
    if (!isPassing || tries >= triesMax || this.#stop.signal.aborted) return false;
    try {
      await this.#deps.clock.sleep(retryMs, this.#stop.signal);
      return true;
    } catch {
      // The process stops: nobody reads on.
      return false;
    }
  }

  #armSweep(): void {
    const { clock } = this.#deps;
    this.#sweep ??= clock.setTimer(seriesIdleMs, () => {
      this.#sweep = undefined;
      for (const [id, series] of this.#series) {
        const isOpen = clock.nowMs() - series.lastMs < seriesIdleMs;
        if (isOpen && clock.nowMs() - series.writtenMs < seriesRefreshMs) continue;
        this.#writeCount(series);
        if (!isOpen) this.#series.delete(id);
      }
      if (this.#series.size > 0) this.#armSweep();
    });
  }
}

/** Keeps the newest: a Map remembers the order in which keys were put in. */
function remember<V>(map: Map<string, V>, id: string, value: V): void {
  map.delete(id);
  map.set(id, value);
  if (map.size <= rememberedMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

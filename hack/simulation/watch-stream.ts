/** One open watch: changes in order, late by some time, with bookmarks between, until either side ends it. */
import type { ApiObject, ApiServer, Change } from './api-server.ts';
import type { SimProcess } from './process.ts';
import type { Timeline } from './timeline.ts';

interface WatchOptions {
  readonly plural: string;
  readonly from: number;
  /** Everything there is comes first (KEP-3157). */
  readonly isWithList: boolean;
  readonly lagMs: number;
  readonly timeoutMs: number;
  readonly onTold: (uid: string) => void;
  readonly onEnd: () => void;
}

interface WatchDeps {
  readonly api: ApiServer;
  readonly timeline: Timeline;
  readonly process: SimProcess;
  readonly signal: AbortSignal | undefined;
}

const bookmarkMs = 60_000;

interface Waiter {
  readonly resolve: (next: IteratorResult<Buffer>) => void;
  readonly reject: (error: unknown) => void;
}

export class WatchStream implements AsyncIterable<Buffer> {
  readonly #deps: WatchDeps;
  readonly #options: WatchOptions;
  readonly #chunks: Buffer[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #cancels: (() => void)[] = [];
  #end: { readonly error: unknown } | undefined;
  #isOpen = true;
  #lagMs: number;
  #lastMs = 0;

  constructor(deps: WatchDeps, options: WatchOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#lagMs = options.lagMs;
  }

  start(): void {
    const { api, signal, timeline } = this.#deps;
    const { plural, from, isWithList, timeoutMs } = this.#options;
    const onAbort = (): void => this.#close(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#cancels.push(() => signal?.removeEventListener('abort', onAbort));
    this.#cancels.push(timeline.after(timeoutMs, () => this.cut()));
    if (isWithList) {
      for (const object of api.list(plural)) this.#tell('ADDED', object);
      this.#tell('BOOKMARK', this.#mark({ 'k8s.io/initial-events-end': 'true' }));
    } else {
      const missed = api.changesSince(from, plural);
      if (missed === undefined) {
        this.expire();
        return;
      }
      for (const { type, object } of missed) this.#tell(type, object);
    }
    this.#cancels.push(api.subscribe((change) => this.#offer(change)));
    this.#bookmarkLater();
  }

  /** The connection is cut; what was on its way is lost. */
  cut(error?: unknown): void {
    this.#close(error);
  }

  /** The API server lost its place. */
  expire(): void {
    const object = { code: 410, message: 'too old resource version' };
    this.#push(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    this.#close(undefined);
  }

  garble(): void {
    this.#push('{"type":"MODIFIED","object":{"meta\n');
  }

  /** From now on it tells of changes so much later. */
  slowDown(ms: number): void {
    this.#lagMs = Math.max(this.#lagMs, ms);
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return {
      next: () => this.#next(),
      return: () => {
        this.#close(undefined);
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #offer({ plural, type, object }: Change): void {
    if (plural === this.#options.plural) this.#tell(type, object);
  }

  #mark(annotations: Readonly<Record<string, string>> = {}): ApiObject {
    return {
      metadata: { name: '', resourceVersion: String(this.#deps.api.version), annotations },
    };
  }

  #bookmarkLater(): void {
    const cancel = this.#deps.timeline.after(bookmarkMs, () => {
      this.#tell('BOOKMARK', this.#mark());
      this.#bookmarkLater();
    });
    this.#cancels.push(cancel);
  }

  #tell(type: string, object: ApiObject): void {
    const { timeline } = this.#deps;
    const line = `${JSON.stringify({ type, object })}\n`;
    const send = (): void => {
      if (this.#push(line)) this.#options.onTold(object.metadata.uid ?? '');
    };
    const atMs = Math.max(this.#lastMs, timeline.nowMs + this.#lagMs);
    this.#lastMs = atMs;
    if (atMs <= timeline.nowMs) send();
    else timeline.after(atMs - timeline.nowMs, send);
  }

  #push(text: string): boolean {
    if (!this.#isOpen) return false;
    this.#chunks.push(Buffer.from(text));
    this.#deliver();
    return true;
  }

  #next(): Promise<IteratorResult<Buffer>> {
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Buffer>>();
    this.#waiters.push({ resolve, reject });
    this.#deliver();
    return promise;
  }

  #deliver(): void {
    this.#deps.process.deliver(() => {
      while (this.#waiters.length > 0) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) this.#waiters.shift()?.resolve({ done: false, value: chunk });
        else if (this.#end === undefined) return;
        else if (this.#end.error === undefined) {
          this.#waiters.shift()?.resolve({ done: true, value: undefined });
        } else this.#waiters.shift()?.reject(this.#end.error);
      }
    });
  }

  #close(error: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#end = { error };
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#options.onEnd();
    this.#deliver();
  }
}

/**
 * One HTTP exchange over a pool of undici, its answer as one text. undici's `request` makes a stream of each body, which
 * costs as much CPU again as the exchange itself; nearly all of ours are short, and read as a whole.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Without a byte order mark, which Partner Center sends. */
  readonly text: string;
}

type Call = Pick<
  Dispatcher.DispatchOptions,
  'origin' | 'path' | 'method' | 'query' | 'headers' | 'headersTimeout' | 'bodyTimeout'
> & { readonly body: string | null };

/** Rejects with the signal's reason, also while it waits for a connection, or with undici's error. */
export function exchange(
  pool: Dispatcher,
  call: Call,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    pool.dispatch(call, new AnswerHandler(signal, { resolve, reject }));
  });
}

interface Settle {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal | undefined;
  readonly #settle: Settle;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(signal: AbortSignal | undefined, settle: Settle) {
    this.#signal = signal;
    this.#settle = settle;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal?.aborted === true) controller.abort(this.#signal.reason as Error);
  }

  /** Also told of what only announces the answer (1xx): the last one counts. */
  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#end();
    this.#settle.resolve({ status: this.#status, headers: this.#headers, text: this.#text() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    this.#settle.reject(error);
  }

  /** What waits for a connection has no controller yet: it is not sent when its turn comes. */
  readonly #onAbort = (): void => {
    const reason = this.#signal?.reason as Error;
    this.#controller?.abort(reason);
    this.#settle.reject(reason);
  };

  #end(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #text(): string {
    const [first] = this.#chunks;
    const whole =
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    const text = whole.toString('utf8');
    return text.startsWith(byteOrderMark) ? text.slice(1) : text;
  }
}

const byteOrderMark = '\uFEFF';

/**
 * A server that speaks as much of the Kubernetes API as list and watch need, over plain HTTP, and misbehaves on request:
 * for what a real one cannot be made to do at will. Everything else is tested on a real API server.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from '../../operator/kube/endpoint.ts';

interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

type Answer = (request: FakeRequest, response: ServerResponse) => void;

export class FakeApiServer {
  readonly requests: FakeRequest[] = [];
  /** Open watches, oldest first. */
  readonly watches: ServerResponse[] = [];
  /** False: it refuses lists that come as a stream, as older API servers do. */
  hasStreams = false;
  /** Answers everything that is not a watch. */
  answer: Answer = (_, response) => response.end('{}');
  /** Answers a watch; without it the watch stays open. */
  answerWatch: Answer | undefined;
  readonly #server: Server;
  readonly #waiting: { isDone: () => boolean; resolve: () => void }[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  async start(): Promise<Endpoint> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    const server = `http://127.0.0.1:${String(port)}`;
    return {
      server,
      proxyUrl: undefined,
      credentials: () => Promise.resolve({ headers: {}, tls: {} }),
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  /** Resolves once it is so; looked at with every request and chunk. */
  until(isDone: () => boolean): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ isDone, resolve });
    });
  }

  requestsTo(what: 'list' | 'watch'): readonly FakeRequest[] {
    return this.requests.filter(
      ({ method, query }) =>
        method === 'GET' && (query.get('watch') === 'true') === (what === 'watch'),
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://x');
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const seen: FakeRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    response.setHeader('content-type', 'application/json');
    if (!this.hasStreams && seen.query.has('sendInitialEvents')) {
      response.writeHead(422).end('{}');
      return;
    }
    this.requests.push(seen);
    if (seen.query.get('watch') === 'true') this.#watch(seen, response);
    else this.answer(seen, response);
    for (const waiter of this.#waiting.splice(0)) {
      if (waiter.isDone()) waiter.resolve();
      else this.#waiting.push(waiter);
    }
  }

  #watch(request: FakeRequest, response: ServerResponse): void {
    if (this.answerWatch !== undefined) {
      this.answerWatch(request, response);
      return;
    }
    response.writeHead(200);
    response.flushHeaders();
    this.watches.push(response);
  }
}

/** What operator/kube asks of a transport, over the API server in memory. It sends again what KubeTransport would. */
import type { Readable } from 'node:stream';
import { KubeError } from '../../operator/kube/errors.ts';
import {
  type ApiClient,
  jsonPatch,
  type Query,
  requireRight,
} from '../../operator/kube/transport.ts';
import { type ApiObject, type ApiServer, refusal, type Target, targetOf } from './api-server.ts';
import type { FaultKind, Network } from './network.ts';
import type { SimProcess } from './process.ts';
import { WatchStream } from './watch-stream.ts';

type Method = Parameters<ApiClient['request']>[0];
type Options = NonNullable<Parameters<ApiClient['request']>[2]>;

export interface ApiWorld {
  readonly api: ApiServer;
  readonly network: Network;
  readonly streams: Set<WatchStream>;
  /** This API server can send lists as streams (KEP-3157). */
  readonly hasStreams: boolean;
  /** How late a watch tells of a change. */
  readonly watchLagMs: () => number;
  /** The process has been told of this object. */
  readonly onTold: (identity: string, uid: string) => void;
  readonly onSend: (method: Method, target: Target) => void;
}

/** As KubeTransport has them. */
const sendsMax = 5;
const timeoutDefaultMs = 30_000;
const retryBaseMs = 100;
/** Small, so that lists come in pages. */
const pageMax = 2;

export class SimApiClient implements ApiClient {
  readonly #process: SimProcess;
  readonly #world: ApiWorld;

  constructor(process: SimProcess, world: ApiWorld) {
    this.#process = process;
    this.#world = world;
  }

  async request<T>(method: Method, path: string, options: Options = {}): Promise<T> {
    for (let sends = 1; ; sends++) {
      try {
        requireRight(options);
        return (await this.#send(method, path, options)) as T;
      } catch (error) {
        options.signal?.throwIfAborted();
        const isRepeatable = options.isRepeatable ?? method === 'GET';
        const waitMs = sends < sendsMax ? retryMs(error, sends, isRepeatable) : undefined;
        if (waitMs === undefined) throw error;
        await this.#process.sleep(waitMs, options.signal);
      }
    }
  }

  async stream(path: string, options: Options): Promise<Readable> {
    const { api, network, streams, hasStreams, watchLagMs, onTold } = this.#world;
    const { plural } = targetOf(path);
    const query = options.query ?? {};
    const stream = await network.call({
      process: this.#process,
      route: `WATCH ${plural}`,
      signal: options.signal,
      timeoutMs: timeoutDefaultMs,
      errorOf,
      commit: () => {
        refuseBadWatch(query, hasStreams);
        const opened = new WatchStream(
          { api, timeline: network.timeline, process: this.#process, signal: options.signal },
          {
            plural,
            from: Number(query['resourceVersion'] ?? 0),
            isWithList: query['sendInitialEvents'] === true,
            lagMs: watchLagMs(),
            timeoutMs: Number(query['timeoutSeconds'] ?? 1800) * 1000,
            onTold: (uid) => onTold(this.#process.identity, uid),
            onEnd: () => streams.delete(opened),
          },
        );
        streams.add(opened);
        opened.start();
        return opened;
      },
    });
    // The reflector only ever iterates over it.
    return stream as unknown as Readable;
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  #send(method: Method, path: string, options: Options): Promise<unknown> {
    const target = targetOf(path);
    const { network, onSend, onTold } = this.#world;
    onSend(method, target);
    const part = target.isStatus ? `${target.plural}/status` : target.plural;
    const commit = (): unknown => {
      const answer = this.#answer(method, target, options);
      for (const { metadata } of 'items' in answer ? answer.items : [answer]) {
        onTold(this.#process.identity, metadata.uid ?? '');
      }
      return answer;
    };
    return network.call({
      process: this.#process,
      route: `${method} ${part}`,
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? timeoutDefaultMs,
      errorOf,
      commit,
    });
  }

  #answer(method: Method, target: Target, options: Options): ApiObject | ListBody {
    const { api } = this.#world;
    const by = this.#process.identity;
    // What JSON has no word for is lost on the wire.
    const body = JSON.parse(JSON.stringify(options.body ?? null)) as ApiObject;
    if (method === 'GET') {
      return target.name === '' ? listed(api, target, options.query ?? {}) : api.get(target);
    }
    if (method === 'POST') return api.create(target, body, by);
    if (method === 'PUT') return api.replace(target, body, by);
    if (method !== 'PATCH') throw refusal(405, 'MethodNotAllowed', `${method} is not simulated`);
    return options.contentType === jsonPatch
      ? api.jsonPatch(target, body, by)
      : api.mergePatch(target, body, by);
  }
}

interface ListBody {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly ApiObject[];
}

/** A page holds the state of its own moment: a list that is told to be of one version must not be. */
function listed(api: ApiServer, { plural, namespace }: Target, query: Query): ListBody {
  const all = api.list(plural, namespace);
  const [version = String(api.version), start = '0'] = String(query['continue'] ?? '')
    .split('@')
    .filter((part) => part !== '');
  if (query['continue'] !== undefined && api.changesSince(Number(version), plural)?.length !== 0) {
    throw refusal(410, 'Expired', 'the continue token is too old');
  }
  const first = Number(start);
  const items = all.slice(first, first + pageMax);
  const next = first + pageMax;
  const metadata = { resourceVersion: version };
  return next >= all.length
    ? { metadata, items }
    : { metadata: { ...metadata, continue: `${version}@${String(next)}` }, items };
}

function refuseBadWatch(query: Query, hasStreams: boolean): void {
  if (query['sendInitialEvents'] !== true) return;
  if (!hasStreams) {
    throw refusal(
      422,
      'Invalid',
      'sendInitialEvents is forbidden for watch unless WatchList is on',
    );
  }
  if (query['resourceVersionMatch'] !== 'NotOlderThan' || query['allowWatchBookmarks'] !== true) {
    throw refusal(422, 'Invalid', 'sendInitialEvents needs NotOlderThan and bookmarks');
  }
}

function retryMs(error: unknown, sends: number, isRepeatable: boolean): number | undefined {
  if (!(error instanceof KubeError)) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs;
  return error.status === 0 && isRepeatable ? retryBaseMs * 2 ** (sends - 1) : undefined;
}

function errorOf(kind: FaultKind | 'timeout'): Error {
  const options = errors[kind];
  return new KubeError(options.reason, options);
}

const lost = { status: 0, reason: 'Unreachable' };
const errors: Readonly<
  Record<FaultKind | 'timeout', { status: number; reason: string; retryAfterMs?: number }>
> = {
  refused: { status: 503, reason: 'ServiceUnavailable' },
  busy: { status: 429, reason: 'TooManyRequests', retryAfterMs: 1_000 },
  lostBefore: lost,
  lostAfter: lost,
  silent: lost,
  terminal: { status: 500, reason: 'InternalError' },
  timeout: { status: 0, reason: 'Timeout' },
};

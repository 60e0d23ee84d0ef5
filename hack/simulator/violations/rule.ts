/** What the rules about clients have in common. A rule is pure: it sees one request after the other, and keeps a little. */
import { createHash } from 'node:crypto';
import type { EntryKind } from '../journal.ts';
import type { ServiceName } from '../services.ts';
import type { ApiRequest, ApiResponse } from '../world.ts';

/** One request with its answer. */
export interface Sight {
  readonly kind: EntryKind;
  readonly service: ServiceName;
  readonly request: ApiRequest;
  readonly answer: ApiResponse;
  /** False where the connection broke: the client does not know how it ended. */
  readonly isAnswered: boolean;
  /** Simulated time. */
  readonly atMs: number;
  /** Real time. */
  readonly arrivedMs: number;
  readonly answeredMs: number;
}

export interface Rule<State> {
  /** Kebab-case; stands in the list of violations. */
  readonly name: string;
  /** What a careful client does, in one sentence, with its source. */
  readonly says: string;
  /** Plain data, maps and sets: it is part of a saved world. */
  begin(): State;
  /** @returns what was wrong with this request, where something was */
  look(state: State, sight: Sight): string | undefined;
}

/** Whose request it is; undefined for people at portals and for requests without a valid token. */
export function clientOf({ kind, request }: Sight): string | undefined {
  const { caller } = request;
  return kind === 'portal' || !caller ? undefined : `${caller.tenantId} ${caller.appId}`;
}

/** The same for requests that ask for the same; headers do not count. */
export function fingerprint({ service, request }: Sight): string {
  const { method, path, query, body } = request;
  const text = body === undefined ? '' : (JSON.stringify(body) ?? '');
  const hash = text === '' ? '' : createHash('sha1').update(text).digest('base64');
  return `${service} ${method} ${path}?${query.toString()} ${hash}`;
}

/** Rules keep so much at most; what is oldest is forgotten. */
const KEPT_MAX = 10_000;

export function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > KEPT_MAX && oldest !== undefined) map.delete(oldest);
}

export function isSuccess({ isAnswered, answer }: Sight): boolean {
  return isAnswered && answer.status >= 200 && answer.status < 300;
}

export function header({ answer }: Sight, name: string): string | undefined {
  for (const [known, value] of Object.entries(answer.headers ?? {})) {
    if (known.toLowerCase() === name) return value;
  }
  return undefined;
}

/** A member of a body; undefined where there is none of this name. */
export function member(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  return (body as Readonly<Record<string, unknown>>)[name];
}

/** From a request to the route that answers it. */
import type { DirectoryApi } from '../directory/api.ts';
import type { ApiRequest, ApiResponse, Caller, Partner, World } from '../world.ts';
import type { Actor } from './audit.ts';
import { ENDPOINTS, type Endpoint } from './contract.ts';

export interface Scope {
  readonly world: World;
  readonly directory: DirectoryApi;
}

/** One authorized request. */
export interface Exchange extends Scope {
  readonly request: ApiRequest;
  /** Path parameters by the names of the contract, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly partner: Partner;
  readonly actor: Actor;
}

export type Route = (exchange: Exchange) => ApiResponse;

export interface Match {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly endpoint: Endpoint;
  readonly segments: readonly string[];
}

const PATTERNS: readonly Pattern[] = ENDPOINTS.map((endpoint) => ({
  endpoint,
  segments: endpoint.path.split('/'),
}));

/** The endpoint of the contract for this path; literal segments win over parameters. */
export function matchEndpoint(method: string, path: string): Match | undefined {
  const segments = path.split('/');
  const fitting = PATTERNS.filter(
    (pattern) => pattern.endpoint.method === method && fits(pattern.segments, segments),
  );
  const best = fitting.sort((a, b) => parameterCount(a) - parameterCount(b))[0];
  if (best === undefined) {
    return undefined;
  }
  const params = best.segments.flatMap((segment, index) =>
    isParameter(segment) ? [[segment.slice(1, -1), decode(segments[index] ?? '')]] : [],
  );
  return { endpoint: best.endpoint, params: Object.fromEntries(params) as Record<string, string> };
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every(
      (segment, index) =>
        (isParameter(segment) && segments[index] !== '') ||
        segment.toLowerCase() === segments[index]?.toLowerCase(),
    )
  );
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

function parameterCount(pattern: Pattern): number {
  return pattern.segments.filter(isParameter).length;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

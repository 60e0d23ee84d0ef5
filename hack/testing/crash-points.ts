/**
 * Where an operator can be killed: every call outside and every write of our own objects that a history without a crash
 * shows. Calls that differ in names and ids only are one call; of a write each of its first occurrences counts, because
 * the second may come from another step; reads and polls (whether a DNS record is there yet) repeat as time has it, so
 * their first one stands for all.
 */
import type { GatewayRequest } from './gateway.ts';

export interface CrashPoint {
  readonly template: string;
  /** From 1. */
  readonly occurrence: number;
}

/** More occurrences of one write in a history of one customer are the same step again. */
const occurrencesMax = 2;

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** `POST partnerCenter /v1/customers/{id}/agreements`. `name`: of the history's objects. */
export function templateOf({ service, method, path }: GatewayRequest, name: string): string {
  const segments = decodeURIComponent(path)
    .replaceAll(name, '{name}')
    .replace(guid, '{id}')
    .split('/')
    .map((segment) => (/^(?=.*\d)[\w.-]{12,}$/.test(segment) ? '{id}' : segment))
    .map((segment) => segment.replace(/^\{id\}.*$/, '{id}'));
  return `${method} ${service} ${segments.join('/')}`;
}

/** Calls outside, tokens among them; status and finalizer of our own objects; Secrets that are written. */
export function isCrashPoint({ service, method, path }: GatewayRequest): boolean {
  if (service !== 'kubernetes') return true;
  if (method === 'GET') return false;
  return path.includes('/apis/m365-operator.io/') || path.includes('/secrets');
}

export function crashPointsOf(
  requests: readonly GatewayRequest[],
  name: string,
): readonly CrashPoint[] {
  const counts = new Map<string, number>();
  for (const request of requests.filter(isCrashPoint)) {
    const template = templateOf(request, name);
    counts.set(template, (counts.get(template) ?? 0) + 1);
  }
  return [...counts].flatMap(([template, count]) => {
    const most = isRepeated(template) ? 1 : Math.min(count, occurrencesMax);
    return Array.from({ length: most }, (_, i) => ({ template, occurrence: i + 1 }));
  });
}

function isRepeated(template: string): boolean {
  return template.startsWith('GET ') || template.endsWith('/verify');
}

/** True for the one request that is this point, counted from when this is called. */
export function matcherOf(
  { template, occurrence }: CrashPoint,
  name: string,
): (request: GatewayRequest) => boolean {
  let seen = 0;
  return (request) => {
    if (!isCrashPoint(request) || templateOf(request, name) !== template) return false;
    seen += 1;
    return seen === occurrence;
  };
}

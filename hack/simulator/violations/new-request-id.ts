import { REPLAYED } from '../commerce/replays.ts';
import { clientOf, fingerprint, isSuccess, type Rule, remember, type Sight } from './rule.ts';

interface Open {
  readonly requestId: string;
  /** Reading this, the client learns what became of the request. */
  readonly lookUp: string;
}

const UNKNOWN: ReadonlySet<number> = new Set([500, 502, 503, 504]);
/** These say nothing of an earlier try of the same request. */
const NOT_TRIED: ReadonlySet<number> = new Set([401, 408, 429]);

/** Keyed by client and content of the request. */
export const newRequestId: Rule<Map<string, Open>> = {
  name: 'new-request-id',
  says: 'While the outcome of a POST is unknown it is repeated with its MS-RequestId (partner-center.md 15, ruling 2), or looked up.',
  begin: () => new Map(),
  look(open, sight) {
    const client = clientOf(sight);
    const { method, path } = sight.request;
    if (sight.service !== 'partnerCenter' || client === undefined) return undefined;
    if (method === 'POST' && REPLAYED.test(path)) return post(open, client, sight);
    if (method !== 'POST') settle(open, client, sight);
    return undefined;
  },
};

function post(open: Map<string, Open>, client: string, sight: Sight): string | undefined {
  const { path, headers } = sight.request;
  const key = `${client} ${fingerprint(sight)}`;
  const before = open.get(key);
  const requestId = headers['ms-requestid']?.toLowerCase() ?? 'none';
  if (!sight.isAnswered || UNKNOWN.has(sight.answer.status)) {
    remember(open, key, { requestId, lookUp: lookUpOf(path) });
  } else if (!NOT_TRIED.has(sight.answer.status)) open.delete(key);
  return before !== undefined && before.requestId !== requestId
    ? `sent as ${before.requestId} before, which had an unknown outcome`
    : undefined;
}

function lookUpOf(path: string): string {
  return path.replace(/\/checkout$/, '');
}

function settle(open: Map<string, Open>, client: string, sight: Sight): void {
  if (open.size === 0 || !isSuccess(sight)) return;
  const { path } = sight.request;
  const read = path.startsWith('/v1/domains/') ? '/v1/customers' : path;
  for (const [key, { lookUp }] of open) {
    if (lookUp === read && key.startsWith(client)) open.delete(key);
  }
}

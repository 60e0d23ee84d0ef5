/** Rounds of delta, and the tokens that stand for them (graph.md 3 and 17.11). */
import { SHAREPOINT_PROPERTIES } from '../directory/user-rules.ts';
import type { Call } from './call.ts';
import { badRequest, GraphError } from './errors.ts';
import { type Expression, parseFilter } from './filter.ts';
import { selected } from './projection.ts';

export type Kind = 'user' | 'group';

const TOKEN_LIFETIME_MS = 7 * 86_400_000;
const FILTER_IDS_MAX = 50;

/** Kept outside the main store of the directory. */
export const UNTRACKED: ReadonlySet<string> = new Set(['signInActivity', 'mailboxSettings']);

/** What a token stands for. `position` is set on pages, absent on the link that starts the next round. */
export interface Round {
  readonly kind: Kind;
  readonly tenantId: string;
  /** Changes after this write … */
  readonly from: number;
  /** … up to this one; on a delta link the state delivered last. */
  readonly to: number;
  /** Set where this round delivers the round before again: the changes from here to `from`. */
  readonly replayFrom: number | undefined;
  readonly position: number | undefined;
  readonly select: readonly string[] | undefined;
  readonly ids: readonly string[] | undefined;
  readonly issuedMs: number;
}

export function firstRound(call: Call, kind: Kind, from: number): Round {
  const select = selected(call, kind);
  const foreign = select?.find((name) => UNTRACKED.has(name) || SHAREPOINT_PROPERTIES.has(name));
  if (foreign !== undefined) throw badRequest(`Delta does not track '${foreign}'.`);
  const filter = call.request.query.get('$filter');
  return {
    kind,
    tenantId: call.directory.tenantId,
    from,
    to: call.listSeq,
    replayFrom: undefined,
    position: 0,
    select,
    ids: filter === null ? undefined : filteredIds(parseFilter(filter)),
    issuedMs: call.world.clock.nowMs(),
  };
}

/** Only `id eq '…' or id eq '…'`. */
function filteredIds(filter: Expression): string[] {
  const parts = filter.kind === 'or' ? filter.parts : [filter];
  const ids = parts.map((part) => {
    if (part.kind === 'compare' && part.op === 'eq' && part.path === 'id')
      return String(part.value);
    throw badRequest('Delta supports only filters on id.');
  });
  if (ids.length > FILTER_IDS_MAX)
    throw badRequest(`More than ${FILTER_IDS_MAX} ids in the filter.`);
  return ids;
}

export function encode(call: Call, round: Round): string {
  return Buffer.from(JSON.stringify({ ...round, issuedMs: call.world.clock.nowMs() })).toString(
    'base64url',
  );
}

/** @throws GraphError 400 for a token that is none, 410 with Location for one too old (graph.md 17.11). */
export function decode(call: Call, kind: Kind, token: string): Round {
  let round: Round;
  try {
    round = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Round;
  } catch {
    throw badToken();
  }
  if (
    round.kind !== kind ||
    round.tenantId !== call.directory.tenantId ||
    typeof round.to !== 'number'
  ) {
    throw badToken();
  }
  if (round.issuedMs + TOKEN_LIFETIME_MS < call.world.clock.nowMs()) {
    throw new GraphError(
      410,
      'syncStateNotFound',
      'The sync state generation is not found; a full synchronization is needed.',
      {
        headers: { location: `${call.baseUrl}/${kind}s/delta?$deltatoken=` },
      },
    );
  }
  return round;
}

function badToken(): GraphError {
  return new GraphError(400, 'Request_BadRequest', 'Badly formed token.');
}

/** Of changed objects only what changed. */
export function wantsMinimal(call: Call): boolean {
  return /\breturn=minimal\b/.test(call.request.headers['prefer'] ?? '');
}

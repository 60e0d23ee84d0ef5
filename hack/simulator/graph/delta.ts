/** users/delta and groups/delta, by pages (graph.md 3). */
import type { Properties } from '../directory/directory.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers } from './call.ts';
import { changes } from './delta-changes.ts';
import { decode, encode, firstRound, type Kind, type Round, wantsMinimal } from './delta-round.ts';

export const DELTA_HANDLERS: Handlers = {
  'GET /users/delta': (call) => delta(call, 'user'),
  'GET /groups/delta': (call) => delta(call, 'group'),
};

const PAGE_SIZE = 200;

function delta(call: Call, kind: Kind): ApiResponse {
  const { query } = call.request;
  const pageToken = query.get('$skiptoken');
  if (pageToken !== null) return page(call, decode(call, kind, pageToken));
  const token = query.get('$deltatoken');
  if (token === null || token === '') return page(call, firstRound(call, kind, 0));
  if (token === 'latest') return last(call, firstRound(call, kind, call.listSeq), []);
  const known = decode(call, kind, token);
  const isReplay = call.world.random.next() < call.world.settings.deltaReplayRate;
  return page(call, {
    ...known,
    from: known.to,
    replayFrom: isReplay ? known.from : undefined,
    to: call.listSeq,
    position: 0,
  });
}

function page(call: Call, round: Round): ApiResponse {
  const items = withRepeats(call, round, changes(call, round));
  const start = round.position ?? 0;
  const end = start + PAGE_SIZE;
  if (end >= items.length) return last(call, round, items.slice(start));
  const next = encode(call, { ...round, position: end });
  return answer(call, round, {
    '@odata.nextLink': `${call.baseUrl}/${round.kind}s/delta?$skiptoken=${next}`,
    value: items.slice(start, end),
  });
}

function last(call: Call, round: Round, value: readonly Properties[]): ApiResponse {
  const { position: _, ...finished } = round;
  const token = encode(call, { ...finished, position: undefined });
  return answer(call, round, {
    '@odata.deltaLink': `${call.baseUrl}/${round.kind}s/delta?$deltatoken=${token}`,
    value,
  });
}

function answer(call: Call, round: Round, body: Properties): ApiResponse {
  const suffix = round.select ? `(${round.select.join(',')})` : '';
  const isMinimal = wantsMinimal(call);
  return {
    status: 200,
    headers: isMinimal ? { 'preference-applied': 'return=minimal' } : {},
    body: { '@odata.context': contextUrl(`${round.kind}s${suffix}/$delta`), ...body },
  };
}

/** The same object may come more than once in one round; which ones do, stays the same over its pages. */
function withRepeats(call: Call, round: Round, items: readonly Properties[]): Properties[] {
  const rate = call.world.settings.deltaRepeatRate;
  const repeated = items.filter(({ id }) => lot(`${String(id)}/${round.to}`) < rate);
  return [...items, ...repeated];
}

/** 0 to 1 out of a text (FNV-1a). */
function lot(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

/** users/delta and groups/delta (graph.md 3). */
import { isDeepStrictEqual } from 'node:util';
import { typeProperties } from '../contract.ts';
import type { Group, Properties, User } from '../directory/directory.ts';
import { groupEntity, userEntity } from '../directory/records.ts';
import type { Version } from '../directory/store.ts';
import { SHAREPOINT_PROPERTIES } from '../directory/user-rules.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers } from './call.ts';
import { badRequest, GraphError } from './errors.ts';
import { type Expression, parseFilter } from './filter.ts';
import { project, selected } from './query.ts';

export const DELTA_HANDLERS: Handlers = {
  'GET /users/delta': (call) => delta(call, 'user'),
  'GET /groups/delta': (call) => delta(call, 'group'),
};

type Kind = 'user' | 'group';

const TOKEN_LIFETIME_MS = 7 * 86_400_000;
const PAGE_SIZE = 200;
/** Member changes of one group on one page; more of them repeat the group. */
const MEMBERS_PER_ITEM = 100;
const FILTER_IDS_MAX = 50;

/** What a token stands for. `position` is set on pages, absent on the link that starts the next round. */
interface Round {
  readonly kind: Kind;
  readonly tenantId: string;
  /** Changes after this write … */
  readonly from: number;
  /** … up to this one; on a delta link the state delivered last. */
  readonly to: number;
  /** `from` of the round before, for replays. */
  readonly before: number;
  readonly position: number | undefined;
  readonly select: readonly string[] | undefined;
  readonly ids: readonly string[] | undefined;
  readonly issuedMs: number;
}

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
    from: isReplay ? known.before : known.to,
    before: known.from,
    to: call.listSeq,
    position: 0,
  });
}

function firstRound(call: Call, kind: Kind, from: number): Round {
  const select = selected(call, kind);
  const foreign = select?.find((name) => UNTRACKED.has(name) || SHAREPOINT_PROPERTIES.has(name));
  if (foreign !== undefined) throw badRequest(`Delta does not track '${foreign}'.`);
  const filter = call.request.query.get('$filter');
  return {
    kind,
    tenantId: call.directory.tenantId,
    from,
    to: call.listSeq,
    before: from,
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

function encode(call: Call, round: Round): string {
  return Buffer.from(JSON.stringify({ ...round, issuedMs: call.world.clock.nowMs() })).toString(
    'base64url',
  );
}

/** @throws GraphError 400 for a token that is none, 410 with Location for one too old (graph.md 17.11). */
function decode(call: Call, kind: Kind, token: string): Round {
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

function wantsMinimal(call: Call): boolean {
  return /\breturn=minimal\b/.test(call.request.headers['prefer'] ?? '');
}

function changes(call: Call, round: Round): Properties[] {
  const store = round.kind === 'user' ? call.directory.users : call.directory.groups;
  const ids = round.ids ?? store.ids();
  return [...ids].flatMap((id) => {
    const before = round.from === 0 ? undefined : store.at(id, round.from);
    const after = store.at(id, round.to);
    // Members of a group change without the group.
    const isSame = before === after && round.kind === 'user';
    return after && !isSame ? change(call, round, { before, after }) : [];
  });
}

interface Pair {
  readonly before: Version<User | Group> | undefined;
  readonly after: Version<User | Group>;
}

function change(call: Call, round: Round, pair: Pair): Properties[] {
  const { before, after } = pair;
  if (after.state !== 'live') return removal(pair);
  const isNew = before?.state !== 'live';
  const names = trackedNames(call, round, after);
  const now = entityOf(call, round.kind, after);
  const old: Properties = isNew ? {} : entityOf(call, round.kind, before);
  const changed = names.filter((name) => !isDeepStrictEqual(now[name], old[name]));
  const annotations = relationChanges(call, round, isNew ? { before: undefined, after } : pair);
  if (!isNew && changed.length + annotations.length === 0) return [];
  const { id } = after.value;
  const shown = wantsMinimal(call) && !isNew ? changed : everSet(names, now);
  const entity = { ...project(round.kind, now, ['id', ...shown]), id };
  const [first = {}, ...more] = annotations;
  return [{ ...entity, ...first }, ...more.map((annotation) => ({ id, ...annotation }))];
}

function everSet(names: readonly string[], entity: Properties): string[] {
  return names.filter((name) => entity[name] !== undefined);
}

/** Nothing for objects that the client was never told of, or that it knows to be gone. */
function removal({ before, after }: Pair): Properties[] {
  if (before === undefined || before.state === after.state) return [];
  const reason = after.state === 'deleted' ? 'changed' : 'deleted';
  return [{ id: after.value.id, '@removed': { reason } }];
}

function entityOf({ directory }: Call, kind: Kind, version: Version<User | Group>): Properties {
  return kind === 'user'
    ? userEntity(directory, version.value as User)
    : groupEntity(directory, version.value as Group);
}

/** Kept outside the main store of the directory. */
const UNTRACKED: ReadonlySet<string> = new Set(['signInActivity', 'mailboxSettings']);

/** What counts as a change: the selected properties, else all that the directory stores. */
function trackedNames(call: Call, round: Round, after: Version<User | Group>): string[] {
  const known = typeProperties(round.kind);
  const names = round.select ?? Object.keys(entityOf(call, round.kind, after));
  return names.filter((name) => name in known && name !== 'id' && !UNTRACKED.has(name));
}

function relationChanges(call: Call, round: Round, pair: Pair): Properties[] {
  if (round.kind === 'user')
    return managerChange(round, pair as { before?: Version<User>; after: Version<User> });
  if (round.select && !round.select.includes('members')) return [];
  const { id } = pair.after.value;
  const { memberships, users } = call.directory;
  const from = pair.before ? round.from : 0;
  const items = memberships.changes(id, from, round.to).map(({ memberId, removed }) => ({
    '@odata.type': users.at(memberId, round.to)
      ? '#microsoft.graph.user'
      : '#microsoft.graph.group',
    id: memberId,
    ...(removed ? { '@removed': { reason: 'deleted' } } : {}),
  }));
  const parts: Properties[] = [];
  for (let start = 0; start < items.length; start += MEMBERS_PER_ITEM) {
    parts.push({ 'members@delta': items.slice(start, start + MEMBERS_PER_ITEM) });
  }
  return parts;
}

function managerChange(
  round: Round,
  pair: { readonly before?: Version<User> | undefined; readonly after: Version<User> },
): Properties[] {
  if (!round.select?.includes('manager')) return [];
  const before = pair.before?.value.managerId;
  const after = pair.after.value.managerId;
  if (before === after) return [];
  const type = '#microsoft.graph.user';
  const items = [
    ...(before === undefined
      ? []
      : [{ '@odata.type': type, id: before, '@removed': { reason: 'deleted' } }]),
    ...(after === undefined ? [] : [{ '@odata.type': type, id: after }]),
  ];
  return [{ 'manager@delta': items }];
}

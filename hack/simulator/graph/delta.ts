/** users/delta and groups/delta (graph.md 3). */
import { isDeepStrictEqual } from 'node:util';
import { typeProperties } from '../contract-schemas.ts';
import type { Group, Properties, User } from '../directory/directory.ts';
import { groupEntity, userEntity } from '../directory/records.ts';
import type { Version } from '../directory/store.ts';
import { SHAREPOINT_PROPERTIES } from '../directory/user-rules.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers } from './call.ts';
import { badRequest, GraphError } from './errors.ts';
import { type Expression, parseFilter } from './filter.ts';
import { project, selected } from './projection.ts';

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
  /** Set where this round delivers the round before again: the changes from here to `from`. */
  readonly replayFrom: number | undefined;
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
    from: known.to,
    replayFrom: isReplay ? known.from : undefined,
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

/** What happened from one write to another, told as of the end of the round. */
interface Span {
  readonly from: number;
  readonly until: number;
}

function changes(call: Call, round: Round): Properties[] {
  const { from, to, replayFrom } = round;
  const fresh = changesIn(call, round, { from, until: to });
  if (replayFrom === undefined) return fresh;
  return [...changesIn(call, round, { from: replayFrom, until: from }), ...fresh];
}

function changesIn(call: Call, round: Round, span: Span): Properties[] {
  const store = round.kind === 'user' ? call.directory.users : call.directory.groups;
  const ids = round.ids ?? store.ids();
  return [...ids].flatMap((id) => {
    const before = span.from === 0 ? undefined : store.at(id, span.from);
    const after = store.at(id, span.until);
    const now = store.at(id, round.to);
    // Members of a group change without the group.
    const isSame = before === after && round.kind === 'user';
    return after && now && !isSame ? change(call, round, { before, after, now, span }) : [];
  });
}

interface Change {
  readonly before: Version<User | Group> | undefined;
  readonly after: Version<User | Group>;
  readonly now: Version<User | Group>;
  readonly span: Span;
}

function change(call: Call, round: Round, told: Change): Properties[] {
  const { before, after, now } = told;
  // What came to an end or back since then, is told where it did.
  if (now.state !== after.state) return [];
  if (now.state !== 'live') return removal(told);
  return before?.state === 'live'
    ? update(call, round, { ...told, before })
    : creation(call, round, { ...told, before: undefined });
}

/** Whole, as is everything that comes back. */
function creation(call: Call, round: Round, told: Change): Properties[] {
  const now = entityOf(call, round.kind, told.now);
  const shown = everSet(trackedNames(round, now), now);
  return itemsOf(round, told, { now, shown, annotations: relationChanges(call, round, told) });
}

function update(
  call: Call,
  round: Round,
  told: Change & { readonly before: Version<User | Group> },
): Properties[] {
  const now = entityOf(call, round.kind, told.now);
  const names = trackedNames(round, now);
  const changed = changedNames(call, round, { ...told, names });
  const annotations = relationChanges(call, round, told);
  if (changed.length + annotations.length === 0) return [];
  const shown = wantsMinimal(call) ? changed : everSet(names, now);
  return itemsOf(round, told, { now, shown, annotations });
}

function itemsOf(
  round: Round,
  told: Change,
  content: {
    readonly now: Properties;
    readonly shown: readonly string[];
    readonly annotations: readonly Properties[];
  },
): Properties[] {
  const { id } = told.now.value;
  const entity = { ...project(round.kind, content.now, ['id', ...content.shown]), id };
  const [first = {}, ...more] = content.annotations;
  return [{ ...entity, ...first }, ...more.map((annotation) => ({ id, ...annotation }))];
}

function changedNames(
  call: Call,
  round: Round,
  options: {
    readonly names: readonly string[];
    readonly before: Version<User | Group>;
    readonly after: Version<User | Group>;
  },
): string[] {
  const old = entityOf(call, round.kind, options.before);
  const next = entityOf(call, round.kind, options.after);
  return options.names.filter((name) => !isDeepStrictEqual(next[name], old[name]));
}

function everSet(names: readonly string[], entity: Properties): string[] {
  return names.filter((name) => entity[name] !== undefined);
}

/** Nothing for objects that the client was never told of, or that it knows to be gone. */
function removal({ before, after }: Change): Properties[] {
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
function trackedNames(round: Round, entity: Properties): readonly string[] {
  if (round.select === undefined) return trackedOf(round.kind, Object.keys(entity));
  const known = trackedBySelect.get(round.select);
  if (known !== undefined) return known;
  const names = trackedOf(round.kind, round.select);
  trackedBySelect.set(round.select, names);
  return names;
}

/** The same for all objects of a round. */
const trackedBySelect = new WeakMap<readonly string[], readonly string[]>();

function trackedOf(kind: Kind, names: readonly string[]): readonly string[] {
  const known = typeProperties(kind);
  return names.filter((name) => name in known && name !== 'id' && !UNTRACKED.has(name));
}

function relationChanges(call: Call, round: Round, told: Change): Properties[] {
  if (round.kind === 'user') return managerChange(round, told);
  if (round.select && !round.select.includes('members')) return [];
  const { id } = told.now.value;
  const { memberships, users } = call.directory;
  const from = told.before ? told.span.from : 0;
  const items = memberships.changes(id, from, told.span.until).map(({ memberId }) => ({
    '@odata.type': users.at(memberId, round.to)
      ? '#microsoft.graph.user'
      : '#microsoft.graph.group',
    id: memberId,
    ...(memberships.has(id, memberId, round.to) ? {} : { '@removed': { reason: 'deleted' } }),
  }));
  const parts: Properties[] = [];
  for (let start = 0; start < items.length; start += MEMBERS_PER_ITEM) {
    parts.push({ 'members@delta': items.slice(start, start + MEMBERS_PER_ITEM) });
  }
  return parts;
}

function managerChange(round: Round, told: Change): Properties[] {
  if (!round.select?.includes('manager')) return [];
  const [before, after, now] = [told.before, told.after, told.now].map(managerOf);
  if (before === after) return [];
  const type = '#microsoft.graph.user';
  const items = [
    ...(before === undefined || before === now
      ? []
      : [{ '@odata.type': type, id: before, '@removed': { reason: 'deleted' } }]),
    ...(now === undefined ? [] : [{ '@odata.type': type, id: now }]),
  ];
  return [{ 'manager@delta': items }];
}

function managerOf(version: Version<User | Group> | undefined): string | undefined {
  return (version as Version<User> | undefined)?.value.managerId;
}

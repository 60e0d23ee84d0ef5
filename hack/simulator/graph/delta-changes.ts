/** What a delta round tells of each object (graph.md 3). */
import { isDeepStrictEqual } from 'node:util';
import { typeProperties } from '../contract-schemas.ts';
import type { Group, Properties, User } from '../directory/directory.ts';
import { groupEntity, userEntity } from '../directory/records.ts';
import type { Version } from '../directory/store.ts';
import type { Call } from './call.ts';
import { type Kind, type Round, UNTRACKED, wantsMinimal } from './delta-round.ts';
import { project } from './projection.ts';

/** Member changes of one group on one page; more of them repeat the group. */
const MEMBERS_PER_ITEM = 100;

/** What happened from one write to another, told as of the end of the round. */
interface Span {
  readonly from: number;
  readonly until: number;
}

export function changes(call: Call, round: Round): Properties[] {
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

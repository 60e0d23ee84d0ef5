/**
 * A directory whose replicas lag, as a model: delta tells an object as it stands at the end of the round, in no order, more
 * than once, and what an earlier round told again (graph.md 3 and 12.1). A token may be lost at any time.
 */

import type {
  DeltaRound,
  EntraUser,
  GroupChange,
  UserChange,
} from '../../operator/clients/graph/port.ts';
import { wholeUser } from '../../operator/clients/graph/wire-users.ts';
import { transient, wait } from '../../operator/core/errors.ts';
import { contoso } from './fake-graph.ts';

export type Fields = Readonly<Record<string, string>>;

/** One state of the directory. A user that is absent is deleted. */
export interface World {
  /** What comes back with them. */
  readonly bin: Readonly<Record<string, Fields>>;
  /** How often each was restored: what comes back is told whole. */
  readonly lives: Readonly<Record<string, number>>;
  readonly users: Readonly<Record<string, Fields>>;
  readonly members: readonly string[];
}

/** What happens to the requests of one refresh. */
export interface Weather {
  /** Lag of the replica that answers, at most that of the model. */
  readonly lagMs: number;
  readonly isReplay: boolean;
  readonly isRepeated: boolean;
  readonly isReversed: boolean;
  readonly users: 'fine' | 'lost' | 'down';
  readonly groups: 'fine' | 'lost' | 'down';
}

export const fineWeather: Weather = {
  lagMs: 0,
  isReplay: false,
  isRepeated: false,
  isReversed: false,
  users: 'fine',
  groups: 'fine',
};

const groupId = 'g';

interface Version {
  readonly atMs: number;
  readonly world: World;
}

export class LaggingGraph {
  weather: Weather = fineWeather;
  #nowMs: number;
  readonly #versions: Version[];

  constructor(start: World, nowMs: number) {
    this.#nowMs = nowMs;
    this.#versions = [{ atMs: 0, world: start }];
  }

  get world(): World {
    return this.#worldAt(this.#versions.length - 1);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  write(change: (world: World) => World): void {
    this.#versions.push({ atMs: this.#nowMs, world: change(this.world) });
  }

  usersDelta(link: string | undefined): Promise<DeltaRound<UserChange>> {
    return this.#round(link, 'users', (before, now) => userChanges(before, now));
  }

  groupsDelta(link: string | undefined): Promise<DeltaRound<GroupChange>> {
    return this.#round(link, 'groups', (before, now) => groupChanges(before, now));
  }

  readGroups(): Promise<GroupChange[]> {
    return Promise.resolve(groupChanges(undefined, this.#worldAt(this.#visible())));
  }

  getUsers(ids: readonly string[]): Promise<ReadonlyMap<string, EntraUser>> {
    const { users } = this.#worldAt(this.#visible());
    const found = ids.flatMap((id): [string, EntraUser][] => {
      const fields = users[id];
      if (fields === undefined) return [];
      return [[id, wholeUser({ id, removed: false, user: whole(id, fields), cleared: [] })]];
    });
    return Promise.resolve(new Map(found));
  }

  listRoleHolders() {
    return Promise.resolve(new Set<string>());
  }

  listGroupOwners() {
    return Promise.resolve([]);
  }

  getOrganization() {
    return Promise.resolve(contoso);
  }

  listSubscribedSkus() {
    return Promise.resolve([]);
  }

  /** A link names where its round began and where it ended. */
  #round<Change>(
    link: string | undefined,
    what: 'users' | 'groups',
    between: (before: World | undefined, now: World) => Change[],
  ): Promise<DeltaRound<Change>> {
    const { isReplay, isRepeated, isReversed } = this.weather;
    const failure = this.#failure(what, link);
    if (failure !== undefined) return Promise.reject(failure);
    const [began, from] = link?.split('-').map(Number) ?? [];
    const to = Math.max(from ?? 0, this.#visible());
    const now = this.#worldAt(to);
    const since = (start: number | undefined): Change[] =>
      between(start === undefined ? undefined : this.#worldAt(start), now);
    const changes = [...(isReplay && from !== undefined ? since(began) : []), ...since(from)];
    const told = isRepeated ? [...changes, ...changes] : changes;
    const inOrder = isReversed ? told.toReversed() : told;
    return Promise.resolve({ changes: inOrder, deltaLink: `${from ?? to}-${to}` });
  }

  #failure(what: 'users' | 'groups', link: string | undefined): Error | undefined {
    const state = this.weather[what];
    if (state === 'down') return transient('no answer', { reason: 'ConnectionFailed' });
    const isLost = state === 'lost' && link !== undefined;
    return isLost ? wait('read it again', { reason: 'ResyncRequired', delayMs: 0 }) : undefined;
  }

  /** The newest version that the replica has. */
  #visible(): number {
    const untilMs = this.#nowMs - this.weather.lagMs;
    return this.#versions.findLastIndex(({ atMs }) => atMs <= untilMs);
  }

  #worldAt(version: number): World {
    const found = this.#versions[version];
    if (found === undefined) throw new Error(`the model has no version ${version}`);
    return found.world;
  }
}

function whole(id: string, fields: Fields) {
  const name = `${id}@contoso.example`;
  return { id, userPrincipalName: name, accountEnabled: true, assignedLicenses: [], ...fields };
}

/** Minimal: only what changed; whole where the object is new. */
function userChanges(before: World | undefined, now: World): UserChange[] {
  const ids = new Set([...Object.keys(before?.users ?? {}), ...Object.keys(now.users)]);
  return [...ids].flatMap((id): UserChange[] => {
    const was = before?.users[id];
    const is = now.users[id];
    if (is === undefined) return [{ id, removed: true, user: {}, cleared: [] }];
    if (was === undefined) return [{ id, removed: false, user: whole(id, is), cleared: [] }];
    const cleared = Object.keys(was).filter((name) => is[name] === undefined);
    const isBack = before?.lives[id] !== now.lives[id];
    if (isBack) return [{ id, removed: false, user: whole(id, is), cleared }];
    const set = Object.entries(is).filter(([name, value]) => was[name] !== value);
    if (cleared.length + set.length === 0) return [];
    return [{ id, removed: false, user: { id, ...Object.fromEntries(set) }, cleared }];
  });
}

function groupChanges(before: World | undefined, now: World): GroupChange[] {
  const was = before?.members ?? [];
  const added = now.members.filter((id) => !was.includes(id));
  const gone = was.filter((id) => !now.members.includes(id));
  const base = { id: groupId, removed: false, traits: { securityEnabled: true } };
  const change: GroupChange = {
    ...base,
    displayName: 'Sales',
    addedMemberIds: added,
    removedMemberIds: gone,
  };
  return before === undefined || added.length + gone.length > 0 ? [change] : [];
}

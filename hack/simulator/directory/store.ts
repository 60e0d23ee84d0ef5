/**
 * Objects with their history. Every write gets the next number of its directory, so that "what did a replica know at
 * time t" and "what changed since number n" are the same question asked twice.
 */
import { fromJson, type Json, toJson } from '../json.ts';
import type { Room } from '../rooms.ts';
import type { VirtualClock } from '../world.ts';

/** deleted = in the recycle bin; purged = gone. */
export type ObjectState = 'live' | 'deleted' | 'purged';

export interface Version<T> {
  readonly seq: number;
  readonly atMs: number;
  readonly state: ObjectState;
  readonly value: T;
}

/**
 * Delta tokens live 7 days (graph.md 3), and a replay goes back to the round before; versions replaced longer ago than
 * this are never asked for.
 */
const HISTORY_MS = 15 * 86_400_000;

export class WriteLog implements Room {
  readonly clock: VirtualClock;
  /** Time of write number `index + 1`. */
  private times: number[] = [];

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  append(): { seq: number; atMs: number } {
    const atMs = this.clock.nowMs();
    this.times.push(atMs);
    return { seq: this.times.length, atMs };
  }

  get last(): number {
    return this.times.length;
  }

  dump(): Json {
    return toJson(this.times);
  }

  load(state: Json): void {
    this.times = fromJson(state) as number[];
  }

  /** The last write that a replica with this lag has seen. */
  visible(lagMs: number): number {
    if (lagMs <= 0) return this.last;
    const until = this.clock.nowMs() - lagMs;
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.times[middle] ?? 0) <= until) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class Store<T extends { readonly id: string }> implements Room {
  private readonly log: WriteLog;
  private histories = new Map<string, Version<T>[]>();

  constructor(log: WriteLog) {
    this.log = log;
  }

  /** Objects that are live now. */
  liveCount = 0;
  /** Those in the recycle bin; they count towards the quota of the tenant (graph.md 2.7). */
  deletedCount = 0;

  write(value: T, state: ObjectState = 'live'): void {
    const before = this.latest(value.id)?.state;
    this.liveCount += Number(state === 'live') - Number(before === 'live');
    this.deletedCount += Number(state === 'deleted') - Number(before === 'deleted');
    const version = { ...this.log.append(), state, value };
    const history = this.histories.get(value.id) ?? [];
    history.push(version);
    const keepFrom = version.atMs - HISTORY_MS;
    while (history[1] && history[1].atMs < keepFrom) history.shift();
    this.histories.set(value.id, history);
  }

  /** As of write number `seq`; undefined where it did not exist yet. */
  at(id: string, seq: number): Version<T> | undefined {
    return this.histories.get(id)?.findLast((version) => version.seq <= seq);
  }

  /** The newest live value. */
  live(id: string): T | undefined {
    const version = this.histories.get(id)?.at(-1);
    return version?.state === 'live' ? version.value : undefined;
  }

  latest(id: string): Version<T> | undefined {
    return this.histories.get(id)?.at(-1);
  }

  /** Objects in this state as of write number `seq`, oldest object first. */
  *all(state: ObjectState, seq: number): Generator<Version<T>> {
    for (const history of this.histories.values()) {
      const version = history.findLast((candidate) => candidate.seq <= seq);
      if (version?.state === state) yield version;
    }
  }

  ids(): Iterable<string> {
    return this.histories.keys();
  }

  dump(): Json {
    return toJson(this.histories);
  }

  load(state: Json): void {
    this.histories = fromJson(state) as Map<string, Version<T>[]>;
    const states = this.histories.keys().map((id) => this.latest(id)?.state);
    const counts = Map.groupBy(states, (state) => state);
    this.liveCount = counts.get('live')?.length ?? 0;
    this.deletedCount = counts.get('deleted')?.length ?? 0;
  }
}

interface Interval {
  readonly from: number;
  to: number;
}

/** Who is in which group, with history. */
export class Memberships implements Room {
  private readonly log: WriteLog;
  private byGroup = new Map<string, Map<string, Interval[]>>();
  private byMember = new Map<string, Set<string>>();

  constructor(log: WriteLog) {
    this.log = log;
  }

  /** @returns false if the member was there already. */
  add(groupId: string, memberId: string): boolean {
    const members = this.byGroup.get(groupId) ?? new Map<string, Interval[]>();
    this.byGroup.set(groupId, members);
    const intervals = members.get(memberId) ?? [];
    if (intervals.at(-1)?.to === Infinity) return false;
    intervals.push({ from: this.log.append().seq, to: Infinity });
    members.set(memberId, intervals);
    const groups = this.byMember.get(memberId) ?? new Set<string>();
    this.byMember.set(memberId, groups.add(groupId));
    return true;
  }

  /** @returns false if there was no such member. */
  remove(groupId: string, memberId: string): boolean {
    const last = this.byGroup.get(groupId)?.get(memberId)?.at(-1);
    if (last?.to !== Infinity) return false;
    last.to = this.log.append().seq;
    return true;
  }

  has(groupId: string, memberId: string, seq: number): boolean {
    const intervals = this.byGroup.get(groupId)?.get(memberId) ?? [];
    return intervals.some((interval) => interval.from <= seq && seq < interval.to);
  }

  members(groupId: string, seq: number): string[] {
    const members = this.byGroup.get(groupId)?.keys() ?? [];
    return [...members].filter((memberId) => this.has(groupId, memberId, seq));
  }

  groups(memberId: string, seq: number): string[] {
    const groups = this.byMember.get(memberId) ?? [];
    return [...groups].filter((groupId) => this.has(groupId, memberId, seq));
  }

  /** Members that came or went between two write numbers. */
  changes(groupId: string, from: number, to: number): { memberId: string; removed: boolean }[] {
    const changed: { memberId: string; removed: boolean }[] = [];
    for (const memberId of this.byGroup.get(groupId)?.keys() ?? []) {
      const before = this.has(groupId, memberId, from);
      const after = this.has(groupId, memberId, to);
      if (before !== after) changed.push({ memberId, removed: before });
    }
    return changed;
  }

  dump(): Json {
    return { byGroup: toJson(this.byGroup), byMember: toJson(this.byMember) };
  }

  load(state: Json): void {
    const { byGroup, byMember } = state as { readonly byGroup: Json; readonly byMember: Json };
    this.byGroup = fromJson(byGroup) as Map<string, Map<string, Interval[]>>;
    this.byMember = fromJson(byMember) as Map<string, Set<string>>;
  }
}

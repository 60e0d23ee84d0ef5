/**
 * Groups that we made and memberships that we changed: a read may lag behind them (graph.md 12.1). What a read says
 * against our own write is asked again of the group itself, and counts only after several equal reads in a row; a write
 * that nothing has shown is looked for as well, because delta may tell nothing of what was undone before it was seen.
 */
import { traitsOf } from './group-traits.ts';
import { graceMs } from './own-writes.ts';
import type { GroupTraits, NewGroup } from './port.ts';

/** A write that no read has shown for so long is looked for. */
const unseenMs = 10_000;
/** So many equal reads in a row are believed. */
const believedReads = 5;

export interface ReadGroup {
  readonly id: string;
  displayName: string;
  traits: GroupTraits;
  readonly memberIds: Set<string>;
}

interface OwnMembership {
  readonly groupId: string;
  readonly userId: string;
  readonly isMember: boolean;
  readonly atMs: number;
  staleReads: number;
  isDoubtful: boolean;
  /** A round told the opposite, and tells it once: a read that shows our write may be older. */
  isContradicted: boolean;
}

export class OwnGroups {
  readonly #nowMs: () => number;
  readonly #made = new Map<string, { readonly group: NewGroup; readonly atMs: number }>();
  /** Those that no read has shown yet, by group and user. */
  readonly #memberships = new Map<string, OwnMembership>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  noteMade(id: string, group: NewGroup): void {
    this.#made.set(id, { group, atMs: this.#nowMs() });
  }

  forgetMade(id: string): void {
    this.#made.delete(id);
  }

  noteMember(groupId: string, userId: string, isMember: boolean): void {
    const atMs = this.#nowMs();
    const fresh = { staleReads: 0, isDoubtful: false, isContradicted: false };
    const own = { groupId, userId, isMember, atMs, ...fresh };
    this.#memberships.set(keyOf(groupId, userId), own);
  }

  /** What to believe where a list or a delta round says that somebody is a member, or is none. */
  believed(groupId: string, userId: string, told: boolean): boolean {
    const own = this.#memberships.get(keyOf(groupId, userId));
    if (own === undefined || this.#isShown(own, told)) return told;
    own.isDoubtful = true;
    own.isContradicted = true;
    return own.isMember;
  }

  /** The same of a read of the group itself. */
  settled(groupId: string, userId: string, told: boolean): boolean {
    const own = this.#memberships.get(keyOf(groupId, userId));
    const isOld = own !== undefined && this.#nowMs() - own.atMs >= graceMs;
    if (own?.isContradicted === true && !isOld && told === own.isMember) return told;
    if (own === undefined || this.#isShown(own, told)) return told;
    own.staleReads += 1;
    if (!isOld && own.staleReads < believedReads) return own.isMember;
    // The directory shows something newer: from now on a difference is somebody else's.
    this.#memberships.delete(keyOf(groupId, userId));
    return told;
  }

  #isShown(own: OwnMembership, told: boolean): boolean {
    if (told === own.isMember) this.#memberships.delete(keyOf(own.groupId, own.userId));
    return told === own.isMember;
  }

  isUnseen(userId: string): boolean {
    return [...this.#memberships.values()].some((own) => own.userId === userId);
  }

  /** Before a round: what it does not show is looked for. */
  doubtUnseen(): void {
    for (const own of this.#memberships.values()) {
      if (this.#nowMs() - own.atMs >= unseenMs) own.isDoubtful = true;
    }
  }

  /** After a round: users to look for, by group. */
  takeDoubtful(): ReadonlyMap<string, readonly string[]> {
    const byGroup = new Map<string, string[]>();
    for (const own of this.#memberships.values()) {
      if (!own.isDoubtful) continue;
      own.isDoubtful = false;
      byGroup.set(own.groupId, [...(byGroup.get(own.groupId) ?? []), own.userId]);
    }
    return byGroup;
  }

  /** Puts over groups that were read in full what the list may not show yet. */
  overlay(groups: Map<string, ReadGroup>): void {
    const sinceMs = this.#nowMs() - graceMs;
    for (const [id, { group, atMs }] of this.#made) {
      if (atMs <= sinceMs) this.#made.delete(id);
      else if (!groups.has(id)) groups.set(id, newGroup(id, group));
    }
    this.#overlayMembers(groups);
  }

  #overlayMembers(groups: ReadonlyMap<string, ReadGroup>): void {
    for (const own of this.#memberships.values()) {
      const members = groups.get(own.groupId)?.memberIds;
      if (members?.has(own.userId) !== false) continue;
      // Of one that we ended a list that has it already told: it is kept out, and doubtful.
      if (own.isMember && this.believed(own.groupId, own.userId, false)) members.add(own.userId);
      else if (!own.isDoubtful) this.#memberships.delete(keyOf(own.groupId, own.userId));
    }
  }
}

function keyOf(groupId: string, userId: string): string {
  return `${groupId} ${userId}`;
}

/** As the directory will show it. */
export function newGroup(id: string, { displayName, type }: NewGroup): ReadGroup {
  return { id, displayName, traits: traitsOf(type), memberIds: new Set() };
}

/** Groups that we made and memberships that we changed: a full read of a list may lag behind them (graph.md 12.1). */
import { traitsOf } from './group-traits.ts';
import type { GroupTraits, NewGroup } from './port.ts';

/** After this long nothing lags any more. */
const graceMs = 5 * 60_000;
/** A membership that no read has shown for so long is looked for: delta tells nothing of one that was undone before. */
const unseenMs = 10_000;
/** So many reads in a row that say otherwise are believed (own-writes.ts). */
const believedReads = 5;

export interface Membership {
  readonly groupId: string;
  readonly userId: string;
}

interface OwnMembership {
  readonly isMember: boolean;
  readonly atMs: number;
  /** Reads in a row that say otherwise. */
  otherwise: number;
}

interface ReadGroup {
  readonly id: string;
  displayName: string;
  traits: GroupTraits;
  readonly memberIds: Set<string>;
}

export class OwnGroups {
  readonly #nowMs: () => number;
  readonly #made = new Map<string, { readonly group: NewGroup; readonly atMs: number }>();
  /** By group and user. */
  readonly #memberships = new Map<string, OwnMembership>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  noteMade(id: string, group: NewGroup): void {
    this.#made.set(id, { group, atMs: this.#nowMs() });
  }

  noteMember(groupId: string, userId: string, isMember: boolean): void {
    this.#memberships.set(`${groupId} ${userId}`, {
      isMember,
      atMs: this.#nowMs(),
      otherwise: 0,
    });
  }

  /** The directory has told of a change there: from now on it is right. */
  forgetMembers(groupId: string, userIds: readonly string[]): void {
    for (const userId of userIds) this.#memberships.delete(`${groupId} ${userId}`);
  }

  /** Those to be looked for, unless the next delta shows them. */
  unseen(): readonly Membership[] {
    const nowMs = this.#nowMs();
    for (const [key, { atMs }] of this.#memberships) {
      if (nowMs - atMs >= graceMs) this.#memberships.delete(key);
    }
    return [...this.#memberships]
      .filter(([, { atMs }]) => nowMs - atMs >= unseenMs)
      .map(([key]) => {
        const [groupId = '', userId = ''] = key.split(' ');
        return { groupId, userId };
      });
  }

  isUnseen({ groupId, userId }: Membership): boolean {
    return this.#memberships.has(`${groupId} ${userId}`);
  }

  /** true: what was read is believed, and is not what we wrote. */
  isOverruled({ groupId, userId }: Membership, isMember: boolean): boolean {
    const key = `${groupId} ${userId}`;
    const own = this.#memberships.get(key);
    if (own === undefined) return false;
    own.otherwise = own.isMember === isMember ? 0 : own.otherwise + 1;
    const isOverruled = own.otherwise >= believedReads;
    if (own.isMember === isMember || isOverruled) this.#memberships.delete(key);
    return isOverruled;
  }

  forgetMade(id: string): void {
    this.#made.delete(id);
  }

  /** Puts over groups that were read in full what the list may not show yet. */
  overlay(groups: Map<string, ReadGroup>): void {
    const sinceMs = this.#nowMs() - graceMs;
    for (const [id, { group, atMs }] of this.#made) {
      if (atMs <= sinceMs) this.#made.delete(id);
      else if (!groups.has(id)) groups.set(id, newGroup(id, group));
    }
    this.#overlayMembers(groups, sinceMs);
  }

  #overlayMembers(groups: ReadonlyMap<string, ReadGroup>, sinceMs: number): void {
    for (const [key, { isMember, atMs }] of this.#memberships) {
      const [groupId = '', userId = ''] = key.split(' ');
      const members = groups.get(groupId)?.memberIds;
      if (atMs <= sinceMs) this.#memberships.delete(key);
      else if (isMember) members?.add(userId);
      else members?.delete(userId);
    }
  }
}

/** As the directory will show it. */
export function newGroup(id: string, { displayName, type }: NewGroup): ReadGroup {
  return { id, displayName, traits: traitsOf(type), memberIds: new Set() };
}

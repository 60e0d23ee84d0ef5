/** Who has a seat of the pool, who waits for one, and who is to come and to go. */
import { day } from './seat-commerce.ts';

export type PeopleHappening = 'join' | 'joinLater' | 'leave' | 'leaveLater' | 'stay';

export class People {
  assigned = 0;
  waiting = 0;
  /** When those come who are announced. */
  starting: number[] = [];
  /** When those go who are announced: they have a seat till then. */
  leaving: number[] = [];
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  happen(what: PeopleHappening, size: number, now: number): void {
    this.#happenings[what](size, now);
  }

  readonly #happenings: Readonly<Record<PeopleHappening, (size: number, now: number) => void>> = {
    join: (size) => {
      this.waiting += size;
    },
    joinLater: (size, now) => {
      this.starting.push(this.#later(size, now));
    },
    leave: (size) => {
      this.assigned -= Math.max(0, Math.min(size, this.assigned - this.leaving.length));
    },
    leaveLater: (size, now) => {
      if (this.assigned > this.leaving.length) this.leaving.push(this.#later(size, now));
    },
    stay: (_, now) => {
      const index = this.leaving.findIndex((at) => at > now + 3 * day);
      if (index >= 0) this.leaving.splice(index, 1);
    },
  };

  #later(size: number, now: number): number {
    return now + Math.ceil(size * this.#random() * 12 * day);
  }

  /** @returns how many have come, and wait for a seat */
  come(now: number): number {
    const begun = this.starting.filter((at) => at <= now).length;
    this.starting = this.starting.filter((at) => at > now);
    this.waiting += begun;
    return begun;
  }

  /** @returns how many have gone, and left their seat */
  go(now: number): number {
    const left = this.leaving.filter((at) => at <= now).length;
    this.leaving = this.leaving.filter((at) => at > now);
    this.assigned -= left;
    return left;
  }

  /** `seats`: all that there are. */
  sitDown(seats: number): void {
    const count = Math.max(0, Math.min(this.waiting, seats - this.assigned));
    this.assigned += count;
    this.waiting -= count;
  }
}

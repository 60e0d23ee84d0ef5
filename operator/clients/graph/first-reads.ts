/**
 * After a start the directory of every tenant is read whole, and each of these reads waits for all that are beside it: no
 * more than so many at once. One that an edit waits for goes ahead of the others.
 */
import { laneOf, markLane } from '../../core/lane.ts';

export interface FirstReadsOptions {
  /** Default: 16. */
  readonly atOnce?: number;
  /** One that takes longer does not count any more: a tenant that does not answer does not hold the others. Default: 5 s. */
  readonly slowMs?: number;
}

export class FirstReads {
  readonly #atOnce: number;
  readonly #slowMs: number;
  /** By who reads, in the order of arrival: how to let it go. */
  readonly #waiting = new Map<object, { readonly go: () => void; readonly signal: AbortSignal }>();
  #underWay = 0;

  constructor({ atOnce = 16, slowMs = 5_000 }: FirstReadsOptions = {}) {
    this.#atOnce = atOnce;
    this.#slowMs = slowMs;
  }

  /** Reads when it is its turn. `reader`: for `hurry`. Throws what `read` does, and the signal's reason. */
  async run(reader: object, read: () => Promise<void>, signal: AbortSignal): Promise<void> {
    await this.#turn(reader, signal);
    let isCounted = true;
    const makeRoom = (): void => {
      if (isCounted) this.#makeRoom();
      isCounted = false;
    };
    AbortSignal.timeout(this.#slowMs).addEventListener('abort', makeRoom, { once: true });
    try {
      await read();
    } finally {
      makeRoom();
    }
  }

  #makeRoom(): void {
    this.#underWay -= 1;
    const [next] = this.#waiting.values();
    if (this.#underWay < this.#atOnce) next?.go();
  }

  /** An edit waits for it now: it waits no longer, and its requests, with those of all its pass, are an edit's. */
  hurry(reader: object): void {
    const waiting = this.#waiting.get(reader);
    if (waiting === undefined) return;
    markLane(waiting.signal, 'edit');
    waiting.go();
  }

  async #turn(reader: object, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#underWay >= this.#atOnce && laneOf(signal) !== 'edit') {
      await this.#wait(reader, signal);
      return;
    }
    this.#underWay += 1;
  }

  #wait(reader: object, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(reader);
      signal.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      leave();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const go = (): void => {
      leave();
      this.#underWay += 1;
      resolve();
    };
    this.#waiting.set(reader, { go, signal });
    return promise;
  }
}

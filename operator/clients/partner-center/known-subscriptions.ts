/**
 * The subscriptions of each customer as they were last read. The pools of a tenant are looked at one after the other:
 * at night and after a restart one request serves them all. What we change ourselves is forgotten before and after.
 */
import type { Subscription } from './port.ts';

interface Known {
  readonly atMs: number;
  /** Or being read. */
  readonly subscriptions: Promise<readonly Subscription[]>;
}

export class KnownSubscriptions {
  readonly #nowMs: () => number;
  readonly #known = new Map<string, Known>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Undefined: not read since then. */
  since(customerId: string, sinceMs: number): Promise<readonly Subscription[]> | undefined {
    const known = this.#known.get(customerId);
    return known !== undefined && known.atMs >= sinceMs ? known.subscriptions : undefined;
  }

  async learn(
    customerId: string,
    read: () => Promise<readonly Subscription[]>,
  ): Promise<readonly Subscription[]> {
    const learning = { atMs: this.#nowMs(), subscriptions: read() };
    this.#known.set(customerId, learning);
    try {
      return await learning.subscriptions;
    } catch (error) {
      // A newer one may stand there by now.
      if (this.#known.get(customerId) === learning) this.#known.delete(customerId);
      throw error;
    }
  }

  forget(customerId: string): void {
    this.#known.delete(customerId);
  }
}

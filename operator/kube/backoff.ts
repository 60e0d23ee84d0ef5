/** Waits that grow with each failure in a row: client-go's for reflectors (0.8 s → 30 s, doubled, up to twice by chance). */
import type { Clock } from '../runtime/clock.ts';

const firstMs = 800;
const maxMs = 30_000;
/** Without a failure for so long the next one is a first one. */
const resetMs = 2 * 60_000;

export class Backoff {
  readonly #clock: Clock;
  #nextMs = firstMs;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `toldMs`: the server said when to come again, which ends what it has to do and says nothing of failures. */
  async wait(signal: AbortSignal, toldMs?: number): Promise<void> {
    if (toldMs !== undefined) {
      await this.#clock.sleep(toldMs * (1 + this.#clock.random() / 2), signal);
      return;
    }
    const now = this.#clock.monotonicMs();
    if (now - this.#lastMs > resetMs) this.#nextMs = firstMs;
    const waitMs = Math.min(maxMs, this.#nextMs * (1 + this.#clock.random()));
    this.#nextMs = Math.min(maxMs, this.#nextMs * 2);
    await this.#clock.sleep(waitMs, signal);
    this.#lastMs = this.#clock.monotonicMs();
  }

  reset(): void {
    this.#nextMs = firstMs;
  }
}

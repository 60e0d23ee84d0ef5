/** One quota of Graph as a token bucket: what is taken flows back evenly over the window. No clock of its own. */

export interface Quota {
  readonly amount: number;
  readonly windowMs: number;
}

export class Bucket {
  #quota: Quota;
  #used = 0;
  #atMs = 0;

  constructor(quota: Quota) {
    this.#quota = quota;
  }

  /** The size of a tenant changes, and its quota with it. What is taken stays taken. */
  resize(quota: Quota): void {
    this.#quota = quota;
  }

  /** 0: all of it is there; 1 and more: none. */
  share(nowMs: number): number {
    return this.#drained(nowMs) / this.#quota.amount;
  }

  take(cost: number, nowMs: number): void {
    this.#used = this.#drained(nowMs) + cost;
    this.#atMs = nowMs;
  }

  /** The service says that so much is used at least. */
  raiseTo(share: number, nowMs: number): void {
    this.#used = Math.max(this.#drained(nowMs), share * this.#quota.amount);
    this.#atMs = nowMs;
  }

  /** Until no more than this is used; 0 where that is so. */
  delayMs(used: number, nowMs: number): number {
    const over = this.#drained(nowMs) - Math.max(0, used);
    return over <= 0 ? 0 : (over * this.#quota.windowMs) / this.#quota.amount;
  }

  get amount(): number {
    return this.#quota.amount;
  }

  #drained(nowMs: number): number {
    const back = ((nowMs - this.#atMs) * this.#quota.amount) / this.#quota.windowMs;
    return Math.max(0, this.#used - Math.max(0, back));
  }
}

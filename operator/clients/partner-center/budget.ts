/**
 * Partner Center's published limits, kept on our side: a request that would be refused is not sent, since refused ones
 * count as well. Nobody waits here: `admit` throws Wait `Throttled` with the time at which there is room again, and each
 * resource that is refused is given a moment of its own: the pools of a tenant, who share one answer, come back together.
 *
 * | resource (partner-center.md 10.1)                 | requests of a partner tenant in any 60 s |
 * | ------------------------------------------------- | ---------------------------------------- |
 * | a customer, the list of customers                 | 500                                      |
 * | subscriptions of a customer, and what is below    | 500                                      |
 * | orders of a customer                              | 500                                      |
 *
 * Everything else is not published: there Retry-After tells. Work that nobody waits for leaves 5 % for who edits now.
 */
import { type OperatorError, wait } from '../../core/errors.ts';
import { laneOf } from '../../core/lane.ts';

const windowMs = 60_000;
const published = 500;
const calmShare = 0.95;

const resources: readonly (readonly [name: string, path: RegExp])[] = [
  ['customers', /^\/v1\/customers(\/[^/?]+)?(\?|$)/],
  ['subscriptions', /^\/v1\/customers\/[^/]+\/subscriptions([/?]|$)/],
  ['orders', /^\/v1\/customers\/[^/]+\/orders([/?]|$)/],
];

export interface BudgetOptions {
  /** Processes that work for the same partner tenant beside each other. Default: 1. */
  readonly shards?: number | undefined;
  /** Default: 500, as published. */
  readonly requestsPerMinute?: number | undefined;
  /** Milliseconds that never jump. */
  readonly nowMs: () => number;
}

export class PartnerCenterBudget {
  readonly #windows: ReadonlyMap<string, Window>;
  readonly #nowMs: () => number;

  constructor({ shards = 1, requestsPerMinute = published, nowMs }: BudgetOptions) {
    const amount = Math.max(1, Math.floor(requestsPerMinute / shards));
    this.#windows = new Map(resources.map(([name]) => [name, new Window(amount)]));
    this.#nowMs = nowMs;
  }

  /** Counts the request, or throws Wait `Throttled`: then nothing was counted and nothing is to be sent. */
  admit(path: string, signal: AbortSignal): void {
    const window = this.#of(path);
    if (window === undefined) return;
    const lane = laneOf(signal);
    const isUrgent = lane === 'edit' || lane === 'dependant';
    const delayMs = window.take(path, this.#nowMs(), isUrgent ? 1 : calmShare);
    if (delayMs > 0) throw throttled(delayMs);
  }

  /** Partner Center itself has asked to wait. */
  pause(path: string, delayMs: number): void {
    this.#of(path)?.pause(this.#nowMs() + delayMs);
  }

  #of(path: string): Window | undefined {
    const found = resources.find(([, pattern]) => pattern.test(path));
    return found && this.#windows.get(found[0]);
  }
}

function throttled(delayMs: number): OperatorError {
  return wait("Partner Center's limit of requests a minute is used up", {
    reason: 'Throttled',
    delayMs: Math.ceil(delayMs),
    awaitsTurn: true,
  });
}

/** At most so many requests in any minute. */
class Window {
  readonly #amount: number;
  /** When the requests of the last minute were sent. */
  #sentMs: number[] = [];
  /** Moments that were given to those that were refused, by path, in order. */
  readonly #givenMs = new Map<string, number>();
  #pausedUntilMs = 0;

  constructor(amount: number) {
    this.#amount = amount;
  }

  /** 0: it may be sent. Otherwise when to come back. */
  take(path: string, nowMs: number, share: number): number {
    this.#sentMs = this.#sentMs.filter((ms) => ms > nowMs - windowMs);
    const most = Math.max(1, Math.floor(this.#amount * share));
    if (nowMs >= this.#pausedUntilMs && this.#sentMs.length < most) {
      this.#sentMs.push(nowMs);
      this.#givenMs.delete(path);
      return 0;
    }
    for (const [given, atMs] of this.#givenMs) if (atMs <= nowMs) this.#givenMs.delete(given);
    const atMs = this.#givenMs.get(path) ?? this.#nextMs(most, nowMs);
    this.#givenMs.set(path, atMs);
    return Math.max(1, Math.max(atMs, this.#pausedUntilMs) - nowMs);
  }

  pause(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  /** Each place becomes free a minute after it was taken: the n-th refused gets the n-th of them. */
  #nextMs(most: number, nowMs: number): number {
    if (this.#sentMs.length + this.#givenMs.size < most) return nowMs;
    const place = this.#givenMs.size;
    const rounds = Math.floor(place / most);
    const index = (this.#sentMs.length - most + (place % most)) % Math.max(1, this.#sentMs.length);
    const takenMs = this.#sentMs[Math.max(0, index)] ?? nowMs;
    return takenMs + (rounds + 1) * windowMs;
  }
}

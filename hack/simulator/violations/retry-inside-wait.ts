import { clientOf, fingerprint, header, type Rule, remember } from './rule.ts';

interface Waits {
  readonly real: number;
  readonly simulated: number;
}

/** Timers of clients may fire a little early. */
const TOLERANCE_MS = 10;

/**
 * Only the same request of the same client counts: others may be under way. Time has passed when it has passed on
 * either clock: a test may move the simulated one instead of waiting.
 */
export const retryInsideWait: Rule<Map<string, Waits>> = {
  name: 'retry-inside-wait',
  says: 'A request that was told to wait (Retry-After) is not sent again before (graph.md 10.5, partner-center.md 10.2).',
  begin: () => new Map(),
  look(waiting, sight) {
    const client = clientOf(sight);
    const seconds = sight.answer.status >= 400 ? Number(header(sight, 'retry-after')) : Number.NaN;
    if (client === undefined || (waiting.size === 0 && !(seconds > 0))) return undefined;
    const key = `${client} ${fingerprint(sight)}`;
    const until = waiting.get(key);
    waiting.delete(key);
    if (seconds > 0 && sight.isAnswered) {
      const ms = seconds * 1000;
      remember(waiting, key, { real: sight.answeredMs + ms, simulated: sight.atMs + ms });
    }
    const leftMs = until && Math.min(until.real - sight.arrivedMs, until.simulated - sight.atMs);
    return leftMs !== undefined && leftMs > TOLERANCE_MS
      ? `sent again ${Math.round(leftMs)} ms too early`
      : undefined;
  },
};

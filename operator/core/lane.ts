/**
 * In which lane of the queue a piece of work runs, for clients that tell it to the outside or keep a part of a quota
 * for what is urgent. The work's signal carries it: every call has that already.
 */
import type { Lane } from './ports.ts';

const lanes = new WeakMap<AbortSignal, Lane>();

export function markLane(signal: AbortSignal, lane: Lane): AbortSignal {
  lanes.set(signal, lane);
  return signal;
}

/** `retry`, the ordinary one, for work that nobody marked. */
export function laneOf(signal: AbortSignal): Lane {
  return lanes.get(signal) ?? 'retry';
}

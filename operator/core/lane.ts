/**
 * In which lane of the queue a piece of work runs, for clients that tell it to the outside or keep a part of a quota
 * for what is urgent. The work's signal carries it: every call has that already.
 */
import type { Lane } from './ports.ts';

/** A property of the signal: a WeakMap of thousands that live for a millisecond is work for the garbage collector. */
const laneSymbol = Symbol('lane');

type Marked = AbortSignal & { [laneSymbol]?: Lane };

export function markLane(signal: AbortSignal, lane: Lane): AbortSignal {
  (signal as Marked)[laneSymbol] = lane;
  return signal;
}

/** `retry`, the ordinary one, for work that nobody marked. */
export function laneOf(signal: AbortSignal): Lane {
  return (signal as Marked)[laneSymbol] ?? 'retry';
}

/**
 * The simulated clouds that are up in this process. Whatever a test does, the operator must stay a careful client: what
 * such a client never does is listed by each cloud (hack/simulator/violations). A test that provokes it on purpose
 * says so, and empties the list.
 */
import type { Violation } from '../simulator/violations/room.ts';

/** What is needed of a simulator. */
interface LiveCloud {
  readonly violations: { list(): readonly Violation[]; clear(): void };
}

const live = new Set<LiveCloud>();

/** Returns how to take it out again, when it stops. */
export function isLiveCloud(cloud: LiveCloud): () => void {
  live.add(cloud);
  return () => live.delete(cloud);
}

/** One line each; they are told once. Empty: all is well. */
export function violationsInLiveClouds(): readonly string[] {
  return [...live].flatMap(({ violations }) => {
    const lines = violations.list().map(lineOf);
    violations.clear();
    return lines;
  });
}

export function lineOf({ rule, method, path, what, seq }: Violation): string {
  return `${rule}: ${method} ${path} (entry ${seq} of the journal): ${what}`;
}

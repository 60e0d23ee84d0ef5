import { fromJson, type Json, toJson } from './json.ts';
import type { Room } from './rooms.ts';
import type { ApiResponse } from './world.ts';

/** On every answer 501: what Microsoft has and this simulator has not. */
export const NOT_MODELLED_HEADER = 'x-simulator-not-modelled';

const LENGTH_MAX = 200;

/** What is missing may hold what a client sent: a header bears only printable ASCII. */
export function notModelledHeader(what: string): Record<string, string> {
  const text = what.slice(0, LENGTH_MAX).replaceAll(/[^\x20-\x7e]/g, '?');
  return { [NOT_MODELLED_HEADER]: text };
}

/** So many are told apart; names come from clients, too. */
const NAMES_MAX = 1_000;
const OTHERS = 'others';

/** What clients asked for in vain, and how often. */
export class NotModelled implements Room {
  private counted = new Map<string, number>();

  /** Does nothing for answers without the marker. */
  count({ headers }: ApiResponse): void {
    const what = headers?.[NOT_MODELLED_HEADER];
    if (what === undefined) return;
    const isFull = this.counted.size >= NAMES_MAX && !this.counted.has(what);
    const name = isFull ? OTHERS : what;
    this.counted.set(name, (this.counted.get(name) ?? 0) + 1);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.counted);
  }

  dump(): Json {
    return toJson(this.counted);
  }

  load(state: Json): void {
    this.counted = fromJson(state) as Map<string, number>;
  }
}

import { fromJson, type Json, toJson } from './json.ts';
import type { Room } from './rooms.ts';
import type { ApiResponse } from './world.ts';

/** On every answer 501: what Microsoft has and this simulator has not. */
export const NOT_MODELLED_HEADER = 'x-simulator-not-modelled';

/** What clients asked for in vain, and how often. */
export class NotModelled implements Room {
  private counted = new Map<string, number>();

  /** Does nothing for answers without the marker. */
  count({ headers }: ApiResponse): void {
    const what = headers?.[NOT_MODELLED_HEADER];
    if (what !== undefined) this.counted.set(what, (this.counted.get(what) ?? 0) + 1);
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

import { fromJson, type Json, toJson } from '../json.ts';
import type { SeededRandom } from '../random.ts';
import type { Room } from '../rooms.ts';
import type { ActionName, Deed, Outcome } from './perform.ts';

export interface Plan extends Deed {
  readonly id: number;
  readonly atMs: number;
  readonly parameters: unknown;
}

/** Actions by chance, again and again. */
export interface Stream {
  readonly id: number;
  /** On average, over all tenants together. */
  readonly perDay: number;
  /** Empty: all customers. */
  readonly tenants: readonly string[];
  readonly actions: readonly ActionName[];
  /** Where its chance stands. */
  randomState: Json;
}

export interface Done extends Outcome {
  /** ISO 8601, simulated. */
  readonly at: string;
  /** Of the plan or the stream. */
  readonly id: number;
}

const DONE_MAX = 1_000;

interface State {
  count: number;
  readonly plans: Map<number, Plan>;
  readonly streams: Map<number, Stream>;
  done: Done[];
}

/** What people will do, and what they did. */
export class Actors implements Room {
  private state: State = { count: 0, plans: new Map(), streams: new Map(), done: [] };
  /** For what planned actions leave open, e.g. first passwords. */
  readonly random: SeededRandom;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  get plans(): Map<number, Plan> {
    return this.state.plans;
  }

  get streams(): Map<number, Stream> {
    return this.state.streams;
  }

  get done(): readonly Done[] {
    return this.state.done;
  }

  nextId(): number {
    this.state.count += 1;
    return this.state.count;
  }

  note(done: Done): void {
    this.state.done.push(done);
    if (this.state.done.length > DONE_MAX) this.state.done = this.state.done.slice(DONE_MAX / 10);
  }

  dump(): Json {
    return { random: this.random.dump(), state: toJson(this.state) };
  }

  load(state: Json): void {
    const saved = state as Readonly<Record<'random' | 'state', Json>>;
    this.random.load(saved.random);
    this.state = fromJson(saved.state) as State;
  }
}

/**
 * Entries that may be handed out now. Highest lane first; inside a lane every flow (a tenant) has its turn, so that one
 * with 10,000 entries does not delay another; inside a flow first come, first served. A flow that is held (its
 * outside service asked to wait) or has all its share in flight is passed over, and takes no worker.
 */
import type { Lane } from '../core/ports.ts';

/** Highest first; the numbers are the `priority` label of `workqueue_depth`. */
export const lanePriority: Readonly<Record<Lane, number>> = {
  edit: 100,
  dependant: 50,
  retry: 0,
  resync: -100,
};
export const lanes: readonly Lane[] = ['edit', 'dependant', 'retry', 'resync'];

/** What a worker takes. Who takes edits only is there when somebody edits: a person waits for nobody who waits. */
export type Taken = 'edits' | 'all';

const lanesOf: Readonly<Record<Taken, readonly Lane[]>> = { edits: ['edit'], all: lanes };

function perLane<T>(create: () => T): Readonly<Record<Lane, T>> {
  return { edit: create(), dependant: create(), retry: create(), resync: create() };
}

interface Flow<E> {
  readonly name: string;
  readonly waiting: Readonly<Record<Lane, Set<E>>>;
  inFlight: number;
  /** Monotonic. */
  heldUntilMs: number;
}

export interface Waiting {
  readonly flow: string;
  readonly lane: Lane;
}

export interface LaneLimits {
  /** Entries of one flow that are in flight at once. Default: no bound. */
  readonly shareMax?: number | undefined;
}

export class Lanes<E extends Waiting> {
  readonly #shareMax: number;
  readonly #flows = new Map<string, Flow<E>>();
  /** Flows with entries that may go now, in the order of their turns. */
  readonly #turns = perLane(() => new Set<Flow<E>>());
  readonly #depths: Record<Lane, number> = { edit: 0, dependant: 0, retry: 0, resync: 0 };

  constructor({ shareMax }: LaneLimits = {}) {
    this.#shareMax = shareMax ?? Number.POSITIVE_INFINITY;
  }

  depth(lane: Lane): number {
    return this.#depths[lane];
  }

  add(entry: E, nowMs: number): void {
    const flow = this.#flowOf(entry.flow);
    flow.waiting[entry.lane].add(entry);
    this.#depths[entry.lane] += 1;
    if (this.#mayGo(flow, nowMs)) this.#turns[entry.lane].add(flow);
  }

  /** False: it was not among them. */
  delete(entry: E): boolean {
    const flow = this.#flows.get(entry.flow);
    if (flow?.waiting[entry.lane].delete(entry) !== true) return false;
    this.#depths[entry.lane] -= 1;
    if (flow.waiting[entry.lane].size === 0) this.#turns[entry.lane].delete(flow);
    this.#forgetIdle(flow);
    return true;
  }

  /** The next entry, in flight from now until `done`; of the highest lane only, or of any. */
  take(which: Taken): E | undefined {
    for (const lane of lanesOf[which]) {
      const [flow] = this.#turns[lane];
      if (flow === undefined) continue;
      const [entry] = flow.waiting[lane];
      if (entry === undefined) throw new Error(`the flow "${flow.name}" has no entry in its turn`);
      this.#hand(flow, entry);
      return entry;
    }
    return undefined;
  }

  /** Of an entry that was taken. */
  done({ flow: name }: Pick<Waiting, 'flow'>, nowMs: number): void {
    const flow = this.#flowOf(name);
    flow.inFlight -= 1;
    this.#resume(flow, nowMs);
  }

  /** Nothing of the flow is handed out before the time that is returned: `untilMs`, or a later one asked for before. */
  hold(name: string, untilMs: number): number {
    const flow = this.#flowOf(name);
    flow.heldUntilMs = Math.max(flow.heldUntilMs, untilMs);
    for (const lane of lanes) this.#turns[lane].delete(flow);
    return flow.heldUntilMs;
  }

  /** To be called when a hold may have passed. */
  release(name: string, nowMs: number): void {
    const flow = this.#flowOf(name);
    if (flow.heldUntilMs <= nowMs) flow.heldUntilMs = Number.NEGATIVE_INFINITY;
    this.#resume(flow, nowMs);
  }

  #hand(flow: Flow<E>, entry: E): void {
    flow.inFlight += 1;
    const turns = this.#turns[entry.lane];
    // To the end of the line, where there is more.
    turns.delete(flow);
    turns.add(flow);
    this.delete(entry);
    if (flow.inFlight >= this.#shareMax) for (const lane of lanes) this.#turns[lane].delete(flow);
  }

  #resume(flow: Flow<E>, nowMs: number): void {
    if (this.#mayGo(flow, nowMs)) {
      for (const lane of lanes) if (flow.waiting[lane].size > 0) this.#turns[lane].add(flow);
    }
    this.#forgetIdle(flow);
  }

  #mayGo(flow: Flow<E>, nowMs: number): boolean {
    return flow.inFlight < this.#shareMax && flow.heldUntilMs <= nowMs;
  }

  #flowOf(name: string): Flow<E> {
    const known = this.#flows.get(name);
    if (known !== undefined) return known;
    const created = {
      name,
      waiting: perLane(() => new Set<E>()),
      inFlight: 0,
      heldUntilMs: Number.NEGATIVE_INFINITY,
    };
    this.#flows.set(name, created);
    return created;
  }

  /** A hold outlives its entries: the next one must meet it. */
  #forgetIdle(flow: Flow<E>): void {
    const isIdle = flow.inFlight === 0 && lanes.every((lane) => flow.waiting[lane].size === 0);
    if (isIdle && flow.heldUntilMs === Number.NEGATIVE_INFINITY) this.#flows.delete(flow.name);
  }
}

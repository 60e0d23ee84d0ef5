import { z } from 'zod';
import { fromJson, type Json, toJson } from './json.ts';
import type { Room } from './rooms.ts';
import type { Random } from './world.ts';

export const SERVICES = ['login', 'graph', 'partnerCenter'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A fault that tests and people order, on the control port or through `Simulator.faults`. */
export const Fault = z.strictObject({
  service: z.enum(SERVICES).optional(),
  method: z.string().optional(),
  /** Regular expression on the path without the query. */
  path: z.string().optional(),
  /** How often it strikes; without it, until it is removed. */
  times: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  /** lostAnswer: the request takes effect, the connection breaks before the answer. reset: it breaks before. */
  kind: z.enum(['status', 'lostAnswer', 'reset', 'delay']),
  status: z.int().min(400).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  /** Real milliseconds. */
  delayMs: z.number().nonnegative().optional(),
  /** Login only: the AADSTS code of the answer, e.g. 53003. */
  aadsts: z.int().positive().optional(),
});
export type Fault = z.infer<typeof Fault>;

interface Armed {
  readonly fault: Fault;
  readonly path: RegExp | undefined;
  left: number;
}

export class Faults implements Room {
  private armed: Armed[] = [];
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  add(fault: Fault): void {
    this.armed.push(arm(fault, fault.times ?? Infinity));
  }

  clear(): void {
    this.armed = [];
  }

  list(): Fault[] {
    return this.armed.map((entry) => entry.fault);
  }

  /** The first fault that strikes this request, if any; counts it. */
  take(service: ServiceName, method: string, path: string): Fault | undefined {
    const hit = this.armed.find(
      (entry) =>
        (entry.fault.service ?? service) === service &&
        (entry.fault.method ?? method).toUpperCase() === method &&
        (entry.path?.test(path) ?? true) &&
        (entry.fault.probability === undefined || this.random.next() < entry.fault.probability),
    );
    if (!hit) return undefined;
    hit.left -= 1;
    this.armed = this.armed.filter((entry) => entry.left > 0);
    return hit.fault;
  }

  dump(): Json {
    return toJson(this.armed.map(({ fault, left }) => ({ fault, left })));
  }

  load(state: Json): void {
    const saved = fromJson(state) as readonly Pick<Armed, 'fault' | 'left'>[];
    this.armed = saved.map(({ fault, left }) => arm(fault, left));
  }
}

function arm(fault: Fault, left: number): Armed {
  return { fault, path: fault.path === undefined ? undefined : new RegExp(fault.path), left };
}

import { fromJson, type Json, toJson } from '../json.ts';
import { SeededRandom } from '../random.ts';
import type { Room } from '../rooms.ts';
import { askerOf, type ServiceName } from '../services.ts';
import type { ApiRequest } from '../world.ts';
import { canStrike, Fault, type FaultKind } from './fault.ts';

interface Armed {
  readonly id: number;
  readonly fault: Fault;
  readonly path: RegExp | undefined;
  /** Its own chance, where it has a seed of its own. */
  readonly random: SeededRandom | undefined;
  /** Requests that it fitted. */
  fitted: number;
  struck: number;
}

/** A fault as people see it. */
export type ArmedFault = Fault & { readonly id: number; readonly struck: number };

export class Faults implements Room {
  private armed: Armed[] = [];
  private count = 0;
  /** Apart from the world's, so that faults change no identifiers. */
  readonly random: SeededRandom;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  /** @returns its id. @throws ZodError for one that makes no sense */
  add(fault: Fault): number {
    this.count += 1;
    this.armed.push(arm(Fault.parse(fault), { id: this.count, fitted: 0, struck: 0 }));
    return this.count;
  }

  /** @returns false if there is none */
  remove(id: number): boolean {
    const left = this.armed.filter((entry) => entry.id !== id);
    const isRemoved = left.length < this.armed.length;
    this.armed = left;
    return isRemoved;
  }

  clear(): void {
    this.armed = [];
  }

  list(): ArmedFault[] {
    return this.armed.map(({ fault, id, struck }) => ({ id, struck, ...fault }));
  }

  /** The first fault that strikes this request, if any; counts it. @param only kinds that come into question */
  take(
    service: ServiceName,
    request: ApiRequest,
    only?: ReadonlySet<FaultKind>,
  ): Fault | undefined {
    if (this.armed.length === 0) return undefined;
    const hit = this.armed.find(
      (entry) =>
        (only?.has(entry.fault.kind) ?? true) &&
        fits(entry, service, request) &&
        this.strikes(entry),
    );
    if (!hit) return undefined;
    hit.struck += 1;
    if (hit.struck === hit.fault.times) this.remove(hit.id);
    return hit.fault;
  }

  private strikes(entry: Armed): boolean {
    const { after = 0, probability } = entry.fault;
    entry.fitted += 1;
    if (entry.fitted <= after) return false;
    return probability === undefined || (entry.random ?? this.random).next() < probability;
  }

  dump(): Json {
    return {
      count: this.count,
      random: this.random.dump(),
      armed: this.armed.map(({ id, fault, fitted, struck, random }) => ({
        id,
        fitted,
        struck,
        fault: toJson(fault),
        random: random?.dump() ?? null,
      })),
    };
  }

  load(state: Json): void {
    const { count, random, armed } = state as Readonly<Record<string, Json>>;
    this.count = Number(count);
    this.random.load(random ?? null);
    this.armed = (armed as readonly Readonly<Record<string, Json>>[]).map((saved) => {
      const entry = arm(fromJson(saved['fault'] ?? null) as Fault, {
        id: Number(saved['id']),
        fitted: Number(saved['fitted']),
        struck: Number(saved['struck']),
      });
      entry.random?.load(saved['random'] ?? null);
      return entry;
    });
  }
}

function arm(fault: Fault, counts: Pick<Armed, 'id' | 'fitted' | 'struck'>): Armed {
  const { path, seed } = fault;
  return {
    ...counts,
    fault,
    path: path === undefined ? undefined : new RegExp(path),
    random: seed === undefined ? undefined : new SeededRandom(seed),
  };
}

function fits({ fault, path }: Armed, service: ServiceName, request: ApiRequest): boolean {
  if (!canStrike(fault.kind, service) || (fault.service ?? service) !== service) return false;
  if ((fault.method ?? request.method).toUpperCase() !== request.method) return false;
  if (path?.test(request.path) === false) return false;
  const { tenantId, appId } = askerOf(service, request);
  return isSame(fault.tenantId, tenantId) && isSame(fault.appId, appId);
}

function isSame(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || wanted.toLowerCase() === found;
}

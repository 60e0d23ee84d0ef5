/** Foreign actors: what administrators do at the portals, at a moment or by chance, on the simulated clock. */
import type { Portals } from '../portal.ts';
import { SeededRandom } from '../random.ts';
import type { TaskKind, World } from '../world.ts';
import { oneOf } from './action.ts';
import {
  ACTION_NAMES,
  type ActionName,
  check,
  type Deed,
  perform,
  requireTenant,
} from './perform.ts';
import type { Done } from './room.ts';

const ACT: TaskKind<{ readonly id: number }> = { name: 'actors.act' };
const SURPRISE: TaskKind<{ readonly id: number }> = { name: 'actors.surprise' };

const DAY_MS = 86_400_000;
/** In a chain of milliseconds the clock would never get on. */
const INTERVAL_MIN_MS = 1_000;

/** Once for each world, before anything is planned or loaded. */
export function registerActors(portals: Portals): void {
  const { clock } = portals.world;
  clock.on(ACT, ({ id }) => act(portals, id));
  clock.on(SURPRISE, ({ id }) => surprise(portals, id));
}

/**
 * Plans an action, or does it where the moment has come. @returns its id
 * @throws Error, ZodError where it could not be done as it is
 */
export function planAction(
  portals: Portals,
  deed: Deed,
  { atMs, parameters }: { readonly atMs: number; readonly parameters: unknown },
): number {
  check(portals, deed, parameters);
  const { clock, rooms } = portals.world;
  const id = rooms.actors.nextId();
  rooms.actors.plans.set(id, { ...deed, id, atMs, parameters });
  clock.after(atMs - clock.nowMs(), ACT, { id });
  return id;
}

export interface StreamOptions {
  readonly seed: number;
  readonly perDay: number;
  readonly tenants: readonly string[];
  readonly actions: readonly ActionName[];
}

/** @returns its id. @throws Error for an unknown tenant */
export function startStream({ world }: Portals, { seed, ...options }: StreamOptions): number {
  const tenants = options.tenants.map((tenantId) => requireTenant(world, tenantId).tenantId);
  const actions = options.actions.length > 0 ? options.actions : ACTION_NAMES;
  const id = world.rooms.actors.nextId();
  const random = new SeededRandom(seed);
  const stream = { ...options, id, tenants, actions, randomState: random.dump() };
  world.rooms.actors.streams.set(id, stream);
  scheduleNext(world, id, random);
  return id;
}

/** @returns false if there is neither plan nor stream of this id */
export function stopActor({ world }: Portals, id: number): boolean {
  const { plans, streams } = world.rooms.actors;
  return [plans.delete(id), streams.delete(id)].includes(true);
}

function act(portals: Portals, id: number): void {
  const { actors } = portals.world.rooms;
  const plan = actors.plans.get(id);
  if (!plan) return;
  actors.plans.delete(id);
  const { action, tenantId, as, parameters } = plan;
  attempt(portals, { id, action, tenantId, as }, { parameters, random: actors.random });
}

function surprise(portals: Portals, id: number): void {
  const { world } = portals;
  const stream = world.rooms.actors.streams.get(id);
  if (!stream) return;
  const random = new SeededRandom(0);
  random.load(stream.randomState);
  const tenantId = oneOf(stream.tenants.length > 0 ? stream.tenants : customersOf(world), random);
  const action = oneOf(stream.actions, random);
  if (tenantId !== undefined && action !== undefined) {
    attempt(portals, { id, action, tenantId }, { random });
  }
  stream.randomState = random.dump();
  scheduleNext(world, id, random);
}

/** A refusal is part of life; a task on the clock must not fail of it. */
function attempt(
  portals: Portals,
  { id, ...deed }: Deed & { readonly id: number },
  options: Parameters<typeof perform>[2],
): void {
  const { clock, rooms } = portals.world;
  const done = { id, at: new Date(clock.nowMs()).toISOString() };
  rooms.actors.note({ ...done, ...outcomeOf(portals, deed, options) });
}

function outcomeOf(
  portals: Portals,
  deed: Deed,
  options: Parameters<typeof perform>[2],
): Omit<Done, 'id' | 'at'> {
  try {
    return perform(portals, deed, options);
  } catch (error) {
    const refusal = error instanceof Error ? error.message : String(error);
    const { parameters } = options;
    return { ...deed, as: deed.as, status: undefined, parameters, refusal };
  }
}

function customersOf(world: World): string[] {
  return [...world.directories.keys()].filter((tenantId) => !world.partners.has(tenantId));
}

/** Times between two actions are exponential, as of people who know nothing of each other. */
function scheduleNext(world: World, id: number, random: SeededRandom): void {
  const stream = world.rooms.actors.streams.get(id);
  if (!stream) return;
  const waitMs = (-Math.log(1 - random.next()) * DAY_MS) / stream.perDay;
  stream.randomState = random.dump();
  const atMs = world.clock.nowMs() + Math.max(INTERVAL_MIN_MS, waitMs);
  world.clock.schedule(Math.round(atMs), SURPRISE, { id });
}

import { Actors } from './actors/room.ts';
import { SimulatorClock } from './clock.ts';
import { CommerceRoom } from './commerce/state.ts';
import { registerCommerceTasks } from './commerce/tasks.ts';
import type { DirectoryApi } from './directory/api.ts';
import { directoryApi } from './directory/index.ts';
import { DirectoryRoom } from './directory/room.ts';
import { registerDirectoryTasks } from './directory/tasks.ts';
import { Faults } from './faults/room.ts';
import { ThrottleRoom } from './graph/throttle.ts';
import { Journal } from './journal.ts';
import { fromJson, toJson } from './json.ts';
import { NotModelled } from './not-modelled.ts';
import { SeededRandom } from './random.ts';
import type { Room } from './rooms.ts';
import { Violations } from './violations/room.ts';
import type { Rooms, Settings, World } from './world.ts';

/** Everything immediate but renewals and lists of Partner Center (partner-center.md 3.2, 5.4, 6.4), published limits on. */
const DEFAULT_SETTINGS: Settings = {
  tenantDelayMs: 0,
  accountReviewMs: 0,
  provisioningDelayMs: 0,
  replicationLagMs: 0,
  auditDelayMs: 0,
  throttleFactor: 1,
  latencyMs: 0,
  delegationDelayMs: 0,
  groupLicenseDelayMs: 0,
  domainRemovalDelayMs: 0,
  licenseSettleMs: 0,
  deltaReplayRate: 0,
  deltaRepeatRate: 0,
  customerListLagMs: 60_000,
  orderListLagMs: 15 * 60_000,
  seatsDelayMs: 0,
  webhookDelayMs: 0,
  renewalMs: 2 * 3_600_000,
};

export interface WorldOptions {
  readonly seed?: number;
  /** ISO 8601; real time if absent. */
  readonly startAt?: string;
  /** Time passes only by `advance`. */
  readonly frozen?: boolean;
  readonly settings?: Partial<Settings>;
}

/** An empty cloud: no tenants, no partners. Partner Center tells `directory` of what is bought. */
export function createWorld(
  options: WorldOptions = {},
  directory: DirectoryApi = directoryApi,
): World & { readonly clock: SimulatorClock } {
  const parts = {
    clock: new SimulatorClock({
      ...(options.startAt === undefined ? {} : { startMs: Date.parse(options.startAt) }),
      frozen: options.frozen ?? false,
    }),
    random: new SeededRandom(options.seed ?? 1),
    dns: new Map(),
    directories: new Map(),
    partners: new Map(),
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
  };
  const world = { ...parts, rooms: createRooms(parts) };
  registerDirectoryTasks(world);
  registerCommerceTasks({ world, directory });
  return world;
}

function createRooms(
  parts: Omit<World, 'rooms'> & { readonly clock: SimulatorClock; readonly random: SeededRandom },
): Rooms {
  return {
    clock: parts.clock,
    random: parts.random,
    settings: settingsRoom(parts.settings),
    directory: new DirectoryRoom(parts),
    commerce: new CommerceRoom(),
    throttle: new ThrottleRoom(),
    faults: new Faults(parts.random.fork('faults')),
    journal: new Journal(),
    notModelled: new NotModelled(),
    violations: new Violations(),
    actors: new Actors(parts.random.fork('actors')),
  };
}

function settingsRoom(settings: Settings): Room {
  return {
    dump: () => toJson(settings),
    load: (state) => Object.assign(settings, fromJson(state)),
  };
}

import { SimulatorClock } from './clock.ts';
import { registerDirectoryTasks } from './directory/tasks.ts';
import { SeededRandom } from './random.ts';
import type { Settings, World } from './world.ts';

/** Everything immediate, published limits on. */
const DEFAULT_SETTINGS: Settings = {
  tenantDelayMs: 0,
  accountReviewMs: 0,
  provisioningDelayMs: 0,
  replicationLagMs: 0,
  auditDelayMs: 0,
  throttleFactor: 1,
  latencyMs: 0,
  delegationDelayMs: 0,
  licenseSettleMs: 0,
  deltaReplayRate: 0,
};

export interface WorldOptions {
  readonly seed?: number;
  /** ISO 8601; real time if absent. */
  readonly startAt?: string;
  /** Time passes only by `advance`. */
  readonly frozen?: boolean;
  readonly settings?: Partial<Settings>;
}

/** An empty cloud: no tenants, no partners. */
export function createWorld(
  options: WorldOptions = {},
): World & { readonly clock: SimulatorClock } {
  const world = {
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
  registerDirectoryTasks(world);
  return world;
}

/** Actors on the control port. */
import { z } from 'zod';
import { addDuration } from '../clock.ts';
import { ok, problem, type Routes } from '../control-route.ts';
import { directoryApi } from '../directory/index.ts';
import type { Portals } from '../portal.ts';
import type { World } from '../world.ts';
import { planAction, startStream, stopActor } from './index.ts';
import { ACTION_NAMES, ACTIONS, requireTenant } from './perform.ts';

/** Beside these: the parameters of the action. Without moment: now. */
const NewPlan = z.looseObject({
  action: z.enum(ACTION_NAMES),
  tenantId: z.guid(),
  as: z.string().optional(),
  /** ISO 8601, simulated time. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** ISO 8601 duration from now. */
  after: z.string().optional(),
});

const NewStream = z.strictObject({
  seed: z.int(),
  perDay: z.number().positive().max(10_000),
  tenants: z.array(z.guid()).default([]),
  actions: z.array(z.enum(ACTION_NAMES)).default([]),
});

/** Seats of a subscription in the directory, until Partner Center tells it again. */
const Disagreement = z.strictObject({
  tenantId: z.guid(),
  subscriptionId: z.guid(),
  seats: z.int().nonnegative(),
});

export function actorRoutes(portals: Portals): Routes {
  const { world } = portals;
  return {
    'GET actors': () => ok(overview(world)),
    'POST actors': (request, rest) => {
      const id =
        rest === 'random' ? addStream(portals, request.body) : addPlan(portals, request.body);
      const done = world.rooms.actors.done.filter((deed) => deed.id === id);
      return { status: 201, body: { id, done } };
    },
    'DELETE actors': (_, id) =>
      stopActor(portals, Number(id)) ? { status: 204 } : problem(404, `No actor ${id}`),
    'POST disagreements': (request) => {
      const { tenantId, subscriptionId, seats } = Disagreement.parse(request.body);
      const directory = requireTenant(world, tenantId);
      const known = directory.subscriptions.get(subscriptionId.toLowerCase());
      if (!known) throw new Error(`The directory knows no subscription ${subscriptionId}`);
      directoryApi.putSubscription(world, directory.tenantId, { ...known, seats });
      return ok({ subscriptionId, seats, before: known.seats });
    },
  };
}

function overview({ rooms }: World) {
  const { plans, streams, done } = rooms.actors;
  return {
    plans: [...plans.values()].map(({ atMs, ...plan }) => ({
      ...plan,
      at: new Date(atMs).toISOString(),
    })),
    random: [...streams.values()],
    done,
    actions: Object.fromEntries(ACTION_NAMES.map((name) => [name, ACTIONS[name].says])),
  };
}

function addPlan(portals: Portals, body: unknown): number {
  const { action, tenantId, as, at, after, ...parameters } = NewPlan.parse(body);
  const atMs = momentOf(portals.world, at, after);
  return planAction(portals, { action, tenantId, as }, { atMs, parameters });
}

function addStream(portals: Portals, body: unknown): number {
  return startStream(portals, NewStream.parse(body));
}

function momentOf({ clock }: World, at: string | undefined, after: string | undefined): number {
  const now = clock.nowMs();
  if (at !== undefined && after !== undefined) throw new Error('either "at" or "after", not both');
  if (at !== undefined) return Date.parse(at);
  if (after === undefined) return now;
  const atMs = addDuration(now, after);
  if (atMs === undefined) throw new Error(`"${after}" is no ISO 8601 duration like P1D`);
  return atMs;
}

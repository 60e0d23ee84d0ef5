/**
 * The control port: what tests and people do to the simulated cloud from outside. JSON over HTTPS, no authentication.
 * `GET /` is a page for people (page/).
 *
 * | Call | Does |
 * |---|---|
 * | `GET /journal?since=N` | requests, parts of batches and acts of people after entry N: `{next, entries}` |
 * | `GET /clock`, `POST /clock {"advance":"P1D"}` or `{"to":"2027-01-01T00:00:00Z"}` | simulated time; moves it, with everything due on the way. While it moves, GET tells how far it is |
 * | `GET /faults`, `POST /faults`, `DELETE /faults`, `DELETE /faults/{id}` | faults on request (`Fault` in faults/) |
 * | `PUT /dns/{name} {"txt":["MS=ms1"]}` | TXT records that domain verification sees |
 * | `GET /violations`, `DELETE /violations` | what careful clients never do, and who did it |
 * | `GET /not-modelled` | what was asked for and is not modelled, and how often |
 * | `GET /settings`, `PATCH /settings` | delays and limits (`Settings` in world.ts) |
 * | `POST /partners` | a new partner (`NewPartner` in partners.ts); answers ids and secrets |
 * | `POST /portal` | a request of a person at a portal, with every right (`PortalRequest`) |
 * | `GET /actors`, `POST /actors`, `POST /actors/random`, `DELETE /actors/{id}` | what people will do at the portals (actors/) |
 * | `POST /disagreements` | seats in the directory other than those in Partner Center (`Disagreement`) |
 * | `GET /world`, `PUT /world` | the whole world, saved; PUT takes a saved one or a world file (worlds/) |
 * | `POST /generate {"tenants":100,"users":100}` | more customers, of this size |
 * | `POST /approvals {"relationshipId":"…"}` | the customer accepts a GDAP relationship |
 * | `GET /directories/{tenantId}` | a tenant as it is, without lag |
 */
import { z } from 'zod';
import { actorRoutes } from './actors/control.ts';
import { ClockMove, ClockMoves } from './clock-moves.ts';
import { ok, problem, type Routes } from './control-route.ts';
import { dumpDirectory } from './directory/dump.ts';
import { Fault } from './faults/fault.ts';
import { pageRoutes } from './page/index.ts';
import { createPartner, NewPartner } from './partners.ts';
import { approveRelationship, callAsPerson, PortalRequest, type Portals } from './portal.ts';
import type { ApiRequest, ApiResponse } from './world.ts';
import { worldRoutes } from './worlds/control.ts';

const SettingsPatch = z
  .strictObject({
    tenantDelayMs: z.number().nonnegative(),
    accountReviewMs: z.number().nonnegative(),
    provisioningDelayMs: z.number().nonnegative(),
    replicationLagMs: z.number().nonnegative(),
    auditDelayMs: z.number().nonnegative(),
    /** null (JSON has no Infinity) switches throttling off. */
    throttleFactor: z.number().positive().nullable(),
    latencyMs: z.number().nonnegative(),
    delegationDelayMs: z.number().nonnegative(),
    groupLicenseDelayMs: z.number().nonnegative(),
    domainRemovalDelayMs: z.number().nonnegative(),
    licenseSettleMs: z.number().nonnegative(),
    deltaReplayRate: z.number().min(0).max(1),
    deltaRepeatRate: z.number().min(0).max(1),
    customerListLagMs: z.number().nonnegative(),
    orderListLagMs: z.number().nonnegative(),
    seatsDelayMs: z.number().nonnegative(),
    webhookDelayMs: z.number().nonnegative(),
    renewalMs: z.number().nonnegative(),
  })
  .partial();

export function createControl(context: Portals): (request: ApiRequest) => Promise<ApiResponse> {
  const moves = new ClockMoves(context.world.clock);
  const routes: Routes = {
    ...controlRoutes(context, moves),
    ...peopleRoutes(context),
    ...actorRoutes(context),
    ...worldRoutes(context.world),
    ...pageRoutes({ ...context, moves }),
  };
  return async (request) => {
    if (isForeign(request)) return problem(403, 'Sent by a page of another origin');
    const [, first = '', ...more] = request.path.split('/');
    const route = routes[`${request.method} ${first}`];
    if (!route) return problem(404, `No ${request.method} ${request.path} on the control port`);
    try {
      return await route(request, more.map(decodeURIComponent).join('/'));
    } catch (error) {
      if (error instanceof z.ZodError) return problem(400, z.prettifyError(error));
      return problem(400, error instanceof Error ? error.message : String(error));
    }
  };
}

function controlRoutes(context: Portals, moves: ClockMoves): Routes {
  const { world } = context;
  const { journal, faults, violations } = world.rooms;
  const settings = () =>
    ok({ ...world.settings, throttleFactor: finite(world.settings.throttleFactor) });
  return {
    'GET journal': (request) => ok(journal.since(Number(request.query.get('since') ?? '0'))),
    'GET violations': () =>
      ok({
        total: violations.total(),
        violations: violations.list(),
        rules: violations.rules(),
      }),
    'DELETE violations': () => {
      violations.clear();
      return { status: 204 };
    },
    'GET not-modelled': () => ok(world.rooms.notModelled.counts()),
    'GET clock': () => ok(moves.state()),
    'POST clock': async (request) => {
      await moves.go(ClockMove.parse(request.body));
      return ok(moves.state());
    },
    'GET faults': () => ok({ faults: faults.list() }),
    'POST faults': (request) => {
      faults.add(Fault.parse(request.body));
      return { status: 201, body: { faults: faults.list() } };
    },
    'DELETE faults': (_, id) => {
      if (id === '') faults.clear();
      else if (!faults.remove(Number(id))) return problem(404, `No fault ${id}`);
      return { status: 204 };
    },
    'PUT dns': (request, name) => {
      const { txt } = z.strictObject({ txt: z.array(z.string()) }).parse(request.body);
      world.dns.set(name.toLowerCase(), txt);
      return ok({ name: name.toLowerCase(), txt });
    },
    'GET settings': settings,
    'PATCH settings': (request) => {
      const { throttleFactor, ...rest } = SettingsPatch.parse(request.body);
      Object.assign(world.settings, rest);
      if (throttleFactor !== undefined) world.settings.throttleFactor = throttleFactor ?? Infinity;
      return settings();
    },
  };
}

function peopleRoutes(context: Portals): Routes {
  const { world } = context;
  return {
    'POST partners': (request) => ({
      status: 201,
      body: createPartner(world, NewPartner.parse(request.body)),
    }),
    'POST portal': (request) => {
      const answer = callAsPerson(context, PortalRequest.parse(request.body));
      return ok({ status: answer.status, body: answer.body ?? null });
    },
    'POST approvals': (request) => {
      const { relationshipId } = z.strictObject({ relationshipId: z.string() }).parse(request.body);
      approveRelationship(world, relationshipId);
      return ok({ relationshipId });
    },
    'GET directories': (_, tenantId) => {
      const directory = world.directories.get(tenantId.toLowerCase());
      return directory ? ok(dumpDirectory(directory)) : problem(404, `No tenant ${tenantId}`);
    },
  };
}

/** A page somewhere in the web must not move the clock of whoever visits it. */
function isForeign({ method, headers, origin }: ApiRequest): boolean {
  const from = headers['origin'];
  return method !== 'GET' && from !== undefined && from !== origin;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/**
 * The control port: what tests and people do to the simulated cloud from outside. JSON over HTTPS, no authentication.
 *
 * | Call | Does |
 * |---|---|
 * | `GET /journal?since=N` | requests, parts of batches and acts of people after entry N: `{next, entries}` |
 * | `GET /clock`, `POST /clock {"advance":"P1D"}` | simulated time; moves it, with everything due on the way |
 * | `GET /faults`, `POST /faults`, `DELETE /faults`, `DELETE /faults/{id}` | faults on request (`Fault` in faults/) |
 * | `PUT /dns/{name} {"txt":["MS=ms1"]}` | TXT records that domain verification sees |
 * | `GET /not-modelled` | what was asked for and is not modelled, and how often |
 * | `GET /settings`, `PATCH /settings` | delays and limits (`Settings` in world.ts) |
 * | `POST /partners` | a new partner (`NewPartner` in partners.ts); answers ids and secrets |
 * | `POST /portal` | a request of a person at a portal, with every right (`PortalRequest`) |
 * | `POST /approvals {"relationshipId":"…"}` | the customer accepts a GDAP relationship |
 * | `GET /directories/{tenantId}` | a tenant as it is, without lag |
 */
import { z } from 'zod';
import { addDuration } from './clock.ts';
import { approve } from './directory/delegation.ts';
import { dumpDirectory } from './directory/dump.ts';
import { findUser } from './directory/records.ts';
import { Fault } from './faults/fault.ts';
import { createPartner, NewPartner } from './partners.ts';
import { SERVICES } from './services.ts';
import { witness } from './witness.ts';
import type { ApiRequest, ApiResponse, Caller, Service, World } from './world.ts';

export interface ControlContext {
  readonly world: World;
  readonly graph: Service;
  readonly partnerCenter: Service;
}

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
    licenseSettleMs: z.number().nonnegative(),
    deltaReplayRate: z.number().min(0).max(1),
  })
  .partial();

const PortalRequest = z.strictObject({
  service: z.enum(SERVICES).exclude(['login']),
  tenantId: z.guid(),
  userPrincipalName: z.string(),
  method: z.string(),
  path: z.string().startsWith('/'),
  query: z.record(z.string(), z.string()).default({}),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
});
export type PortalRequest = z.input<typeof PortalRequest>;

type Route = (request: ApiRequest, rest: string) => ApiResponse;

export function createControl(
  context: ControlContext,
): (request: ApiRequest) => Promise<ApiResponse> {
  const routes = { ...controlRoutes(context), ...peopleRoutes(context) };
  return async (request) => {
    const [, first = '', ...more] = request.path.split('/');
    const route = routes[`${request.method} ${first}`];
    if (!route) return problem(404, `No ${request.method} ${request.path} on the control port`);
    try {
      return route(request, more.map(decodeURIComponent).join('/'));
    } catch (error) {
      if (error instanceof z.ZodError) return problem(400, z.prettifyError(error));
      return problem(400, error instanceof Error ? error.message : String(error));
    }
  };
}

function controlRoutes(context: ControlContext): Record<string, Route> {
  const { world } = context;
  const { journal, faults } = world.rooms;
  const clock = () => ok({ now: new Date(world.clock.nowMs()).toISOString() });
  const settings = () =>
    ok({ ...world.settings, throttleFactor: finite(world.settings.throttleFactor) });
  return {
    'GET journal': (request) => ok(journal.since(Number(request.query.get('since') ?? '0'))),
    'GET not-modelled': () => ok(world.rooms.notModelled.counts()),
    'GET clock': clock,
    'POST clock': (request) => {
      const { advance } = z.strictObject({ advance: z.string() }).parse(request.body);
      const now = world.clock.nowMs();
      const target = addDuration(now, advance);
      if (target === undefined) throw new Error(`"${advance}" is no ISO 8601 duration like P1D`);
      world.clock.advance(target - now);
      return clock();
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

function peopleRoutes(context: ControlContext): Record<string, Route> {
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

/**
 * A Global Administrator of the customer opens the approval link and accepts (graph.md 8.1); Graph has no call for it.
 * @throws Error where there is nothing to approve
 */
export function approveRelationship(world: World, relationshipId: string): void {
  const relationship = world.directories
    .values()
    .flatMap((directory) => directory.relationships.values())
    .find((known) => known.id === relationshipId);
  if (relationship?.status !== 'approvalPending' || !relationship.customer) {
    throw new Error(`No relationship ${relationshipId} with a customer waits for approval`);
  }
  approve(world, relationship);
}

/** A person at a portal: changes things behind the operator's back, with every right in the tenant. */
export function callAsPerson(context: ControlContext, input: PortalRequest): ApiResponse {
  const request = PortalRequest.parse(input);
  const { world } = context;
  const directory = world.directories.get(request.tenantId.toLowerCase());
  if (!directory) throw new Error(`No tenant ${request.tenantId}`);
  const user = findUser(directory, request.userPrincipalName, directory.log.last);
  const caller: Caller = {
    tenantId: directory.tenantId,
    appId: AZURE_PORTAL_APP_ID,
    audience: AUDIENCES[request.service],
    kind: 'user',
    userId: user?.value.id ?? world.random.uuid(),
    userPrincipalName: request.userPrincipalName,
    homeTenantId: directory.tenantId,
    roles: [],
    scopes: [],
    mfa: true,
    portal: true,
  };
  const service = request.service === 'graph' ? context.graph : context.partnerCenter;
  const asked: ApiRequest = {
    method: request.method.toUpperCase(),
    path: request.path,
    query: new URLSearchParams(request.query),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: request.body,
    caller,
  };
  const answer = service(asked);
  witness(world, { kind: 'portal', service: request.service, request: asked, answer });
  return answer;
}

const AUDIENCES = {
  graph: 'https://graph.microsoft.com',
  partnerCenter: 'https://api.partnercenter.microsoft.com',
} as const;
const AZURE_PORTAL_APP_ID = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c';

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function ok(body: unknown): ApiResponse {
  return { status: 200, body };
}

function problem(status: number, message: string): ApiResponse {
  return { status, body: { error: message } };
}

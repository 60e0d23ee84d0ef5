/** How a fault strikes one request: what the service gets to see, and how the connection ends. */
import type { ServiceName } from '../services.ts';
import type { ApiRequest, ApiResponse, Service, World } from '../world.ts';
import { faultResponse } from './answers.ts';
import type { Fault, FaultKind } from './fault.ts';

/** whole: as it is. closed, reset: no answer at all. slow: piece by piece, over the fault's delay. */
export type Ending = 'whole' | 'closed' | 'reset' | 'truncated' | 'slow';

export interface Struck {
  readonly answer: ApiResponse;
  readonly ending: Ending;
}

type Ask = (request: ApiRequest) => ApiResponse | Promise<ApiResponse>;

/** Without effect; status 0 stands for no answer. */
const UNSERVED: Partial<Record<FaultKind, Ending>> = { lostRequest: 'closed', reset: 'reset' };
const ENDINGS: Partial<Record<FaultKind, Ending>> = {
  lostAnswer: 'closed',
  truncated: 'truncated',
  slow: 'slow',
};

/** What a token lacks, for as long as the fault lasts; the service itself then finds the words. */
const ALTERED: Partial<Record<FaultKind, (request: ApiRequest) => ApiRequest>> = {
  expiredToken: (request) =>
    request.caller ? { ...request, caller: undefined, tokenError: 'expired' } : request,
  consentWithdrawn: (request) => ({
    ...request,
    caller: request.caller && { ...request.caller, roles: [], scopes: [] },
  }),
  mfaMissing: (request) => ({
    ...request,
    caller: request.caller && { ...request.caller, mfa: false },
  }),
};

/** The AADSTS code for an app whose consent is gone: apps, users (graph.md 1.1, ruling 10 of graph.md 17). */
const NO_CONSENT = { client_credentials: 7000229, refresh_token: 65001 } as const;

export async function strike(
  world: World,
  struck: { readonly service: ServiceName; readonly request: ApiRequest; readonly fault: Fault },
  ask: Ask,
): Promise<Struck> {
  const { service, request, fault } = struck;
  const { kind } = fault;
  const unserved = UNSERVED[kind];
  if (unserved) return { answer: { status: 0, struckBy: kind }, ending: unserved };
  const instead = insteadOf(fault, service, request);
  const answer = instead
    ? faultResponse(world, service, instead, request)
    : await ask(ALTERED[kind]?.(request) ?? request);
  return { answer: { ...answer, struckBy: kind }, ending: ENDINGS[kind] ?? 'whole' };
}

/** A part of a batch has no connection of its own: only its answer can be struck. */
const PART_KINDS: ReadonlySet<FaultKind> = new Set(['status', 'expiredToken', 'consentWithdrawn']);

/** A part of a batch, struck as it would be alone. */
export function strikePart(world: World, request: ApiRequest, serve: Service): ApiResponse {
  const fault = world.rooms.faults.take('graph', request, PART_KINDS);
  if (!fault) return serve(request);
  const answer =
    fault.kind === 'status'
      ? faultResponse(world, 'graph', fault, request)
      : serve(ALTERED[fault.kind]?.(request) ?? request);
  return { ...answer, struckBy: fault.kind };
}

/** The fault whose answer stands for that of the service; undefined where the service is asked. */
function insteadOf(fault: Fault, service: ServiceName, { body }: ApiRequest): Fault | undefined {
  if (fault.kind === 'status') return fault;
  if (fault.kind !== 'consentWithdrawn' || service !== 'login') return undefined;
  const grant = body instanceof URLSearchParams ? body.get('grant_type') : null;
  const aadsts = NO_CONSENT[grant as keyof typeof NO_CONSENT];
  return aadsts === undefined ? undefined : { kind: 'status', aadsts };
}

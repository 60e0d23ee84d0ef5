/** What is kept of a request and its answer, whoever asked: a client, a part of a batch, a person at a portal. */
import type { Fault, ServiceName } from './faults.ts';
import { redact } from './journal.ts';
import type { ApiRequest, ApiResponse, World } from './world.ts';

export interface Seen {
  readonly service: ServiceName;
  readonly request: ApiRequest;
  readonly answer: ApiResponse;
  readonly fault?: Fault | undefined;
}

/** To be called once for each request that the services have answered. */
export function witness(world: World, seen: Seen): void {
  const { journal, notModelled } = world.rooms;
  for (const { answer } of [seen, ...(seen.answer.parts ?? [])]) notModelled.count(answer);
  const { service, request, answer, fault } = seen;
  journal.record({
    at: new Date(world.clock.nowMs()).toISOString(),
    service,
    method: request.method,
    path: request.path,
    query: request.query.toString(),
    tenantId: request.caller?.tenantId,
    appId: request.caller?.appId,
    upn: request.caller?.userPrincipalName,
    status: answer.status,
    requestId: answer.headers?.['request-id'] ?? '',
    clientRequestId: request.headers['client-request-id'],
    body: bodyOf(request),
    fault: fault?.kind,
  });
}

function bodyOf({ body }: ApiRequest): unknown {
  if (typeof body === 'symbol') return undefined;
  return redact(body instanceof URLSearchParams ? Object.fromEntries(body) : body);
}

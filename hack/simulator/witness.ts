/** What is kept of a request and its answer, whoever asked: a client, a part of a batch, a person at a portal. */
import type { Ending } from './faults/strike.ts';
import type { EntryKind, JournalEntry } from './journal.ts';
import { kept } from './redact.ts';
import { askerOf, type ServiceName } from './services.ts';
import type { ApiRequest, ApiResponse, World } from './world.ts';

export interface Seen {
  readonly kind: Exclude<EntryKind, 'batchItem'>;
  readonly service: ServiceName;
  readonly request: ApiRequest;
  readonly answer: ApiResponse;
  /** Default: whole. */
  readonly ending?: Ending;
  /** Real milliseconds. */
  readonly tookMs?: number;
}

/** To be called once for each request that the services have answered. */
export function witness(world: World, seen: Seen): void {
  const { service, answer, ending = 'whole', tookMs } = seen;
  const parent = note(world, seen, { tookMs });
  const answeredMs = Date.now();
  const times = {
    isAnswered: ending === 'whole' || ending === 'slow',
    atMs: world.clock.nowMs(),
    arrivedMs: answeredMs - (tookMs ?? 0),
    answeredMs,
  };
  world.rooms.violations.look({ ...seen, ...times }, parent);
  for (const part of answer.parts ?? []) {
    const item = { ...part, kind: 'batchItem', service } as const;
    const seq = note(world, item, { parent });
    world.rooms.violations.look({ ...item, ...times }, seq);
  }
}

function note(
  world: World,
  seen: Pick<Seen, 'service' | 'request' | 'answer'> & { readonly kind: EntryKind },
  more: Pick<JournalEntry, 'tookMs' | 'parent'>,
): number {
  const { kind, service, request, answer } = seen;
  world.rooms.notModelled.count(answer);
  const answerHeaders = telling(answer);
  const { body, size } = kept(bodyOf(request));
  const entry = {
    ...more,
    ...askerOf(service, request),
    upn: request.caller?.userPrincipalName,
    kind,
    service,
    at: new Date(world.clock.nowMs()).toISOString(),
    method: request.method,
    path: request.path,
    query: request.query.toString(),
    status: answer.status,
    errorCode: errorCode(answer),
    requestId: answerHeaders['request-id'] ?? answerHeaders['ms-requestid'] ?? '',
    clientRequestId: request.headers['client-request-id'],
    answerHeaders,
    body,
    fault: answer.struckBy,
  };
  return world.rooms.journal.record(entry, size);
}

function bodyOf({ body }: ApiRequest): unknown {
  if (typeof body === 'symbol') return undefined;
  return body instanceof URLSearchParams ? Object.fromEntries(body) : body;
}

const TELLING =
  /^(retry-after|x-ms-resource-unit|x-ms-throttle-.+|request-id|ms-requestid|ms-correlationid|location|x-simulator-.+)$/;

function telling({ headers }: ApiResponse): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const lower = name.toLowerCase();
    if (TELLING.test(lower)) found[lower] = value;
  }
  return found;
}

interface ErrorBody {
  /** Graph: an object. Login: a word. */
  readonly error?: string | { readonly code?: string };
  readonly error_codes?: readonly number[];
  /** Partner Center. */
  readonly code?: number;
}

function errorCode({ status, body }: ApiResponse): string | undefined {
  if (status < 400 || typeof body !== 'object' || body === null) return undefined;
  const { error, error_codes: codes, code } = body as ErrorBody;
  if (typeof error === 'object') return error.code;
  if (error !== undefined) return codes?.[0] === undefined ? error : `AADSTS${codes[0]}`;
  return code === undefined ? undefined : String(code);
}

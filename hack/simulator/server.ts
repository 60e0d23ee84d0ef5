/** TLS listeners: which service, who calls, faults, the journal. The rules of the services are elsewhere. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerCertificate } from './certificates.ts';
import { faultResponse } from './fault-responses.ts';
import type { Fault, ServiceName } from './faults.ts';
import type { Tokens } from './tokens.ts';
import { witness } from './witness.ts';
import type { ApiRequest, ApiResponse, Service, World } from './world.ts';

export type Role = ServiceName | 'control';

interface Services {
  readonly login: (request: ApiRequest) => Promise<ApiResponse>;
  readonly graph: Service;
  readonly partnerCenter: Service;
  readonly control: (request: ApiRequest) => Promise<ApiResponse>;
}

export interface ServerContext {
  readonly world: World;
  readonly tokens: Tokens;
  readonly services: Services;
}

const ROLE_BY_PUBLIC_NAME: Readonly<Record<string, ServiceName>> = {
  'login.microsoftonline.com': 'login',
  'graph.microsoft.com': 'graph',
  'api.partnercenter.microsoft.com': 'partnerCenter',
  'api.partner.microsoft.com': 'partnerCenter',
};
const AUDIENCES: Readonly<Record<'graph' | 'partnerCenter', readonly string[]>> = {
  graph: ['https://graph.microsoft.com'],
  partnerCenter: ['https://api.partnercenter.microsoft.com', 'https://api.partner.microsoft.com'],
};
/** Graph refuses bodies beyond 4 MB. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

export interface Listener {
  readonly origin: string;
  close(): Promise<void>;
}

export async function listen(
  context: ServerContext,
  role: Role,
  options: {
    readonly host: string;
    readonly port: number;
    readonly certificate: ServerCertificate;
  },
): Promise<Listener> {
  const { certificate: cert, key } = options.certificate;
  const server: Server = createServer({ cert, key, keepAlive: true }, (message, response) => {
    serve(context, role, message, response).catch((error: unknown) => {
      // A defect of the simulator must be loud: a client would take a quiet 500 for one of Microsoft's.
      console.error(`simulator: ${role} ${message.method} ${message.url} failed`, error);
      if (!response.headersSent) response.writeHead(500, { 'x-simulator-defect': 'true' });
      response.end();
    });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    origin: `https://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  context: ServerContext,
  listenerRole: Role,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const host = message.headers.host ?? 'localhost';
  const role = ROLE_BY_PUBLIC_NAME[host.split(':')[0] ?? ''] ?? listenerRole;
  const request = await readRequest(context, role, message, host);
  if (role === 'control') {
    send(context, response, request, await context.services.control(request));
    return;
  }
  const startedMs = performance.now();
  const fault = context.world.rooms.faults.take(role, request.method, request.path);
  const delayMs = context.world.settings.latencyMs + (fault?.delayMs ?? 0);
  if (delayMs > 0) await wait(delayMs);
  const answer = await answerWithFault(context, role, { request, fault });
  const tookMs = Math.round((performance.now() - startedMs) * 1000) / 1000;
  witness(context.world, { kind: 'request', service: role, request, answer, fault, tookMs });
  if (BREAKING.has(fault?.kind)) message.socket.destroy();
  else send(context, response, request, answer);
}

/** Faults after which the client gets no answer. */
const BREAKING: ReadonlySet<Fault['kind'] | undefined> = new Set(['reset', 'lostAnswer']);

async function answerWithFault(
  context: ServerContext,
  role: ServiceName,
  options: { readonly request: ApiRequest; readonly fault: Fault | undefined },
): Promise<ApiResponse> {
  const { request, fault } = options;
  if (fault?.kind === 'reset') return { status: 0 };
  if (fault?.kind === 'status') return faultResponse(context.world, role, fault, request);
  return context.services[role](request);
}

async function readRequest(
  context: ServerContext,
  role: Role,
  message: IncomingMessage,
  host: string,
): Promise<ApiRequest> {
  const url = new URL(message.url ?? '/', `https://${host}`);
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  // The control port takes JSON whatever it is called: `curl -d` calls everything a form.
  const contentType = role === 'control' ? 'application/json' : (headers['content-type'] ?? '');
  const body = parseBody(await readBody(message), contentType);
  const verified =
    role === 'graph' || role === 'partnerCenter'
      ? await context.tokens.verify(headers['authorization'], AUDIENCES[role])
      : { error: undefined };
  return {
    origin: `https://${host}`,
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body,
    caller: 'caller' in verified ? verified.caller : undefined,
    ...('caller' in verified ? {} : { tokenError: verified.error }),
  };
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    // Too much is read to its end and then refused as unreadable.
    if (bytes <= BODY_BYTES_MAX) chunks.push(buffer);
  }
  return bytes > BODY_BYTES_MAX ? '{' : Buffer.concat(chunks).toString('utf8');
}

/** A body that says it is JSON and is not, reaches the service as this; the services answer 400. */
const UNPARSABLE_BODY = Symbol('unparsable body');

function parseBody(text: string, contentType: string): unknown {
  if (text === '') return undefined;
  if (contentType.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams(text);
  try {
    return JSON.parse(text);
  } catch {
    return UNPARSABLE_BODY;
  }
}

function send(
  context: ServerContext,
  response: ServerResponse,
  request: ApiRequest,
  answer: ApiResponse,
): void {
  const headers: Record<string, string> = { ...answer.headers };
  headers['date'] = new Date(context.world.clock.nowMs()).toUTCString();
  if (answer.body === undefined || answer.status === 204) {
    // A 204 has no Content-Type: a released client fails otherwise (graph.md 17.16).
    response.writeHead(answer.status, {
      ...headers,
      ...(answer.status === 204 ? {} : { 'content-length': '0' }),
    });
    response.end();
    return;
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  headers['content-type'] ??= 'application/json; charset=utf-8';
  headers['content-length'] = String(Buffer.byteLength(text));
  response.writeHead(answer.status, headers);
  response.end(request.method === 'HEAD' ? undefined : text);
}

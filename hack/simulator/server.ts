/** TLS listeners: which service, who calls, faults, the journal. The rules of the services are elsewhere. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerCertificate } from './certificates.ts';
import type { Fault } from './faults/fault.ts';
import { strike } from './faults/strike.ts';
import { readRequest } from './read-request.ts';
import { respond } from './respond.ts';
import type { ServiceName } from './services.ts';
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
  const sockets = new Map<string, Socket>();
  const server: Server = createServer({ cert, key, keepAlive: true }, (message, response) => {
    const socket = sockets.get(peerOf(message.socket));
    serve(context, role, { message, response, socket }).catch((error: unknown) => {
      // A defect of the simulator must be loud: a client would take a quiet 500 for one of Microsoft's.
      console.error(`simulator: ${role} ${message.method} ${message.url} failed`, error);
      if (!response.headersSent) response.writeHead(500, { 'x-simulator-defect': 'true' });
      response.end();
    });
  });
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    sockets.set(peer, socket);
    socket.once('close', () => sockets.delete(peer));
  });
  // As Graph does (https://github.com/microsoftgraph/msgraph-sdk-javascript/issues/455, read 2026-11-29).
  server.keepAliveTimeout = 120_000;
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

/** A TLS socket does not show the one below, and only that one can be reset. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}

interface Visit {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Below TLS. */
  readonly socket: Socket | undefined;
}

async function serve(context: ServerContext, listenerRole: Role, visit: Visit): Promise<void> {
  const { message, response, socket } = visit;
  const host = message.headers.host ?? 'localhost';
  const role = ROLE_BY_PUBLIC_NAME[host.split(':')[0] ?? ''] ?? listenerRole;
  const request = await readRequest(context.tokens, role, message, host);
  const isHead = request.method === 'HEAD';
  if (role === 'control') {
    const answer = await context.services.control(request);
    await respond(context.world, response, { answer, isHead, ending: 'whole', dripMs: 0 });
    return;
  }
  const startedMs = performance.now();
  const fault = context.world.rooms.faults.take(role, request);
  const delayMs = latencyOf(context.world, fault);
  if (delayMs > 0) await wait(delayMs);
  const ask = async (single: ApiRequest): Promise<ApiResponse> => {
    const now = await context.services[role](single);
    return now.pending ?? now;
  };
  const struck = fault
    ? await strike(context.world, { service: role, request, fault }, ask)
    : { answer: await ask(request), ending: 'whole' as const };
  const { answer } = struck;
  // A client that has hung up meanwhile never sees the answer.
  const ending = message.socket.destroyed ? 'closed' : struck.ending;
  const tookMs = Math.round((performance.now() - startedMs) * 1000) / 1000;
  witness(context.world, {
    kind: 'request',
    service: role,
    request,
    answer,
    ending,
    tookMs,
  });
  const dripMs = fault?.delayMs ?? 0;
  await respond(context.world, response, { answer, isHead, ending, dripMs, socket });
}

function latencyOf({ settings }: World, fault: Fault | undefined): number {
  return settings.latencyMs + (fault?.kind === 'slow' ? 0 : (fault?.delayMs ?? 0));
}

/** Probes and metrics over HTTP. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

interface HealthOptions {
  /** `:8080` (all interfaces) or `127.0.0.1:8080`; port 0 takes a free one. Both may be the same. */
  readonly metricsAddress: string;
  readonly healthAddress: string;
  readonly metrics: Metrics;
  /** Caches are filled, leader or not. */
  readonly isReady: () => boolean;
  /** False: the process cannot recover by itself and is to be restarted. */
  readonly isHealthy: () => boolean;
}

export interface HealthServers {
  readonly metricsUrl: string;
  readonly healthUrl: string;
  close(): Promise<void>;
}

type Answer = (response: ServerResponse) => void | Promise<void>;

export async function serveHealth(options: HealthOptions): Promise<HealthServers> {
  const health: Readonly<Record<string, Answer>> = {
    // That this answers at all shows that the event loop turns.
    '/healthz': (response) => probe(response, options.isHealthy()),
    '/readyz': (response) => probe(response, options.isReady()),
  };
  const metrics: Readonly<Record<string, Answer>> = {
    '/metrics': async (response) => {
      const { registry } = options.metrics;
      response.setHeader('content-type', registry.contentType);
      // Metric by metric: of a thousand tenants the page is several megabytes, and as one text V8 would keep it for long.
      for (const { name } of registry.getMetricsAsArray()) {
        response.write(`${await registry.getSingleMetricAsString(name)}\n`);
      }
      response.end();
    },
  };
  if (options.metricsAddress === options.healthAddress) {
    const server = await listen(options.healthAddress, { ...health, ...metrics });
    return { metricsUrl: urlOf(server), healthUrl: urlOf(server), close: () => close(server) };
  }
  const healthServer = await listen(options.healthAddress, health);
  const metricsServer = await listen(options.metricsAddress, metrics);
  return {
    metricsUrl: urlOf(metricsServer),
    healthUrl: urlOf(healthServer),
    close: async () => {
      await Promise.all([close(healthServer), close(metricsServer)]);
    },
  };
}

function probe(response: ServerResponse, isFine: boolean): void {
  response.statusCode = isFine ? 200 : 503;
  response.end(isFine ? 'ok' : 'not yet');
}

export function parseAddress(address: string): { host: string | undefined; port: number } {
  const match = /^(?:\[?([^[\]]*?)\]?)?:(\d{1,5})$/.exec(address);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new Error(`the address "${address}" is not of the form ":8080" or "127.0.0.1:8080"`);
  }
  return { host: match[1] === '' ? undefined : match[1], port };
}

async function listen(address: string, answers: Readonly<Record<string, Answer>>): Promise<Server> {
  const { host, port } = parseAddress(address);
  const server = createServer((request, response) => {
    answer(request, response, answers).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.name : 'error');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answers: Readonly<Record<string, Answer>>,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const found = Object.hasOwn(answers, path) ? answers[path] : undefined;
  if (found === undefined || request.method !== 'GET') {
    response.statusCode = 404;
    response.end('not found');
    return;
  }
  await found(response);
}

function urlOf(server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${String(port)}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

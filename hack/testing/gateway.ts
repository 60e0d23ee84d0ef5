/**
 * The way of one operator process to everything outside it: login, Graph, Partner Center and the API server. What goes
 * through is recorded in order, and the answer to one request can be held: that request took effect, and whoever sent
 * it does not know. Two replicas with a gateway each can be told apart.
 */
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type Server, request as send } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { issueServerCertificate } from '../simulator/certificates.ts';
import type { Stage } from '../stage/index.ts';
import type { OperatorOptions } from '../stage/operator.ts';

const services = ['login', 'graph', 'partnerCenter', 'kubernetes'] as const;
type ServiceName = (typeof services)[number];

export interface GatewayRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** A request that took effect and has no answer yet. */
export interface Held extends GatewayRequest {
  /** The answer goes its way now. */
  release(): void;
}

interface Target {
  readonly origin: string;
  readonly ca: string;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { server: string; 'certificate-authority-data': string };
  }[];
}

interface Hold {
  readonly isWanted: (request: GatewayRequest) => boolean;
  readonly onHeld: (held: Held) => void;
}

export class Gateway {
  /** In order of arrival. */
  readonly requests: GatewayRequest[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #servers: Server[] = [];
  #hold: Hold | undefined;
  #options: Pick<OperatorOptions, 'cloud' | 'kubeconfig'> | undefined;

  /** `name`: of the file with the kubeconfig that leads through it. */
  static async start(stage: Stage, name: string): Promise<Gateway> {
    const gateway = new Gateway();
    const { simulator, controlPlane, folder } = stage;
    const certificate = await issueServerCertificate(join(folder, 'simulator'), []);
    const config = parse(await readFile(controlPlane.kubeconfig, 'utf8')) as Kubeconfig;
    const [{ cluster } = { cluster: { server: '', 'certificate-authority-data': '' } }] =
      config.clusters;
    const simulatorCa = readFileSync(simulator.caFile, 'utf8');
    const kubernetesCa = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
    const open = async (service: ServiceName, target: Target): Promise<string> => {
      const { certificate: cert, key } = certificate;
      const server = createServer({ cert, key }, (message, response) => {
        gateway.#pass({ service, target }, message, response);
      });
      gateway.#servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    };
    const { login, graph, partnerCenter } = simulator.urls;
    const cloud = {
      login: await open('login', { origin: login, ca: simulatorCa }),
      graph: await open('graph', { origin: graph, ca: simulatorCa }),
      partnerCenter: await open('partnerCenter', { origin: partnerCenter, ca: simulatorCa }),
      caFile: simulator.caFile,
    };
    const kubernetes = await open('kubernetes', { origin: cluster.server, ca: kubernetesCa });
    cluster.server = kubernetes;
    cluster['certificate-authority-data'] = Buffer.from(simulatorCa).toString('base64');
    const kubeconfig = join(folder, `${name}.kubeconfig`);
    await writeFile(kubeconfig, stringify(config), { mode: 0o600 });
    gateway.#options = { cloud, kubeconfig };
    return gateway;
  }

  /** For the operator that is to go through it. */
  get operatorOptions(): Pick<OperatorOptions, 'cloud' | 'kubeconfig'> {
    if (this.#options === undefined) throw new Error('the gateway is not open');
    return this.#options;
  }

  /** Calls back when a request that is wanted has taken effect; its answer is held then. The first such only. */
  hold(isWanted: (request: GatewayRequest) => boolean, onHeld: (held: Held) => void): void {
    this.#hold = { isWanted, onHeld };
  }

  /** Answers pass again, and what was not hit is not waited for any more. */
  passAll(): void {
    this.#hold = undefined;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
          }),
      ),
    );
  }

  #pass(
    { service, target }: { readonly service: ServiceName; readonly target: Target },
    message: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { method = 'GET', url = '/', headers } = message;
    const record: GatewayRequest = { service, method, path: url.replace(/\?.*$/s, '') };
    this.requests.push(record);
    const hold = this.#hold?.isWanted(record) === true ? this.#hold : undefined;
    if (hold !== undefined) this.#hold = undefined;
    const { ca, origin } = target;
    const upstream = send(new URL(url, origin), { method, headers, ca, agent: this.#agent });
    upstream.on('error', () => response.destroy());
    upstream.on('response', (answer) => {
      const release = (): void => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      };
      // Headers that have come are the proof that it took effect.
      if (hold === undefined) release();
      else hold.onHeld({ ...record, release });
    });
    // Whoever asked is gone: a watch must not stay open at the API server.
    response.on('close', () => upstream.destroy());
    message.pipe(upstream);
  }
}

/** It changes something outside: tokens are POSTs as well, and change nothing. */
export function isOutsideWrite({ service, method, path }: GatewayRequest): boolean {
  if (service === 'login' || service === 'kubernetes') return false;
  return method !== 'GET' && !path.endsWith('/$batch');
}

export function isStatusWrite({ service, method, path }: GatewayRequest): boolean {
  return service === 'kubernetes' && method === 'PATCH' && path.endsWith('/status');
}

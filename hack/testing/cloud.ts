/** Our clients against the simulated Microsoft cloud, over TLS, in one process. */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createConnections } from '../../operator/clients/connections.ts';
import type { OutsideChange } from '../../operator/clients/graph/audit-port.ts';
import type { ConnectionClients } from '../../operator/clients/port.ts';
import { OperatorError } from '../../operator/core/errors.ts';
import type { Fault } from '../simulator/faults/fault.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/index.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { connection } from './build.ts';
import { lineOf } from './live-clouds.ts';

export type Secret = Readonly<Record<string, string>>;

export const partnerSecret: Secret = {
  clientId: DEFAULT_PARTNER.clientId,
  clientSecret: DEFAULT_PARTNER.clientSecret,
  refreshToken: DEFAULT_PARTNER.refreshToken,
};

export class Cloud {
  readonly simulator: Simulator;
  /** Refresh tokens that were handed over to be stored. */
  readonly stored: string[] = [];
  /** Users that a tenant's view told of. */
  readonly told: (readonly string[])[] = [];
  readonly outside: OutsideChange[] = [];
  /** The clients' clock, ahead of the real one by as much. */
  aheadMs = 0;
  readonly #provoked = new Set<string>();
  readonly #connections: ReturnType<typeof createConnections>;

  private constructor(simulator: Simulator) {
    this.simulator = simulator;
    const { login, graph, partnerCenter } = simulator.urls;
    this.#connections = createConnections({
      overrides: { login, graph, partnerCenter },
      nowMs: () => Date.now() + this.aheadMs,
      observe: () => undefined,
      mayWrite: () => true,
      onDirectoryChange: (_, userIds) => this.told.push([...userIds].sort()),
      onOutsideChange: (_, change) => this.outside.push(change),
    });
  }

  static async start(options: SimulatorOptions = {}): Promise<Cloud> {
    const simulator = await startSimulator({ world: 'default', frozen: true, ...options });
    setDefaultCACertificates([
      ...getCACertificates('bundled'),
      readFileSync(simulator.caFile, 'utf8'),
    ]);
    return new Cloud(simulator);
  }

  /** As for a PartnerConnection whose Secret holds these. */
  clients(
    secret: Secret = partnerSecret,
    name = 'eu',
    partnerTenantId: string = DEFAULT_PARTNER.tenantId,
  ): ConnectionClients {
    const resource = connection({ spec: { partnerTenantId } });
    const encoder = new TextEncoder();
    const data = Object.entries(secret).map(([key, value]) => [key, encoder.encode(value)]);
    return this.#connections.clientsFor({
      connection: { ...resource, metadata: { ...resource.metadata, name } },
      partnerSecret: Object.fromEntries(data) as Readonly<Record<string, Uint8Array>>,
      directorySecret: undefined,
      onRefreshToken: (token) => {
        this.stored.push(token);
        return Promise.resolve();
      },
    }).clients;
  }

  /** Strikes once. */
  fault(fault: Fault): void {
    this.simulator.faults.add({ times: 1, ...fault });
  }

  /** A test does on purpose what a careful client never does: a rule of hack/simulator/violations. */
  provokes(rule: string): void {
    this.#provoked.add(rule);
  }

  async stop(): Promise<void> {
    await this.#connections.close();
    await this.simulator.stop();
    expectCareful(this.simulator, this.#provoked);
  }
}

/** @throws Error where our clients did what a careful client never does */
function expectCareful({ violations }: Simulator, provoked: ReadonlySet<string>): void {
  const careless = violations.list().filter(({ rule }) => !provoked.has(rule));
  if (careless.length > 0) throw new Error(`not careful:\n${careless.map(lineOf).join('\n')}`);
}

/** The OperatorError with which it fails; anything else is thrown on. */
export async function failureOf(work: Promise<unknown>): Promise<OperatorError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export const signal = new AbortController().signal;

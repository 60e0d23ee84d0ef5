/** The simulated Microsoft cloud: login, Graph and Partner Center over TLS, and a control port. */
import { mkdirSync } from 'node:fs';
import { registerActors } from './actors/index.ts';
import { issueServerCertificate } from './certificates.ts';
import { createPartnerCenter } from './commerce/index.ts';
import { createControl } from './control.ts';
import { createWorld } from './create-world.ts';
import { directoryApi } from './directory/index.ts';
import type { Faults } from './faults/room.ts';
import { createGraph } from './graph/index.ts';
import type { Journal } from './journal.ts';
import { login } from './login.ts';
import { type CreatedPartner, createPartner, type NewPartner } from './partners.ts';
import { approveRelationship, callAsPerson, type PortalRequest } from './portal.ts';
import { seedDefaultWorld } from './seed.ts';
import { type Listener, listen, type Role, type ServerContext } from './server.ts';
import { Tokens } from './tokens.ts';
import type { Violations } from './violations/room.ts';
import type { ApiRequest, ApiResponse, Settings, World } from './world.ts';
import { openWorld } from './worlds/open-world.ts';

export interface SimulatorOptions {
  /** 0 or absent: any free port. */
  readonly ports?: Partial<Record<Role, number>>;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** More names for the certificate, e.g. of a Kubernetes Service. */
  readonly names?: readonly string[];
  /** Where the certificate authority is kept and reused; a temporary folder if absent. */
  readonly certificateFolder?: string;
  readonly settings?: Partial<Settings>;
  readonly seed?: number;
  /** ISO 8601; now if absent. */
  readonly startAt?: string;
  /** `text`: a saved world or a world file, `name` for messages. Default: empty. */
  readonly world?: 'empty' | 'default' | { readonly text: string; readonly name: string };
  /** Simulated time passes only when it is moved. */
  readonly frozen?: boolean;
}

export interface Simulator {
  /** Origins without a trailing slash. */
  readonly urls: Readonly<Record<Role, string>>;
  readonly caFile: string;
  readonly world: World;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly violations: Violations;
  /** What the control port does, without the port. */
  addPartner(partner: NewPartner): CreatedPartner;
  asPerson(request: PortalRequest): ApiResponse;
  approveRelationship(relationshipId: string): void;
  stop(): Promise<void>;
}

const ROLES: readonly Role[] = ['login', 'graph', 'partnerCenter', 'control'];

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  if (options.certificateFolder) mkdirSync(options.certificateFolder, { recursive: true });
  const certificate = await issueServerCertificate(options.certificateFolder, [
    host,
    ...(options.names ?? []),
  ]);
  const world = createWorld(options);
  const context = await createContext(world);
  if (options.world === 'default') seedDefaultWorld(world);
  else if (typeof options.world === 'object')
    openWorld(world, options.world.text, options.world.name);
  const listeners = new Map<Role, Listener>();
  for (const role of ROLES) {
    const port = options.ports?.[role] ?? 0;
    listeners.set(role, await listen(context, role, { host, port, certificate }));
  }
  const origin = (role: Role) => listeners.get(role)?.origin ?? '';
  return {
    urls: {
      login: origin('login'),
      graph: origin('graph'),
      partnerCenter: origin('partnerCenter'),
      control: origin('control'),
    },
    caFile: certificate.caFile,
    world,
    journal: world.rooms.journal,
    faults: world.rooms.faults,
    violations: world.rooms.violations,
    addPartner: (partner) => createPartner(world, partner),
    asPerson: (request) => callAsPerson({ ...context, ...context.services }, request),
    approveRelationship: (relationshipId) => approveRelationship(world, relationshipId),
    async stop() {
      world.clock.stop();
      await Promise.all(listeners.values().map((listener) => listener.close()));
    },
  };
}

async function createContext(world: World): Promise<ServerContext> {
  const tokens = await Tokens.create(world);
  const graph = createGraph(world);
  const partnerCenter = createPartnerCenter(world, directoryApi);
  registerActors({ world, graph, partnerCenter });
  return {
    world,
    tokens,
    services: {
      login: (request: ApiRequest) => login({ world, tokens }, request),
      graph,
      partnerCenter,
      control: createControl({ world, graph, partnerCenter }),
    },
  };
}

/**
 * The whole stage on one machine: a real API server with our CRDs, the simulated Microsoft cloud, a real Samba domain
 * controller, and the credentials that connect them. The demo, the end-to-end tests and the benchmarks play on it.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { until } from '../control-plane/processes.ts';
import { type DomainController, sambaAvailability, startSamba } from '../samba/index.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/index.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { isLiveCloud } from '../testing/live-clouds.ts';
import { type OperatorOptions, type OperatorProcess, startOperator } from './operator.ts';

export const root = join(import.meta.dirname, '..', '..');

export interface StageOptions {
  /** Everything that is written goes below it. Absent: a temporary folder, removed at the end. */
  readonly folder?: string;
  readonly progress?: (line: string) => void;
  readonly simulator?: Partial<SimulatorOptions>;
  /** Default: with Active Directory where this machine can have one. */
  readonly withoutDirectory?: boolean;
  readonly directoryAddress?: string;
}

export interface Stage {
  readonly folder: string;
  readonly controlPlane: ControlPlane;
  readonly simulator: Simulator;
  /** Undefined: left out; `directoryNote` says why. */
  readonly directory: DomainController | undefined;
  readonly directoryNote: string | undefined;
  startOperator(options?: Partial<OperatorOptions>): Promise<OperatorProcess>;
  /** Objects of a kind in all namespaces; without a process for each look, of which waiting takes many. */
  list<T>(plural: string): Promise<readonly T[]>;
  /** Applies manifests; the domain controller is that of the stage, and what needs one is taken out where there is none. */
  apply(yaml: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const progress = options.progress ?? (() => undefined);
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'm365-stage-')));
  await mkdir(folder, { recursive: true });
  const availability = options.withoutDirectory === true ? undefined : await sambaAvailability();
  const directoryNote =
    availability?.how === 'none' ? `Active Directory is left out: ${availability.why}` : undefined;
  const [controlPlane, simulator, directory] = await Promise.all([
    startControlPlane({ folder: join(folder, 'control-plane'), progress }),
    startSimulator({
      world: 'default',
      certificateFolder: join(folder, 'simulator'),
      ...options.simulator,
    }),
    availability === undefined || availability.how === 'none'
      ? undefined
      : startSamba({
          folder: join(folder, 'samba'),
          address: options.directoryAddress ?? '127.0.0.2',
          progress,
        }),
  ]);
  const cloudIsGone = isLiveCloud(simulator);
  await installDefinitions(controlPlane);
  return {
    folder,
    controlPlane,
    simulator,
    directory,
    directoryNote,
    startOperator: (more = {}) =>
      startOperator({
        kubeconfig: controlPlane.kubeconfig,
        folder,
        cloud: { ...simulator.urls, caFile: simulator.caFile },
        ...more,
      }),
    list: (plural) => controlPlane.client.list(plural),
    apply: (yaml) =>
      controlPlane.kubectl(
        ['apply', '-f', '-'],
        directory === undefined
          ? withoutDirectory(yaml)
          : yaml.replaceAll('ldaps://127.0.0.2', directory.url),
      ),
    stop: async () => {
      await controlPlane.stop();
      await simulator.stop();
      cloudIsGone();
      await directory?.stop();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function installDefinitions(controlPlane: ControlPlane): Promise<void> {
  const kubectl = (args: readonly string[]): Promise<string> => controlPlane.kubectl(args);
  await kubectl(['apply', '--server-side', '-f', join(root, 'crds')]);
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
  // Established is not yet served: discovery follows a moment later.
  await until('the kinds in discovery', async () => {
    const served = await kubectl(['api-resources', '--api-group=m365-operator.io', '-o', 'name']);
    return served.trim().split('\n').length === 4;
  });
}

const directorySecret = 'corp-ad';

/** The two Secrets that examples/quickstart/connection.yaml names (README, "Credentials"). */
export async function applyCredentials({ controlPlane, directory }: Stage): Promise<void> {
  const secrets = [
    secret('eu-prod-credentials', {
      clientId: DEFAULT_PARTNER.clientId,
      clientSecret: DEFAULT_PARTNER.clientSecret,
      refreshToken: DEFAULT_PARTNER.refreshToken,
    }),
    ...(directory === undefined ? [] : [secret(directorySecret, await bindCredentials(directory))]),
  ];
  await controlPlane.kubectl(['apply', '-f', '-'], secrets.map((s) => stringify(s)).join('---\n'));
}

/** `spec.activeDirectory` of a connection that reaches it as `applyCredentials` has it; by other ways where they are given. */
export function directorySpec(
  { url, customersOU }: DomainController,
  domainControllers: readonly string[] = [url],
) {
  return { domainControllers, credentialsSecretRef: { name: directorySecret }, customersOU };
}

async function bindCredentials({ adminDN, adminPassword, caFile }: DomainController) {
  return {
    bindDN: adminDN,
    bindPassword: adminPassword,
    'ca.crt': await readFile(caFile, 'utf8'),
  };
}

function secret(name: string, stringData: Readonly<Record<string, string>>) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'provider' },
    stringData,
  };
}

interface Manifest {
  readonly kind: string;
  readonly spec: { activeDirectory?: unknown; identity?: { activeDirectory?: unknown } };
}

function withoutDirectory(yaml: string): string {
  const documents = parseAllDocuments(yaml).map((document) => document.toJS() as Manifest);
  for (const { kind, spec } of documents) {
    if (kind === 'PartnerConnection') delete spec.activeDirectory;
    if (kind === 'M365Tenant') delete spec.identity?.activeDirectory;
    if (kind === 'M365User') delete spec.activeDirectory;
  }
  return documents.map((document) => stringify(document)).join('---\n');
}

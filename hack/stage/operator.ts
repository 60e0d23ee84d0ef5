/** The operator as a process of its own, from source or as the file that the image holds. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type NodeOfImage, nodeOfImage } from '../build/bundle.ts';
import { freePort, type Process, startProcess, until } from '../control-plane/processes.ts';

const root = join(import.meta.dirname, '..', '..');

export interface OperatorOptions {
  readonly kubeconfig: string;
  /** Logs and the audit log. */
  readonly folder: string;
  /** Simulator: its addresses and authority. */
  readonly cloud: {
    readonly login: string;
    readonly graph: string;
    readonly partnerCenter: string;
    readonly caFile: string;
  };
  readonly pollSeconds?: number;
  /** What Node runs: a bundle, with the flags of the image, or sources. Default: see `programVariable`. */
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface OperatorProcess {
  readonly metricsUrl: string;
  readonly healthUrl: string;
  readonly logFile: string;
  readonly auditFile: string;
  readonly process: Process;
  /** Resolves when the probe `/readyz` is fine. */
  ready(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL: as a node that loses power. */
  kill(): Promise<void>;
}

/** Environment variable: a bundle that operators are started from; operator/main.ts, four times as slow to start, if unset. */
export const programVariable = 'M365_OPERATOR_PROGRAM';

const nodeOfSources: NodeOfImage = { flags: ['--enable-source-maps'], env: {} };

/** What is started hundreds of times: Node keeps what it compiled, which halves the work of a start. */
function compiledOnce(): NodeJS.ProcessEnv {
  const shared = process.env[programVariable];
  return shared === undefined ? {} : { NODE_COMPILE_CACHE: join(dirname(shared), 'compiled') };
}

export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  await mkdir(options.folder, { recursive: true });
  const metricsPort = await freePort();
  const healthPort = await freePort();
  const logFile = join(options.folder, 'operator.log');
  const auditFile = join(options.folder, 'audit.log');
  const program =
    options.program ?? process.env[programVariable] ?? join(root, 'operator', 'main.ts');
  const node = program.endsWith('.mjs') ? await nodeOfImage() : nodeOfSources;
  const operator = startProcess(process.execPath, [...node.flags, program], {
    logFile,
    cwd: root,
    env: {
      ...process.env,
      ...node.env,
      ...compiledOnce(),
      KUBECONFIG: options.kubeconfig,
      METRICS_ADDR: `127.0.0.1:${metricsPort}`,
      HEALTH_ADDR: `127.0.0.1:${healthPort}`,
      AUDIT_LOG: auditFile,
      POLL_SECONDS: String(options.pollSeconds ?? 2),
      M365_LOGIN_URL: options.cloud.login,
      M365_GRAPH_URL: options.cloud.graph,
      M365_PARTNER_CENTER_URL: options.cloud.partnerCenter,
      NODE_EXTRA_CA_CERTS: options.cloud.caFile,
      ...options.env,
    },
  });
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  return {
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    healthUrl,
    logFile,
    auditFile,
    process: operator,
    ready: () =>
      until('the operator', async () => {
        if (operator.child.exitCode !== null) throw new Error(`the operator ended; see ${logFile}`);
        return isOk(`${healthUrl}/readyz`);
      }),
    stop: () => operator.stop(),
    kill: () => operator.kill(),
  };
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

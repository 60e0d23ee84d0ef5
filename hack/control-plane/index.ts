/** A real control plane on this machine: etcd and kube-apiserver, started in a folder, stopped in order. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { isLive } from '../testing/live-clusters.ts';
import { controlPlaneBinaries, type Progress } from './binaries.ts';
import { ClusterClient } from './cluster-client.ts';
import { freePort, type Process, Restartable, startProcess, until } from './processes.ts';

export interface ControlPlaneOptions {
  /** Data, certificates, logs and kubeconfig. Absent: a temporary folder, removed on stop. */
  readonly folder?: string;
  readonly progress?: Progress;
}

export interface ControlPlane {
  readonly url: string;
  /** Path of a kubeconfig with cluster-admin rights. */
  readonly kubeconfig: string;
  readonly kubectlPath: string;
  /** As the same administrator, without a process for each call: tests look hundreds of times. */
  readonly client: ClusterClient;
  /** Runs kubectl and returns what it printed; `input` goes to its standard input. Throws with its error text. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** For tests of faults: killed, and started again on the same port with the same data. */
  readonly etcd: Restartable;
  readonly apiServer: Restartable;
  /** Resolves when the API server says that it and its etcd are ready. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const progress = options.progress ?? (() => undefined);
  const binaries = await controlPlaneBinaries(progress);
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'm365-control-plane-')));
  await mkdir(folder, { recursive: true });
  const token = randomBytes(24).toString('hex');
  await writeFile(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, {
    mode: 0o600,
  });
  await writeServiceAccountKey(join(folder, 'service-account.key'));
  const etcdPort = await freePort();
  const etcd = new Restartable(() => startEtcd(binaries, folder, etcdPort));
  const apiPort = await freePort();
  const ports = { etcdPort, apiPort };
  const apiServer = new Restartable(() => startApiServer(binaries, folder, ports));
  const url = `https://127.0.0.1:${apiPort}`;
  const kubeconfig = join(folder, 'kubeconfig');
  const kubectlPath = join(binaries, 'kubectl');
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    execute(kubectlPath, ['--kubeconfig', kubeconfig, ...args], input);
  const access = { folder, kubeconfig, url, token };
  const ready = () =>
    until('the API server', () => isReady(access, apiServer), { timeoutMs: 60_000 });
  await ready();
  const client = await ClusterClient.connect(kubeconfig);
  const isGone = isLive(client);
  return {
    url,
    kubeconfig,
    kubectlPath,
    client,
    kubectl,
    etcd,
    apiServer,
    ready,
    stop: async () => {
      isGone();
      await client.transport.close();
      // Nobody needs what they would put in order.
      await Promise.all([apiServer.kill(), etcd.kill()]);
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function startEtcd(binaries: string, folder: string, port: number): Process {
  const client = `http://127.0.0.1:${port}`;
  return startProcess(
    join(binaries, 'etcd'),
    [
      ['--data-dir', join(folder, 'etcd')],
      ['--listen-client-urls', client],
      ['--advertise-client-urls', client],
      ['--listen-peer-urls', 'http://127.0.0.1:0'],
      ['--log-level', 'warn'],
      ['--unsafe-no-fsync'],
    ].flat(),
    { logFile: join(folder, 'etcd.log') },
  );
}

function startApiServer(
  binaries: string,
  folder: string,
  ports: { readonly etcdPort: number; readonly apiPort: number },
): Process {
  const key = join(folder, 'service-account.key');
  return startProcess(
    join(binaries, 'kube-apiserver'),
    [
      ['--etcd-servers', `http://127.0.0.1:${ports.etcdPort}`],
      ['--cert-dir', join(folder, 'certificates')],
      ['--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1'],
      ['--secure-port', String(ports.apiPort)],
      ['--service-cluster-ip-range', '10.0.0.0/24'],
      ['--authorization-mode', 'RBAC'],
      ['--token-auth-file', join(folder, 'tokens.csv')],
      ['--service-account-issuer', 'https://kubernetes.default.svc'],
      ['--service-account-key-file', key, '--service-account-signing-key-file', key],
      ['--disable-admission-plugins', 'ServiceAccount'],
    ].flat(),
    { logFile: join(folder, 'kube-apiserver.log') },
  );
}

async function writeServiceAccountKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(file, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
}

interface Access {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly url: string;
  readonly token: string;
}

async function isReady(access: Access, apiServer: Restartable): Promise<boolean> {
  if (apiServer.child.exitCode !== null) {
    throw new Error(
      `kube-apiserver ended at start; see ${join(access.folder, 'kube-apiserver.log')}`,
    );
  }
  try {
    // The API server makes its own certificate at start; the file holds its authority too.
    const authority = await readFile(join(access.folder, 'certificates', 'apiserver.crt'));
    await writeFile(access.kubeconfig, kubeconfigOf(access, authority), { mode: 0o600 });
    return (await statusOf(`${access.url}/readyz`, access.token, authority)) === 200;
  } catch {
    return false;
  }
}

/** Without a process: it is asked many times, beside a server that needs every core for its start. */
function statusOf(url: string, token: string, ca: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(url, { ca, headers, agent: false, signal: AbortSignal.timeout(10_000) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).once('error', reject);
  });
}

function kubeconfigOf(access: Access, authority: Buffer): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'local',
        cluster: {
          server: access.url,
          'certificate-authority-data': authority.toString('base64'),
        },
      },
    ],
    users: [{ name: 'admin', user: { token: access.token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
    'current-context': 'local',
  });
}

async function execute(command: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr.trim() === '' ? error.message : stderr.trim()));
      },
    );
    // One that is gone takes no input (EPIPE): what became of it, its exit says.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

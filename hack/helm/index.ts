/**
 * Where helm comes from, first that works: HELM (a path), `helm` on PATH where it is version 3 or 4, what an earlier
 * run left in the cache, built once by Go from its module (about a minute).
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot, kubernetesVersion, type Progress } from '../control-plane/binaries.ts';

const run = promisify(execFile);
const helmVersion = 'v3.22.0';
const helmModule = 'helm.sh/helm/v3';

/** Path or name of a helm that runs. Throws where there is none and Go cannot build one, saying what to do. */
export async function helmBinary(progress: Progress): Promise<string> {
  const given = process.env['HELM'];
  if (given !== undefined && given !== '') return requireUsable(given);
  if (await isUsable('helm')) return 'helm';
  const cached = join(cacheRoot(), `helm-${helmVersion}`, 'helm');
  if (!existsSync(cached)) await build(cached, progress);
  return cached;
}

async function requireUsable(command: string): Promise<string> {
  if (await isUsable(command)) return command;
  throw new Error(`HELM names "${command}", which does not run as helm version 3 or 4`);
}

async function isUsable(command: string): Promise<boolean> {
  try {
    const { stdout } = await run(command, ['version', '--template', '{{.Version}}']);
    return /^v[34]\./.test(stdout);
  } catch {
    // Not there, or not a helm that knows the question: version 2 answers otherwise.
    return false;
  }
}

async function build(target: string, progress: Progress): Promise<void> {
  progress(`building helm ${helmVersion} from its Go module (once, about a minute)`);
  await mkdir(join(target, '..'), { recursive: true });
  // Beside its place, so that the rename is one step: a stopped build leaves no half of a binary.
  const folder = await mkdtemp(join(target, '..', '.build-'));
  try {
    await goInstall(`${helmModule}/cmd/helm@${helmVersion}`, folder);
    await rename(join(folder, 'helm'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What helm's Makefile sets: without it, `helm template` takes a chart to be for Kubernetes 1.20. */
function linkerFlags(): string {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
  const values = [
    ['internal/version.version', helmVersion],
    ['pkg/lint/rules.k8sVersionMajor', major],
    ['pkg/lint/rules.k8sVersionMinor', minor],
    ['pkg/chartutil.k8sVersionMajor', major],
    ['pkg/chartutil.k8sVersionMinor', minor],
  ];
  return ['-s -w', ...values.map(([name, value]) => `-X ${helmModule}/${name}=${value}`)].join(' ');
}

async function goInstall(module: string, folder: string): Promise<void> {
  const child = spawn('go', ['install', '-trimpath', '-ldflags', linkerFlags(), module], {
    env: { ...process.env, CGO_ENABLED: '0', GOBIN: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let tail = '';
  child.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new Error('no helm: set HELM to one of version 3 or 4, or install Go', { cause: error }),
      );
    });
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`go install ${module} ended with ${String(code)}: ${tail}`);
}

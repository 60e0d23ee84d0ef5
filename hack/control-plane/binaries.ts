/**
 * Where etcd, kube-apiserver and kubectl come from, first that works:
 *
 *   1. the folder that KUBEBUILDER_ASSETS names
 *   2. what an earlier run left in the cache
 *   3. the envtest release archive (what `setup-envtest` downloads), where it can be reached
 *   4. built from Go modules (go.mod beside this file), once: about five minutes on two cores
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

const run = promisify(execFile);
const names = ['etcd', 'kubectl', 'kube-apiserver'] as const;
const source = import.meta.dirname;
export const kubernetesVersion = 'v1.36.3';

/** https://github.com/kubernetes-sigs/controller-tools, envtest-releases.yaml (read 2026-11-24) */
const envtestIndex =
  'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml';

export type Progress = (line: string) => void;

/** The folder with the three binaries. Throws where none of the four ways works, saying what each said. */
export async function controlPlaneBinaries(progress: Progress): Promise<string> {
  const given = process.env['KUBEBUILDER_ASSETS'];
  if (given !== undefined && given !== '') return requireAll(given);
  const cache = await cacheFolder();
  if (hasAll(cache)) return cache;
  await mkdir(cache, { recursive: true });
  const failures: string[] = [];
  for (const attempt of [download, build]) {
    try {
      await attempt(cache, progress);
      return requireAll(cache);
    } catch (error) {
      failures.push(`${attempt.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `no Kubernetes control plane: set KUBEBUILDER_ASSETS to a folder with ${names.join(', ')}.\n${failures.join('\n')}`,
  );
}

export function cacheRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'm365-operator');
}

async function cacheFolder(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(source, file)));
  return join(cacheRoot(), `control-plane-${hash.digest('hex').slice(0, 16)}`);
}

function hasAll(folder: string): boolean {
  return names.every((name) => existsSync(join(folder, name)));
}

function requireAll(folder: string): string {
  if (hasAll(folder)) return folder;
  throw new Error(`${folder} does not hold ${names.join(', ')}`);
}

interface EnvtestRelease {
  readonly hash: string;
  readonly selfLink: string;
}

async function download(folder: string, progress: Progress): Promise<void> {
  const index = parse(await (await get(envtestIndex)).text()) as {
    releases: Record<string, Record<string, EnvtestRelease>>;
  };
  const version = newest(Object.keys(index.releases));
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const release =
    index.releases[version]?.[`envtest-${version}-${process.platform}-${arch}.tar.gz`];
  if (release === undefined) throw new Error(`no envtest archive for ${process.platform}-${arch}`);
  progress(`downloading etcd, kube-apiserver and kubectl ${version}`);
  const archive = Buffer.from(await (await get(release.selfLink)).arrayBuffer());
  const actual = createHash('sha512').update(archive).digest('hex');
  if (actual !== release.hash)
    throw new Error('the envtest archive does not have its published hash');
  const file = join(tmpdir(), `envtest-${process.pid}.tar.gz`);
  await writeFile(file, archive);
  await run('tar', ['-xzf', file, '-C', folder, '--strip-components=2']);
  await rm(file);
}

/** Releases only; alphas and candidates are older than the release that they lead to. */
function newest(versions: readonly string[]): string {
  const released = versions.filter((version) => /^v\d+\.\d+\.\d+$/.test(version));
  const found = released.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (found === undefined) throw new Error('the envtest index lists no release');
  return found;
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

async function build(folder: string, progress: Progress): Promise<void> {
  const version = 'k8s.io/component-base/version';
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
  const ldflags = `-s -w -X ${version}.gitVersion=${kubernetesVersion} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  for (const [index, name] of names.entries()) {
    if (existsSync(join(folder, name))) continue;
    const step = `building ${name} ${kubernetesVersion} from Go modules (${index + 1} of ${names.length}; once, about five minutes in all)`;
    progress(step);
    const started = Date.now();
    const ticker = setInterval(() => {
      progress(`${step} … ${Math.round((Date.now() - started) / 1000)} s`);
    }, 15_000);
    try {
      const output = join(folder, `.${name}`);
      await go(['build', '-trimpath', '-ldflags', ldflags, '-o', output, `./cmd/${name}`]);
      await rename(output, join(folder, name));
    } finally {
      clearInterval(ticker);
    }
  }
}

async function go(args: readonly string[]): Promise<void> {
  const child = spawn('go', args, {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let tail = '';
  child.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`go ${args.join(' ')} ended with ${code}: ${tail}`);
}

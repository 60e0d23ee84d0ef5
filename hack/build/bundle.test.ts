/** The bundle runs by itself: in a folder without node_modules, as in the image. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleOperator, nodeOfImage } from './bundle.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
let folder: string;
let bundle: Bundle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm365-bundle-'));
  bundle = await bundleOperator(folder);
}, 60_000);

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function programNames(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
}

async function programs(): Promise<string[]> {
  return Promise.all((await programNames()).map((name) => readFile(join(folder, name), 'utf8')));
}

interface Failure {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the operator ends with this environment; it must end by itself. */
async function failure(environment: Readonly<Record<string, string>>): Promise<Failure> {
  try {
    await run(process.execPath, [...(await nodeOfImage()).flags, bundle.file], {
      cwd: folder,
      env: environment,
      timeout: 15_000,
    });
  } catch (error) {
    return error as Failure;
  }
  throw new Error('the operator ended without an error');
}

describe('the Dockerfile', () => {
  it('copies all that the bundle is made from', async () => {
    const source = await mkdtemp(join(tmpdir(), 'm365-image-'));
    const [build = ''] = (await readFile(join(root, 'Dockerfile'), 'utf8')).split(
      /^FROM \$\{BASE\}/m,
    );
    for (const [, from = '', to = ''] of build.matchAll(/^COPY (\S+) (\S+)$/gm)) {
      await cp(join(root, from), join(source, to), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'));
    const { stdout } = await run(process.execPath, ['hack/build/main.ts'], { cwd: source });
    expect(stdout).toContain('dist/operator.mjs');
    await rm(source, { recursive: true });
    // It builds twice, beside all other tests: a slow machine takes its time.
  }, 120_000);
});

describe('the bundle', () => {
  it('is a few megabytes in all, and has its map', async () => {
    const files = await readdir(folder);
    expect(files).toContain('operator.mjs');
    expect(files).toContain('operator.mjs.map');
    const sizes = (await programs()).map((text) => text.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(3.5 * 1024 * 1024);
  });

  it.each([
    ['clients and kinds', 'accounts, licences and groups are as declared', /^controllers-/],
    ['a login', 'ClientSecretCredential', /^credential-/],
  ])('has %s in a file of their own, for later', async (_, text, file) => {
    const names = await programNames();
    const texts = await programs();
    expect(names.filter((_name, n) => texts[n]?.includes(text))).toEqual([
      expect.stringMatching(file),
    ]);
  });

  it('has a map of our sources and hardly more: Node keeps all of it in memory', async () => {
    const { size } = await stat(`${bundle.file}.map`);
    expect(size).toBeLessThan(1024 * 1024);
  });

  it('leaves the undici that Node has built in alone, also where a library asks for FormData', async () => {
    const asked = join(folder, 'asked.mjs');
    await writeFile(
      asked,
      `process.env.METRICS_ADDR = 'x';
       await import('./operator.mjs');
       new FormData();
       console.log(process.moduleLoadList.join());`,
    );
    const { stdout } = (await run(process.execPath, [asked], { cwd: folder, env: {} }).catch(
      (error: unknown) => error,
    )) as Failure;
    expect(stdout).toContain('NativeModule http');
    expect(stdout).not.toContain('internal/deps/undici/undici');
    expect(stdout).not.toContain('NativeModule http2');
  });

  it('names each variable of the environment that is wrong, and ends with 1', async () => {
    const { code, stderr } = await failure({ METRICS_ADDR: 'x', POLL_SECONDS: '0' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^the environment is not valid:\n {2}METRICS_ADDR: must be host:port/);
    expect(stderr).toContain('POLL_SECONDS: ');
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('says which kubeconfig is missing, and ends with 1', async () => {
    const { code, stdout } = await failure({ KUBECONFIG: join(folder, 'missing.yaml') });
    expect(code).toBe(1);
    expect(stdout).toContain('missing.yaml');
  });

  it('takes a kubeconfig as far as its cluster, with all packages inside', async () => {
    const kubeconfig = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfig, 'apiVersion: v1\nkind: Config\ncurrent-context: nowhere\n');
    const { code, stdout } = await failure({ KUBECONFIG: kubeconfig });
    expect(code).toBe(1);
    expect(stdout).toContain('the kubeconfig has no cluster for its context \\"nowhere\\"');
  });
});

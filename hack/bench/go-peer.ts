/** The operator in Go that ours is measured against: built once into the cache, started as a process of its own. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot } from '../control-plane/binaries.ts';
import { freePort, type Process, startProcess } from '../control-plane/processes.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import type { Stage } from '../stage/index.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, 'go-peer');

/** Path of its binary. The first build takes minutes. */
export async function buildPeer(progress: (line: string) => void): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(source)).sort())
    hash.update(await readFile(join(source, file)));
  const target = join(cacheRoot(), `go-peer-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(target)) return target;
  progress('building the controller-runtime operator (once, some minutes)');
  await mkdir(cacheRoot(), { recursive: true });
  const half = `${target}.${process.pid}`;
  await run('go', ['build', '-trimpath', '-o', half, '.'], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  await rename(half, target);
  return target;
}

export async function startPeer(
  { folder, controlPlane, simulator }: Stage,
  binary: string,
): Promise<{ readonly process: Process; readonly metricsUrl: string }> {
  const address = `127.0.0.1:${await freePort()}`;
  return {
    metricsUrl: `http://${address}/metrics`,
    process: startProcess(binary, [], {
      logFile: join(folder, 'peer.log'),
      env: {
        ...process.env,
        KUBECONFIG: controlPlane.kubeconfig,
        METRICS_ADDR: address,
        M365_LOGIN_URL: simulator.urls.login,
        M365_GRAPH_URL: simulator.urls.graph,
        CLOUD_CA_FILE: simulator.caFile,
        CLIENT_ID: DEFAULT_PARTNER.clientId,
        CLIENT_SECRET: DEFAULT_PARTNER.clientSecret,
      },
    }),
  };
}

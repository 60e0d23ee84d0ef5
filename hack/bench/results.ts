/** The newest run of each benchmark, kept in Git with what it ran on: figures without a machine mean nothing. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Row } from './row.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, 'results');

export async function saveResults(name: string, rows: readonly Row[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const record = { name, date: new Date().toISOString(), ...(await machine()), rows };
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

async function machine() {
  const processors = cpus();
  return {
    commit: await commit(),
    machine: {
      cpu: processors[0]?.model ?? 'unknown',
      cores: processors.length,
      memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
      node: process.version,
      jsonMegabytesPerSecond: jsonSpeed(),
      loadAtEnd: loadavg().map((load) => Number(load.toFixed(2))),
    },
  };
}

/**
 * How fast one core was just then, in JSON parsed: processors of one name were three times as fast on some days as on others.
 * The best of some rounds, which tells of the machine and not of what else it did.
 */
function jsonSpeed(): number {
  const text = JSON.stringify(Array.from({ length: 20_000 }, (_, n) => person(n)));
  const seconds = Array.from({ length: 10 }, () => {
    const startedMs = performance.now();
    JSON.parse(text);
    return (performance.now() - startedMs) / 1000;
  });
  return Math.round(text.length / 1e6 / Math.min(...seconds));
}

function person(n: number) {
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  return {
    id,
    displayName: `Person ${n}`,
    accountEnabled: n % 7 > 0,
    assignedLicenses: [n, n + 1],
  };
}

/** With a mark where what ran is not what the commit holds. */
async function commit(): Promise<string> {
  const changed = await git('status', '--porcelain', '--untracked-files=no');
  return `${await git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : ' and changes'}`;
}

async function git(...args: string[]): Promise<string> {
  return (await run('git', args, { cwd: import.meta.dirname })).stdout.trim();
}

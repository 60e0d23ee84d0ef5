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
      loadAtEnd: loadavg().map((load) => Number(load.toFixed(2))),
    },
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

/** What Prometheus itself makes of rules and expressions: its parser and engine, built once by Go (main.go beside this file). */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot, type Progress } from '../control-plane/binaries.ts';

const run = promisify(execFile);
const source = import.meta.dirname;

export interface Series {
  /** `__name__` is the metric. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Question {
  /** A file of rules, as Prometheus takes it. */
  readonly rules?: string;
  readonly expressions?: readonly string[];
  /** Each has had its value for five minutes. */
  readonly series?: readonly Series[];
  readonly atMs?: number;
}

export interface Answer {
  readonly errors: readonly string[];
  /** What the expressions read; a label has the value of a matcher that asks for equality, and '' of any other. */
  readonly found: readonly {
    readonly expression: string;
    readonly metric: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
  /** Labels that an expression groups or joins by. */
  readonly grouping: Readonly<Record<string, readonly string[] | null>>;
  /** Of every expression, those of the rules too. */
  readonly results: Readonly<Record<string, readonly Series[]>>;
}

export async function askPrometheus(question: Question): Promise<Answer> {
  const running = run(await binary(() => undefined), [], { maxBuffer: 16 * 1024 * 1024 });
  running.child.stdin?.end(JSON.stringify(question));
  return JSON.parse((await running).stdout) as Answer;
}

/** Path of the program; built where an earlier run has not left it in the cache. */
export async function binary(progress: Progress): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go', 'point.go'])
    hash.update(await readFile(join(source, file)));
  const built = join(cacheRoot(), `promql-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(built)) return built;
  progress("building Prometheus' parser and engine from its Go module (once, about a minute)");
  await mkdir(cacheRoot(), { recursive: true });
  // Beside its place, so that the rename is one step: a stopped build leaves no half of a binary.
  const folder = await mkdtemp(join(cacheRoot(), '.promql-'));
  try {
    const output = join(folder, 'promql');
    await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', output, '.'], {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    });
    await rename(output, built);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return built;
}

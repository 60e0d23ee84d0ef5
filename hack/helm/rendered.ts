/** What a chart makes of values: the manifests, as objects. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { helmBinary } from './index.ts';

const run = promisify(execFile);
export const chart = join(import.meta.dirname, '..', '..', 'charts', 'm365-operator');

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Runs helm; `input` goes to its standard input (`--values -`). Throws with what it wrote to standard error. */
export async function helm(args: readonly string[], input = ''): Promise<string> {
  const running = run(await helmBinary(() => undefined), args, { maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** Throws where the values' schema refuses them, saying which and why. */
export async function render(
  release: string,
  namespace: string,
  values: object,
): Promise<readonly Manifest[]> {
  const args = ['template', release, chart, '--namespace', namespace, '--values', '-'];
  const yaml = await helm(args, stringify(values));
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

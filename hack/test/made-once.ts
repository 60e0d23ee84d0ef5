/** For the integration tests: the operator as the image has it, made once for all of their files. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleOperator } from '../build/bundle.ts';
import { programVariable } from '../stage/operator.ts';

export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'm365-bundle-'));
  process.env[programVariable] = (await bundleOperator(folder)).file;
  return () => rm(folder, { recursive: true });
}

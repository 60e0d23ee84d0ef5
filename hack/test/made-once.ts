/**
 * For the integration tests: what is made once for all of their files, which run beside each other: the operator as the
 * image has it, and, on a machine that has nothing yet, the control plane and Samba.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleOperator } from '../build/bundle.ts';
import { controlPlaneBinaries } from '../control-plane/binaries.ts';
import { installSamba, sambaAvailability } from '../samba/packages.ts';
import { programVariable } from '../stage/operator.ts';

const progress = (line: string): void => console.log(line);

export async function setup(): Promise<() => Promise<void>> {
  await controlPlaneBinaries(progress);
  if ((await sambaAvailability()).how === 'install') await installSamba(progress);
  // By the other project of this process, or by somebody who brings one.
  if (process.env[programVariable] !== undefined) return () => Promise.resolve();
  const folder = await mkdtemp(join(tmpdir(), 'm365-bundle-'));
  process.env[programVariable] = (await bundleOperator(folder)).file;
  return () => rm(folder, { recursive: true, force: true });
}

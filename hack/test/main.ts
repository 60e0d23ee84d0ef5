/**
 * `npm test`: everything, on a machine that may have nothing yet: the checks, units and properties, the clients and
 * the simulator, integration on a real API server and a real domain controller. `npm test -- faults-crash`: only the
 * test files with this in their path. Last line: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report, root, runStep, steps } from '../check/steps.ts';
import { controlPlaneBinaries } from '../control-plane/binaries.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
}

async function runChecks(): Promise<Counts> {
  let passed = 0;
  let failed = 0;
  for (const step of steps) {
    const result = await runStep(step);
    report(result);
    if (result.isFine) passed += 1;
    else failed += 1;
  }
  return { passed, failed };
}

async function runVitest(project: string): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'm365-test-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const child = spawn(
    join(root, 'node_modules', '.bin', 'vitest'),
    ['run', '--project', project, '--passWithNoTests', ...reporters, ...only],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const result = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  await rm(folder, { recursive: true });
  // A skipped test has not passed; a file that did not load, or an error outside of tests, has failed.
  const failed = result.numFailedTests + result.numPendingTests;
  const isSilentFailure = code !== 0 && failed === 0;
  return { passed: result.numPassedTests, failed: failed + (isSilentFailure ? 1 : 0) };
}

const only = process.argv.slice(2);
await controlPlaneBinaries((line) => console.log(line));
const checks = only.length === 0 ? [await runChecks()] : [];
const all = [...checks, await runVitest('unit'), await runVitest('integration')];
const passed = all.reduce((sum, counts) => sum + counts.passed, 0);
const failed = all.reduce((sum, counts) => sum + counts.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
// Nothing that ran has shown nothing.
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

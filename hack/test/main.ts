/**
 * `npm test`: everything, on a machine that may have nothing yet: the checks, units and properties, the clients and
 * the simulator, integration on a real API server and a real domain controller. `npm test -- faults-crash`: only the
 * test files with this in their path. Last line: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { report, root, runStep, steps } from '../check/steps.ts';
import { controlPlaneBinaries } from '../control-plane/binaries.ts';

interface Counts {
  readonly passed: number;
  /** What failed and why, a paragraph each: said again at the end, where a reader of a long log looks. */
  readonly failures: readonly string[];
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

async function runChecks(): Promise<Counts> {
  let passed = 0;
  const failures: string[] = [];
  for (const step of steps) {
    const result = await runStep(step);
    report(result);
    if (result.isFine) passed += 1;
    else failures.push(`the check ${step.name}`);
  }
  return { passed, failures };
}

/** A skipped test has not passed; a file that did not load has failed. */
function failuresOf(result: VitestReport): string[] {
  return result.testResults.flatMap((file) => {
    const path = relative(root, file.name);
    const tests = file.assertionResults
      .filter((test) => test.status !== 'passed')
      .map(
        (test) => `${path}: ${test.fullName}\n${test.failureMessages?.join('\n') || test.status}`,
      );
    return tests.length === 0 && file.status !== 'passed' ? [`${path}\n${file.message}`] : tests;
  });
}

async function runVitest(...projects: readonly string[]): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'm365-test-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const child = spawn(
    join(root, 'node_modules', '.bin', 'vitest'),
    [
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--passWithNoTests',
      ...reporters,
      ...only,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const result = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  await rm(folder, { recursive: true });
  const failures = failuresOf(result);
  const isSilentFailure = code !== 0 && failures.length === 0;
  return {
    passed: result.numPassedTests,
    failures: isSilentFailure
      ? [`an error outside of the ${projects.join(' and ')} tests: see above`]
      : failures,
  };
}

const only = process.argv.slice(2);
await controlPlaneBinaries((line) => console.log(line));
const checks = only.length === 0 ? [await runChecks()] : [];
const all = [...checks, await runVitest('unit', 'clients'), await runVitest('integration*')];
const passed = all.reduce((sum, counts) => sum + counts.passed, 0);
const failures = all.flatMap((counts) => counts.failures);
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
// Nothing that ran has shown nothing.
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

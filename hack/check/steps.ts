/** The checks that need no cluster, each a command with a name. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export const steps: readonly Step[] = [
  { name: 'format', command: 'biome', args: ['ci', '--colors=off', '.'] },
  { name: 'types', command: 'tsc', args: ['-p', '.'] },
  {
    name: 'lint',
    command: 'oxlint',
    args: ['--type-aware', '--deny-warnings', 'operator', 'hack'],
  },
  { name: 'dead code', command: 'knip', args: ['--no-progress'] },
  { name: 'generated files', command: 'node', args: ['hack/generate/main.ts', '--check'] },
];

export const unitTests: Step = {
  name: 'unit tests',
  command: 'vitest',
  args: ['run', '--project', 'unit', '--reporter=dot'],
};

export interface StepResult {
  readonly step: Step;
  readonly isFine: boolean;
  readonly seconds: number;
  readonly output: string;
}

export async function runStep(step: Step): Promise<StepResult> {
  const started = performance.now();
  const command = join(root, 'node_modules', '.bin', step.command);
  const child = spawn(command, step.args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { step, isFine: code === 0, seconds: (performance.now() - started) / 1000, output };
}

export function report({ step, isFine, seconds, output }: StepResult): void {
  console.log(`${isFine ? '✓' : '✗'} ${step.name} (${seconds.toFixed(1)} s)`);
  if (!isFine) console.log(output.trimEnd());
}

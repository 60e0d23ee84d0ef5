/** Work in a process of its own, so that its CPU and memory are its own: one job in, one answer out. */
import { fork } from 'node:child_process';

export interface Child<Answer> {
  readonly answer: Promise<Answer>;
  readonly pid: number;
  stop(): Promise<void>;
}

/** `module` takes its job with `jobOf` and answers with `answer`. */
export function startChild<Answer>(module: URL, job: object): Child<Answer> {
  const child = fork(module, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const answered = new Promise<Answer>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Answer));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${module.pathname} ended with ${code}`)));
  });
  child.send(job);
  return {
    answer: answered,
    pid: child.pid ?? 0,
    stop: async () => {
      process.off('exit', kill);
      kill();
      await gone;
    },
  };
}

/** In the child. */
export async function jobOf<Job>(): Promise<Job> {
  return new Promise((resolve) => {
    process.once('message', (message) => resolve(message as Job));
  });
}

export function answer(value: object): void {
  process.send?.(value);
}

/** Child processes with an end: started, watched until ready, stopped in order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';

export interface Process {
  readonly child: ChildProcess;
  /** Resolves when the process is gone, for whatever reason. */
  readonly gone: Promise<void>;
  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when the process is gone. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL: as a machine that loses power. Resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Writes its log itself: who starts it may be the simulated cloud too, and may be measured. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: { readonly logFile: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string },
): Process {
  const log = openSync(options.logFile, 'a');
  const child = spawn(command, args, {
    stdio: ['ignore', log, log],
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      appendFileSync(options.logFile, `${error.message}\n`);
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  return {
    child,
    gone,
    stop: async (graceMs = 10_000) => {
      process.off('exit', kill);
      child.kill('SIGTERM');
      const hard = setTimeout(kill, graceMs);
      await gone;
      clearTimeout(hard);
    },
    kill: async () => {
      process.off('exit', kill);
      kill();
      await gone;
    },
  };
}

/** A process that tests of faults take away and bring back, the same in all things: port, files, certificate. */
export class Restartable {
  readonly #start: () => Process;
  #current: Process;

  constructor(start: () => Process) {
    this.#start = start;
    this.#current = start();
  }

  get child(): ChildProcess {
    return this.#current.child;
  }

  kill(): Promise<void> {
    return this.#current.kill();
  }

  /** Not yet ready when it returns. */
  startAgain(): void {
    this.#current = this.#start();
  }

  stop(): Promise<void> {
    return this.#current.stop();
  }
}

/** Below what Linux gives to outgoing connections (32768 and above: ip(7), ip_local_port_range). */
const portMin = 20_000;
const portEnd = 30_000;

/**
 * A port that was free a moment ago on this address, and that no outgoing connection is given: neither before it is
 * listened on nor while its owner is started again.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(portMin, portEnd);
    if (await isFree(port, host)) return port;
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Waits for an effect, never for a time: asks again every `everyMs` until it holds or the deadline passes. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const { timeoutMs = 30_000, everyMs = 50 } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

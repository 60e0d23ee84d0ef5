/** A headless browser that is driven as a person drives it: keys, and what there is to see. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../control-plane/processes.ts';
import { chromiumAvailability, installChromium } from './packages.ts';
import { Session } from './session.ts';

export interface Browser {
  /** One empty page. */
  readonly session: Session;
  stop(): Promise<void>;
}

/** Root has no sandbox; the only pages are those of the test, under an authority of its own. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--ignore-certificate-errors',
  '--no-first-run',
  '--remote-debugging-port=0',
];

/** @throws Error where there is no browser and none can be installed */
export async function startChromium(progress: (line: string) => void): Promise<Browser> {
  const availability = await chromiumAvailability();
  if (availability.how === 'none') throw new Error(availability.why);
  if (availability.how === 'install') await installChromium(progress);
  const folder = await mkdtemp(join(tmpdir(), 'm365-chromium-'));
  const child = spawn('chromium', [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: 'ignore',
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    await ended(child);
    // Its other processes end a moment after it, and write until then.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    return { session: await Session.open(await pageUrl(child, folder)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The browser writes its port into its folder, and tells its pages there. */
async function pageUrl(child: ChildProcess, folder: string): Promise<string> {
  let url: string | undefined;
  await until('the browser', async () => {
    if (child.exitCode !== null) throw new Error(`chromium ended with ${child.exitCode}`);
    url = await debuggerUrl(folder).catch(() => undefined);
    return url !== undefined;
  });
  return url ?? '';
}

interface Target {
  readonly type: string;
  readonly webSocketDebuggerUrl: string;
}

async function debuggerUrl(folder: string): Promise<string | undefined> {
  const [port] = (await readFile(join(folder, 'DevToolsActivePort'), 'utf8')).split('\n');
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const targets = (await answer.json()) as readonly Target[];
  return targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGKILL');
  });
}

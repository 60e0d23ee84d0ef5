/** Debian's own Chromium: whether it is there or can be installed, and how. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type ChromiumAvailability =
  | { readonly how: 'native' | 'install' }
  | { readonly how: 'none'; readonly why: string };

/** How a browser would be started on this machine. Installs and starts nothing. */
export async function chromiumAvailability(): Promise<ChromiumAvailability> {
  if (await isInstalled()) return { how: 'native' };
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync('/etc/debian_version')) return { how: 'install' };
  const why = isRoot
    ? 'there is no browser here: Chromium is not installed, and this is no Debian'
    : 'there is no browser here: Chromium is not installed, and only root could install it';
  return { how: 'none', why };
}

export async function installChromium(progress: (line: string) => void): Promise<void> {
  progress('installing Chromium from the Debian archive (about 400 MB unpacked)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, maxBuffer: 16 * 1024 * 1024 };
  await run('apt-get', ['update'], options);
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options);
  if (!(await isInstalled())) throw new Error('Chromium was installed but does not run');
}

async function isInstalled(): Promise<boolean> {
  try {
    await run('chromium', ['--version']);
    return true;
  } catch {
    return false;
  }
}

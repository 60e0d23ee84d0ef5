/** Whether a Samba domain controller can run here, and what has to be installed for it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type SambaAvailability =
  | { readonly how: 'native' | 'install' | 'docker' }
  | { readonly how: 'none'; readonly why: string };

/**
 * How a domain controller would be started on this machine. Installs and starts nothing.
 * With M365_SAMBA=docker in the environment only a container will do, also where Samba could run by itself.
 */
export async function sambaAvailability(): Promise<SambaAvailability> {
  if (process.env['M365_SAMBA'] === 'docker') {
    if (await hasDocker()) return { how: 'docker' };
    return {
      how: 'none',
      why: 'M365_SAMBA=docker is set, and no Docker daemon of this machine answers',
    };
  }
  const isRoot = process.getuid?.() === 0;
  if (isRoot && (await isInstalled())) return { how: 'native' };
  if (isRoot && existsSync('/etc/debian_version')) return { how: 'install' };
  if (await hasDocker()) return { how: 'docker' };
  const why = isRoot
    ? 'there is no Active Directory here: Samba is not installed, this is no Debian, and no Docker daemon of this machine answers'
    : 'there is no Active Directory here: Samba needs root for port 636, and no Docker daemon of this machine answers';
  return { how: 'none', why };
}

/** The version, as Samba prints it: a golden folder is valid for one version only. */
export async function sambaVersion(): Promise<string> {
  return (await run('samba', ['--version'])).stdout.trim();
}

export async function installSamba(progress: (line: string) => void): Promise<void> {
  progress('installing Samba from the Debian archive (about 80 MB unpacked)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, maxBuffer: 16 * 1024 * 1024 };
  await run('apt-get', ['update'], options);
  const packages = ['samba', 'samba-ad-provision', 'samba-dsdb-modules'];
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], options);
  if (existsSync('/run/systemd/system')) await maskServices();
  if (!(await isInstalled())) throw new Error('Samba was installed but does not run');
}

/** The packages start Debian's own file server, which would hold the ports. */
async function maskServices(): Promise<void> {
  for (const service of ['smbd', 'nmbd', 'samba-ad-dc']) {
    const unit = `${service}.service`;
    const { stdout } = await run('systemctl', ['list-unit-files', '--no-legend', unit]);
    if (stdout.includes(unit)) await run('systemctl', ['mask', '--now', unit]);
  }
}

// Debian's modules belong to Debian's interpreter: another python3 that comes first in PATH does not see them.
const look = `
import os, samba.param, samba.provision
assert os.path.isdir(samba.param.setup_dir())
assert os.path.exists(os.path.join(samba.param.modules_dir(), "ldb", "samldb.so"))
`;

async function isInstalled(): Promise<boolean> {
  try {
    await sambaVersion();
    await run('/usr/bin/python3', ['-c', look]);
    return true;
  } catch {
    return false;
  }
}

async function hasDocker(): Promise<boolean> {
  // Only here: the packages behind it take a third of a second to load.
  return (await import('./container.ts')).hasDocker();
}

/** A provisioned domain, made once for this version of Samba and copied for every start. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot } from '../control-plane/binaries.ts';
import { adminPassword } from './domain.ts';

const run = promisify(execFile);
const source = import.meta.dirname;
export const provisionScript = join(source, 'provision.py');

/** Copies the golden domain to `folder`, which must not exist, and makes it listen on `address` alone. */
export async function cloneDomain(
  folder: string,
  address: string,
  options: { readonly version: string; readonly progress: (line: string) => void },
): Promise<void> {
  const golden = await goldenFolder(options.version, options.progress);
  await cp(golden, folder, { recursive: true, errorOnExist: true, force: false });
  await writeFile(join(folder, 'smb.conf'), await configuration(folder, address));
}

/** `address` undefined: every address. */
export async function configuration(folder: string, address: string | undefined): Promise<string> {
  const template = await readFile(join(source, 'smb.conf.template'), 'utf8');
  // With /32 Samba finds no network interface and listens on nothing.
  const interfaces =
    address === undefined ? '' : `interfaces = ${address}/8\n  bind interfaces only = yes`;
  return template.replaceAll('@FOLDER@', folder).replace('@INTERFACES@', interfaces);
}

/** Changes with everything that goes into a provisioned domain. */
export async function domainHash(version: string): Promise<string> {
  const hash = createHash('sha256').update(version);
  for (const file of ['provision.py', 'smb.conf.template', 'Dockerfile', 'domain.ts']) {
    hash.update(await readFile(join(source, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function goldenFolder(version: string, progress: (line: string) => void): Promise<string> {
  const golden = join(cacheRoot(), `samba-${await domainHash(version)}`);
  if (existsSync(golden)) return golden;
  progress('provisioning the domain corp.example (once, about three seconds)');
  await mkdir(cacheRoot(), { recursive: true });
  const making = await mkdtemp(join(cacheRoot(), '.samba-'));
  try {
    const file = join(making, 'smb.conf');
    await writeFile(file, await configuration(making, '127.0.0.1'));
    await run('/usr/bin/python3', [provisionScript, file, '127.0.0.1', adminPassword], {
      maxBuffer: 16 * 1024 * 1024,
    });
    await rename(making, golden);
  } catch (error) {
    // Another process may have been faster; its domain is as good as ours.
    if (!existsSync(golden)) throw error;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return golden;
}

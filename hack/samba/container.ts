/** The domain controller in a container, for machines where Samba cannot run by itself. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { adminPassword } from './domain.ts';
import { configuration, domainHash, provisionScript } from './golden.ts';

const run = promisify(execFile);

export interface Container {
  readonly port: number;
  stop(): Promise<void>;
}

/** `certificates`: folder with ca.crt, dc.crt and dc.key for 127.0.0.1, where the container's port is published. */
export async function startContainer(
  certificates: string,
  progress: (line: string) => void,
): Promise<Container> {
  const image = `m365-operator-samba:${await domainHash('container')}`;
  if (!(await hasImage(image))) await buildImage(image, progress);
  const id = await docker('create', '--publish', '127.0.0.1::636', image);
  const stop = async (): Promise<void> => {
    await docker('rm', '--force', id);
  };
  try {
    await docker('cp', `${certificates}/.`, `${id}:/dc/tls`);
    await docker('start', id);
    const port = /:(\d+)/.exec(await docker('port', id, '636/tcp'))?.[1];
    if (port === undefined) throw new Error('Docker published no port for the domain controller');
    return { port: Number(port), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function hasImage(image: string): Promise<boolean> {
  return (await docker('images', '--quiet', image)) !== '';
}

async function buildImage(image: string, progress: (line: string) => void): Promise<void> {
  progress('building the image of the domain controller (once, about half a minute)');
  const context = await mkdtemp(join(tmpdir(), 'm365-samba-image-'));
  try {
    await copyFile(join(import.meta.dirname, 'Dockerfile'), join(context, 'Dockerfile'));
    await copyFile(provisionScript, join(context, 'provision.py'));
    await writeFile(join(context, 'smb.conf'), await configuration('/dc', undefined));
    const argument = `ADMIN_PASSWORD=${adminPassword}`;
    await docker('build', '--tag', image, '--build-arg', argument, context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', [...args], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

/** A real Active Directory for tests and the demo: Samba as a domain controller of corp.example. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'ldapts';
import { Restartable, startProcess, until } from '../control-plane/processes.ts';
import { issueCertificate } from './certificates.ts';
import { adminDN, adminPassword, baseDN, customersOU } from './domain.ts';
import { cloneDomain } from './golden.ts';
import { installSamba, sambaAvailability, sambaVersion } from './packages.ts';

export { type SambaAvailability, sambaAvailability } from './packages.ts';

export interface SambaOptions {
  /** Where data, certificates and log are kept. Absent: a temporary folder, removed on stop. */
  readonly folder?: string;
  /** A loopback address of its own, since Samba's ports are fixed. Default 127.0.0.2; a container is on 127.0.0.1. */
  readonly address?: string;
  readonly progress?: (line: string) => void;
}

export interface DomainController {
  readonly url: string;
  readonly address: string;
  /** PEM of the authority that signed the controller's certificate. */
  readonly caFile: string;
  readonly adminDN: string;
  readonly adminPassword: string;
  readonly baseDN: string;
  readonly customersOU: string;
  /** As a machine that loses power: what was written stays. */
  kill(): Promise<void>;
  /** After `kill`: the same directory, at the same address. Resolves when it answers. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** Every start begins with a new, empty domain: what an earlier run left in the folder is removed. */
export async function startSamba(options: SambaOptions = {}): Promise<DomainController> {
  const progress = options.progress ?? (() => undefined);
  const availability = await sambaAvailability();
  if (availability.how === 'none') throw new Error(availability.why);
  if (availability.how === 'install') await installSamba(progress);
  const folder = resolve(options.folder ?? (await mkdtemp(join(tmpdir(), 'm365-samba-'))));
  await mkdir(folder, { recursive: true });
  const logFile = join(folder, 'samba.log');
  const place: Place = { folder, logFile, address: options.address ?? '127.0.0.2', progress };
  let started: Running | undefined;
  const stop = async (): Promise<void> => {
    await started?.stop();
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const running =
      availability.how === 'docker' ? await startInContainer(place) : await startNative(place);
    started = running;
    const { url, address, caFile } = running;
    const answering = (): Promise<void> =>
      until('the domain controller', async () => {
        if (await running.hasEnded()) throw new Error(`samba ended at start; see ${logFile}`);
        return answers({ url, caFile });
      });
    await answering();
    const startAgain = async (): Promise<void> => {
      await running.startAgain();
      await answering();
    };
    const account = { adminDN, adminPassword, baseDN, customersOU };
    return { url, address, caFile, ...account, kill: () => running.kill(), startAgain, stop };
  } catch (error) {
    // Once something was started the folder stays, with the log that says why.
    await (started === undefined ? stop() : started.stop());
    throw error;
  }
}

interface Place {
  readonly folder: string;
  readonly logFile: string;
  readonly address: string;
  readonly progress: (line: string) => void;
}

interface Running
  extends Pick<DomainController, 'url' | 'address' | 'caFile' | 'kill' | 'startAgain' | 'stop'> {
  /** Whether it will never answer. */
  readonly hasEnded: () => Promise<boolean>;
}

async function startNative({ folder, logFile, address, progress }: Place): Promise<Running> {
  const domain = join(folder, 'domain');
  await stopLeftOver(domain);
  await rm(domain, { recursive: true, force: true });
  if (await isListening(address)) {
    throw new Error(`something else listens on ${address}:636; stop it or choose another address`);
  }
  await cloneDomain(domain, address, { version: await sambaVersion(), progress });
  const caFile = await issueCertificate(join(domain, 'tls'), address);
  const samba = new Restartable(() =>
    startProcess(
      'samba',
      ['-i', '-M', 'single', '-s', join(domain, 'smb.conf'), '--debug-stdout'],
      { logFile, cwd: domain },
    ),
  );
  return {
    url: `ldaps://${address}`,
    address,
    caFile,
    hasEnded: async () => hasEnded(samba),
    kill: () => samba.kill(),
    startAgain: async () => samba.startAgain(),
    stop: () => samba.stop(),
  };
}

async function startInContainer({ folder, logFile, progress }: Place): Promise<Running> {
  const certificates = join(folder, 'tls');
  // For localhost alone: as on an address of its own, 127.0.0.1 is a name that the certificate does not hold.
  const caFile = await issueCertificate(certificates, undefined);
  // Only here: the packages behind it take a third of a second to load.
  const { startContainer } = await import('./container.ts');
  const container = await startContainer({ certificates, logFile, progress });
  return {
    url: `ldaps://localhost:${container.port}`,
    address: '127.0.0.1',
    caFile,
    hasEnded: () => container.hasEnded(),
    kill: () => container.kill(),
    startAgain: () => container.startAgain(),
    stop: () => container.stop(),
  };
}

function hasEnded({ child }: Restartable): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A run that was killed leaves its Samba behind. It is ours if it works in our folder: Samba hides its command line. */
async function stopLeftOver(domain: string): Promise<void> {
  const pidFile = join(domain, 'run', 'samba.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number((await readFile(pidFile, 'utf8')).trim());
  const place = await realpath(domain);
  const isOurs = async (): Promise<boolean> => {
    try {
      return (await readlink(`/proc/${pid}/cwd`)) === place;
    } catch {
      // There is no such process.
      return false;
    }
  };
  if (!(await isOurs())) return;
  process.kill(pid, 'SIGKILL');
  await until('the end of an earlier Samba', async () => !(await isOurs()));
}

async function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(636, address);
    const done = (listens: boolean) => (): void => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', done(true));
    socket.once('error', done(false));
  });
}

/** A bind and not the open port is the sign: Docker's proxy accepts connections before Samba does. */
async function answers(controller: Pick<DomainController, 'url' | 'caFile'>): Promise<boolean> {
  const client = new Client({
    url: controller.url,
    connectTimeout: 5_000,
    timeout: 10_000,
    tlsOptions: { ca: await readFile(controller.caFile) },
  });
  try {
    await client.bind(adminDN, adminPassword);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind();
  }
}

/** The domain controller in a container, for machines where Samba cannot run by itself. */
import { createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient, ImageName, Wait } from 'testcontainers';
import { freePort } from '../control-plane/processes.ts';
import { adminPassword } from './domain.ts';
import { configuration, domainHash, provisionScript } from './golden.ts';

// The package's own cleaner is one more image to pull; removeLeftOvers does its work. Read at the first start.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';

const ldapsPort = 636;

/** Holds the id of the process that has to end the container. */
const ownerLabel = 'io.m365-operator.samba.owner';

export interface Container {
  /** On 127.0.0.1. */
  readonly port: number;
  hasEnded(): Promise<boolean>;
  kill(): Promise<void>;
  /** On the same port. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContainerOptions {
  /** Folder with ca.crt, dc.crt and dc.key. */
  readonly certificates: string;
  /** What Samba prints is added to it. */
  readonly logFile: string;
  readonly progress: (line: string) => void;
}

/** A daemon elsewhere is none for us: a directory whose password is public is published on loopback alone. */
export async function hasDocker(): Promise<boolean> {
  try {
    return (await getContainerRuntimeClient()).info.containerRuntime.host === 'localhost';
  } catch {
    return false;
  }
}

/** Resolves when the container runs. Whether the controller answers is for the caller to find out. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { certificates, logFile, progress } = options;
  await removeLeftOvers();
  const image = `m365-operator-samba:${await domainHash('container')}`;
  const { image: images } = await getContainerRuntimeClient();
  if (!(await images.exists(ImageName.fromString(image)))) await buildImage(image, progress);
  const container = new SambaContainer(image)
    .withLabels({ [ownerLabel]: String(process.pid) })
    .withExposedPorts(ldapsPort)
    .withCopyFilesToContainer(
      // Samba refuses a key that others can read.
      ['ca.crt', 'dc.crt', 'dc.key'].map((file) => ({
        source: join(certificates, file),
        target: `/dc/tls/${file}`,
        mode: 0o600,
      })),
    )
    .withLogConsumer((lines) => lines.pipe(createWriteStream(logFile, { flags: 'a' })))
    // Nothing to wait for here: an open port says nothing, because Docker's proxy opens it before Samba listens.
    .withWaitStrategy(Wait.forAll([]));
  try {
    const started = await container.start();
    const id = started.getId();
    return {
      port: started.getMappedPort(ldapsPort),
      hasEnded: () => hasEnded(id),
      kill: () => byId(id).then((one) => one.kill()),
      startAgain: () => byId(id).then((one) => one.start()),
      stop: () => remove(id),
    };
  } catch (error) {
    if (container.id !== undefined) await remove(container.id);
    throw new Error('the container of the domain controller did not start', { cause: error });
  }
}

class SambaContainer extends GenericContainer {
  /** Known before the start, which may fail. */
  id: string | undefined;

  protected override async beforeContainerCreated(): Promise<void> {
    this.hostConfig.PortBindings = {
      // Chosen here, so that it is the same after a restart.
      [`${ldapsPort}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }],
    };
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.id = id;
  }
}

async function buildImage(image: string, progress: (line: string) => void): Promise<void> {
  progress('building the image of the domain controller (once, about half a minute)');
  const context = await mkdtemp(join(tmpdir(), 'm365-samba-image-'));
  try {
    await copyFile(join(import.meta.dirname, 'Dockerfile'), join(context, 'Dockerfile'));
    await copyFile(provisionScript, join(context, 'provision.py'));
    await writeFile(join(context, 'smb.conf'), await configuration('/dc', undefined));
    await GenericContainer.fromDockerfile(context)
      .withBuildArgs({ ADMIN_PASSWORD: adminPassword })
      .build(image, { deleteOnExit: false });
  } catch (error) {
    throw new Error(
      'the image of the domain controller was not built; DEBUG=testcontainers:build shows why',
      { cause: error },
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function byId(id: string) {
  const { container } = await getContainerRuntimeClient();
  return container.getById(id);
}

async function hasEnded(id: string): Promise<boolean> {
  const { container } = await getContainerRuntimeClient();
  return !(await container.inspect(container.getById(id))).State.Running;
}

/** Containers of processes that were killed. */
async function removeLeftOvers(): Promise<void> {
  const { container } = await getContainerRuntimeClient();
  const ours = await container.dockerode.listContainers({
    all: true,
    filters: { label: [ownerLabel] },
  });
  const leftOver = ours.filter(({ Labels }) => !isAlive(Number(Labels[ownerLabel])));
  await Promise.all(leftOver.map(({ Id }) => remove(Id)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function remove(id: string): Promise<void> {
  const { container } = await getContainerRuntimeClient();
  try {
    await container.getById(id).remove({ force: true, v: true });
  } catch (error) {
    // 404: gone already. 409: another process is removing it.
    const { statusCode } = error as { readonly statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
  }
}

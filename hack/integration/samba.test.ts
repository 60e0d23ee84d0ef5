/** The domain controller itself: new at every start, beside others, and in nobody's way. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DomainController, sambaAvailability, startSamba } from '../samba/index.ts';
import { isWaived } from '../samba/test-directory.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm365-samba-test-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function asAdmin<T>(dc: DomainController, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ url: dc.url, tlsOptions: { ca: await readFile(dc.caFile) } });
  try {
    await client.bind(dc.adminDN, dc.adminPassword);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

async function unitsBelowCustomers(dc: DomainController): Promise<readonly string[]> {
  const { searchEntries } = await asAdmin(dc, (client) =>
    client.search(dc.customersOU, { scope: 'one', attributes: ['ou'] }),
  );
  return searchEntries.map(({ dn }) => dn);
}

/** A process of its own that starts a controller and then dies without ending it. */
async function startAndDie(options: { readonly folder: string; readonly address: string }) {
  const module = new URL('../samba/index.ts', import.meta.url).href;
  const script = `
    const { startSamba } = await import(${JSON.stringify(module)});
    await startSamba(${JSON.stringify(options)});
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      resolve(signal);
    });
  });
}

describe.skipIf(isWaived)('the domain controller', () => {
  it('is a new, empty one at every start in the same folder', async () => {
    const options = { folder: join(folder, 'again'), address: '127.0.0.24' };
    const first = await startSamba(options);
    await asAdmin(first, (client) =>
      client.add(`OU=old,${first.customersOU}`, { objectClass: 'organizationalUnit' }),
    );
    expect(await unitsBelowCustomers(first)).toHaveLength(1);
    await first.stop();
    const second = await startSamba(options);
    expect(await unitsBelowCustomers(second)).toEqual([]);
    await second.stop();
  });

  it('stands beside others, and refuses an address that is in use', async () => {
    const addresses = ['127.0.0.24', '127.0.0.25'];
    const both = await Promise.all(addresses.map((address) => startSamba({ address })));
    for (const dc of both) expect(await unitsBelowCustomers(dc)).toEqual([]);
    // A container takes a port of its own each time: nothing can be in use.
    if ((await sambaAvailability()).how !== 'docker') {
      await expect(startSamba({ address: '127.0.0.25' })).rejects.toThrow(
        'something else listens on 127.0.0.25:636',
      );
    }
    await Promise.all(both.map((dc) => dc.stop()));
  });

  it('replaces the one that a killed run left behind', async () => {
    const options = { folder: join(folder, 'left'), address: '127.0.0.24' };
    expect(await startAndDie(options)).toBe('SIGKILL');
    const dc = await startSamba(options);
    expect(await unitsBelowCustomers(dc)).toEqual([]);
    await dc.stop();
  });
});

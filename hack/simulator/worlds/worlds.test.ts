import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPartnerCenter } from '../commerce/index.ts';
import { commerceOf } from '../commerce/state.ts';
import { createWorld } from '../create-world.ts';
import { directoryApi } from '../directory/index.ts';
import { findUser } from '../directory/records.ts';
import { type Simulator, startSimulator } from '../index.ts';
import { dumpWorld, FORMAT } from '../rooms.ts';
import { createDefaultPartner, DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import { Kit } from '../test-kit.ts';
import type { World } from '../world.ts';
import { generate } from './generate.ts';
import { readWorldFile } from './read-world-file.ts';
import { loadSavedWorld, savedWorld, saveWorldFile } from './saved-world.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, 'example.yaml'), 'utf8');
const CONTOSO = '5d6e7f80-1a2b-4c3d-8e4f-0123456789ab';
const PREMIUM = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';

const running: Simulator[] = [];
async function start(options: Parameters<typeof startSimulator>[0]): Promise<Simulator> {
  const simulator = await startSimulator({ frozen: true, ...options });
  running.push(simulator);
  return simulator;
}
afterAll(() => Promise.all(running.map((simulator) => simulator.stop())));

const textOf = (world: World) => [...savedWorld(world)].join('');

describe('a world file', () => {
  it('makes tenants, users and subscriptions with their dates', async () => {
    const { world } = await start({ world: { text: EXAMPLE, name: 'example.yaml' } });
    expect(new Date(world.clock.nowMs()).toISOString()).toBe('2026-12-28T09:00:00.000Z');
    const contoso = world.directories.get(CONTOSO)!;
    expect(contoso.domains.get('contoso.example')).toMatchObject({
      isVerified: true,
      isDefault: true,
    });
    expect(contoso.seatsInUse.get(PREMIUM)).toBe(3);
    const person = (name: string) =>
      findUser(contoso, `${name}@contoso.example`, contoso.log.last)?.value;
    expect(person('jonas')?.managerId).toBe(person('mia')?.id);
    expect(person('lena')?.properties['accountEnabled']).toBe(false);
    const subscriptions = [...commerceOf(world).subscriptions.values()];
    expect(
      subscriptions.map(({ quantity, termEndMs }) => [quantity, new Date(termEndMs).toISOString()]),
    ).toEqual([
      [6, '2027-01-02T00:00:00.000Z'],
      [2, '2027-01-24T00:00:00.000Z'],
    ]);
    const windows = subscriptions.map(({ refundBatches }) => refundBatches[0]?.allowedUntilMs ?? 0);
    expect(windows.map((ms) => ms > world.clock.nowMs())).toEqual([false, true]);
    expect(world.partners.has(DEFAULT_PARTNER.tenantId)).toBe(true);
  });

  it('may be JSON, and may bring its own partners', async () => {
    const file = {
      partners: [{ name: 'Adatum US', region: 'North America', country: 'US', currency: 'USD' }],
      tenants: [{ companyName: 'A', domainPrefix: 'a', country: 'US', partner: 'Adatum US' }],
    };
    const { world } = await start({
      world: { text: JSON.stringify(file, null, 2), name: 'a.json' },
    });
    expect([...world.partners.values()].map(({ name }) => name)).toEqual(['Adatum US']);
    expect(world.directories.size).toBe(2);
  });

  const tenant = `tenants:
  - companyName: Contoso
    domainPrefix: contoso
    domains: [contoso.example]
    subscriptions:
      - { offer: "CFQ7TTC0LCHC:0002", seats: 1 }
    users:
      - userPrincipalName: a@contoso.example
        displayName: A
        licenses: ["CFQ7TTC0LCHC:0002"]
`;
  const user = (more: string) => `${tenant}      - userPrincipalName: b@contoso.example
        displayName: B
        ${more}
`;

  it.each<[string, string, readonly string[]]>([
    ['broken YAML', 'tenants:\n  - {', ['w.yaml:2: ']],
    ['broken JSON', '{"tenants": [\n  {"companyName": }\n', ['w.yaml:']],
    [
      'an unknown member, with what is allowed',
      user('licence: none'),
      [
        'w.yaml:13: tenants[0].users[1].licence: not known here; allowed: userPrincipalName, displayName,',
      ],
    ],
    [
      'an unknown member of the file',
      'tenant: []\n',
      ['w.yaml:1: tenant: not known here; allowed: startAt, partners, tenants'],
    ],
    [
      'a wrong type',
      user('accountEnabled: maybe'),
      ['w.yaml:13: tenants[0].users[1].accountEnabled: ', 'boolean'],
    ],
    [
      'a value that is none of the allowed',
      user('userType: Robot'),
      ['w.yaml:13: ', '"Member"|"Guest"'],
    ],
    [
      'a missing member',
      `${tenant}      - displayName: B\n`,
      ['w.yaml:11: tenants[0].users[1].userPrincipalName: '],
    ],
    [
      'an unknown manager',
      user('manager: z@contoso.example'),
      ['w.yaml:13: tenants[0].users[1].manager: nobody above'],
    ],
    [
      'a licence without subscription',
      user('licenses: ["CFQ7TTC0LDPB:0001"]'),
      ['w.yaml:13: ', 'it has: CFQ7TTC0LCHC:0002'],
    ],
    [
      'more licences than seats',
      user('licenses: ["CFQ7TTC0LCHC:0002"]'),
      ['w.yaml:6: ', '1 seats, and 2 users with the licence'],
    ],
    [
      'a name twice',
      user('').replace('b@', 'a@'),
      ['w.yaml:11: ', '"a@contoso.example" stands above already'],
    ],
    [
      'another domain',
      user('').replace('b@contoso', 'b@fabrikam'),
      ['w.yaml:11: ', 'it has: contoso.onmicrosoft.com, contoso.example'],
    ],
    [
      'an unknown offer',
      tenant.replaceAll('LCHC:0002', 'NONE:0001'),
      ['w.yaml:6: ', 'not in the catalogue; there is: '],
    ],
    [
      'a term that is not sold',
      tenant.replace('seats: 1', 'seats: 1, term: P1M, billingCycle: annual'),
      ['w.yaml:6: ', 'not sold so; there is: P1M monthly'],
    ],
    [
      'an unknown partner',
      tenant.replace('    domains', '    partner: Nobody\n    domains'),
      ['w.yaml:4: tenants[0].partner: no such partner'],
    ],
  ])('with %s is refused with the line', (_, text, expected) => {
    const read = () => readWorldFile(text, 'w.yaml');
    for (const part of expected) expect(read).toThrow(part);
  });

  it('is as it should be without what is refused above', () => {
    expect(readWorldFile(user(''), 'w.yaml').tenants[0]?.users).toHaveLength(2);
  });
});

describe('a world by size', () => {
  const sized = (tenants: number, users: number): World => {
    const world = createWorld({ frozen: true, startAt: '2026-09-01T09:00:00Z' });
    createPartnerCenter(world, directoryApi);
    generate(world, createDefaultPartner(world).tenantId, { tenants, users });
    return world;
  };

  it('of 100 tenants with 100 users is there in two seconds, and renews all over the year', () => {
    const startedMs = performance.now();
    const world = sized(100, 100);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    const customers = [...world.directories.values()].slice(1);
    expect(customers).toHaveLength(100);
    expect(customers.every(({ seatsInUse }) => seatsInUse.get(PREMIUM) === 100)).toBe(true);
    const months = new Set(
      [...commerceOf(world).subscriptions.values()].map(({ termEndMs }) =>
        new Date(termEndMs).getUTCMonth(),
      ),
    );
    expect(months.size).toBe(12);
  });

  it('is the same for the same seed', () => {
    expect(textOf(sized(3, 5))).toBe(textOf(sized(3, 5)));
  });
});

describe('a saved world', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-world-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('goes on tomorrow from a file', async () => {
    const today = await start({ world: 'default', startAt: '2026-09-01T09:00:00Z' });
    today.faults.add({ kind: 'status', status: 503, path: 'nothing' });
    today.world.clock.advance(5 * 86_400_000);
    const file = join(folder, 'rehearsal');
    saveWorldFile(today.world, file);
    const tomorrow = await start({ world: { text: readFileSync(file, 'utf8'), name: file } });
    expect(dumpWorld(tomorrow.world)).toEqual(dumpWorld(today.world));
    expect(new Date(tomorrow.world.clock.nowMs()).toISOString()).toBe('2026-09-06T09:00:00.000Z');
  });

  it('goes out and in at the control port, under requests', async () => {
    const kit = await Kit.start({ frozen: true, startAt: '2026-09-01T09:00:00Z' });
    const url = `${kit.simulator.urls.control}/world`;
    const saved = await kit.send('GET', url);
    expect(saved).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    const text = saved.body as unknown as string;
    kit.simulator.world.directories.delete(DEFAULT_CUSTOMER.tenantId);
    const put = await kit.sendText('PUT', url, text);
    expect(put).toMatchObject({ status: 200, body: { tenants: 2 } });
    expect(kit.simulator.world.directories.has(DEFAULT_CUSTOMER.tenantId)).toBe(true);
    expect(await kit.sendText('PUT', url, EXAMPLE)).toMatchObject({ body: { tenants: 3 } });
    expect(kit.simulator.world.directories.has(CONTOSO)).toBe(true);
    const generated = await kit.send('POST', `${kit.simulator.urls.control}/generate`, {
      body: { tenants: 2, users: 3 },
    });
    expect(generated).toMatchObject({ status: 200, body: { tenants: 5 } });
    await kit.stop();
  });

  it.each<[string, (text: string) => string, string]>([
    [
      'cut off at a line',
      (text) => `${text.trimEnd().split('\n').slice(0, -3).join('\n')}\n`,
      'is cut off here',
    ],
    ['cut off in a line', (text) => text.slice(0, -30), 'line '],
    [
      'of another format',
      (text) => text.replace(`"format":${FORMAT}`, '"format":0'),
      'line 1: a saved world of format 0',
    ],
    [
      'without a room',
      (text) => text.replace('{"room":"commerce"', '{"room":"commercial"'),
      'has no room commerce',
    ],
  ])('%s is refused, and nothing is changed', async (_, damage, reason) => {
    const { world } = await start({ world: 'default' });
    const before = textOf(world);
    const damaged = damage(before.replaceAll('Northwind', 'Southwind'));
    expect(() => loadSavedWorld(world, damaged)).toThrow(reason);
    expect(textOf(world)).toBe(before);
  });

  it('is refused by its line at the control port', async () => {
    const kit = await Kit.start({ frozen: true });
    const { status, body } = await kit.sendText(
      'PUT',
      `${kit.simulator.urls.control}/world`,
      'tenant: []',
    );
    expect(status).toBe(400);
    expect(body.error).toContain('the world:1: tenant: not known here');
    expect(kit.simulator.world.directories.size).toBe(2);
    await kit.stop();
  });

  it('is written on stop, and read again, by the command', async () => {
    const file = join(folder, 'by-command');
    const main = join(import.meta.dirname, '..', 'main.ts');
    const run = (args: readonly string[]) =>
      new Promise<string>((resolve, reject) => {
        const child = execFile(process.execPath, [main, ...args], (error, stdout, stderr) =>
          error ? reject(new Error(stderr)) : resolve(stdout),
        );
        child.stdout?.once('data', () => child.kill('SIGTERM'));
      });
    const world = ['--world', join(import.meta.dirname, 'example.yaml')];
    expect(await run([...world, '--save', file])).toContain('kind: PartnerConnection');
    const saved = readFileSync(file, 'utf8');
    expect(saved).toContain(CONTOSO);
    await run(['--world', file, '--save', file]);
    expect(readFileSync(file, 'utf8').length).toBeGreaterThan(saved.length * 0.9);
    await expect(run(['--world', join(folder, 'missing')])).rejects.toThrow('missing');
  });
});

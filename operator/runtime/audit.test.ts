import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import { RecordedLog } from '../../hack/testing/engine.ts';
import type { AuditRecord } from '../core/ports.ts';
import { openAuditLog, verifyAuditLog } from './audit.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
  path = join(folder, 'audit.log');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function record(operation: string, after?: unknown): AuditRecord {
  const resource = { kind: 'Toy', namespace: 'n', name: 'a', uid: 'u', generation: 1 };
  const requestedBy = { managers: ['argocd'] };
  return { resource, requestedBy, system: 'World', operation, result: 'succeeded', after };
}

async function write(...records: readonly AuditRecord[]): Promise<void> {
  const log = await openAuditLog({ path, clock: new FakeClock(), log: new RecordedLog() });
  for (const one of records) log.write(one);
  await log.close();
}

async function lines(): Promise<string[]> {
  return (await readFile(path, 'utf8')).trimEnd().split('\n');
}

describe('the audit log', () => {
  it('keeps order, and is whole', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `Op${String(i)}`);
    await write(...names.map((name) => record(name)));
    const written = await lines();
    expect(written.map((l) => (JSON.parse(l) as { operation: string }).operation)).toEqual(names);
    expect(await verifyAuditLog(written)).toBe(undefined);
  });

  it('goes on with the chain of the file it finds', async () => {
    await write(record('A'));
    await write(record('B'), record('C'));
    expect(await verifyAuditLog(await lines())).toBe(undefined);
    expect(await lines()).toHaveLength(3);
  });

  it.each<[string, (all: string[]) => string[], number]>([
    ['a line taken out', (all) => all.toSpliced(1, 1), 2],
    ['the first line taken out', (all) => all.slice(1), 1],
    ['two lines swapped', ([a = '', b = '', ...rest]) => [b, a, ...rest], 1],
    ['an altered line', (all) => all.map((l) => l.replace('"B"', '"X"')), 2],
    ['a line put in', (all) => all.toSpliced(1, 0, '{"operation":"X"}'), 2],
    ['a line written twice', ([a = '', ...rest]) => [a, a, ...rest], 2],
  ])('shows %s', async (_, tamper, line) => {
    await write(record('A'), record('B'), record('C'));
    expect(await verifyAuditLog(tamper(await lines()))).toMatchObject({ line });
  });

  it('does not go on from a damaged end', async () => {
    await write(record('A'));
    await writeFile(path, `${(await readFile(path, 'utf8')).slice(0, -20)}\n`);
    await expect(write(record('B'))).rejects.toThrow('is damaged');
  });

  it('holds no secrets, whatever it is given', async () => {
    await write(
      record('A', { user: 'x', initialPassword: 'canary', deep: [{ refreshToken: 'canary' }] }),
    );
    expect(await readFile(path, 'utf8')).not.toContain('canary');
  });

  it('says at once that the file cannot be written', async () => {
    path = join(folder, 'missing', 'audit.log');
    await expect(write(record('A'))).rejects.toThrow('ENOENT');
  });
});

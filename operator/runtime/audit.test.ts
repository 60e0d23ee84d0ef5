import { statSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FakeClock } from '../../hack/testing/clock.ts';
import { RecordedLog } from '../../hack/testing/engine.ts';
import { metricValue, testMetrics } from '../../hack/testing/metrics.ts';
import type { AuditRecord } from '../core/ports.ts';
import { openAuditLog } from './audit.ts';
import { verifyAuditFiles, verifyAuditLog } from './audit-verify.ts';

let folder: string;
let path: string;
let clock: FakeClock;
let log: RecordedLog;
let metrics: ReturnType<typeof testMetrics>;

beforeEach(async () => {
  clock = new FakeClock();
  log = new RecordedLog();
  metrics = testMetrics();
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

function openLog(fileMaxBytes = 1_000_000, filesMax = 10) {
  return openAuditLog({ path, fileMaxBytes, filesMax, clock, log, metrics });
}

async function write(...records: readonly AuditRecord[]): Promise<void> {
  const audit = await openLog();
  for (const one of records) audit.write(one);
  await audit.close();
}

function messages(level: string): readonly string[] {
  return log.lines.filter((line) => line.level === level).map(({ message }) => message);
}

/** The rotated ones too. */
async function files(): Promise<string[]> {
  return (await readdir(folder)).map((name) => join(folder, name));
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

describe('rotation', () => {
  it('goes on with the chain across files, and loses no line', async () => {
    const audit = await openLog(5_000, 1_000);
    for (let i = 0; i < 500; i++) audit.write(record(`Op${String(i)}`));
    await audit.close();
    const written = await files();
    expect(written.length).toBeGreaterThan(20);
    const { summary } = (await verifyAuditFiles(written.toSorted())) as { summary: unknown };
    expect(summary).toMatchObject({ lines: 500, isContinued: false });
    expect(await verifyAuditFiles(written.toReversed())).toEqual({ summary });
  });

  it('keeps as many files as it is told to, and none is too large', async () => {
    const audit = await openLog(5_000, 3);
    for (let i = 0; i < 500; i++) audit.write(record(`Op${String(i)}`));
    await audit.close();
    const written = await files();
    expect(written.map((name) => name.slice(path.length)).toSorted()).toEqual([
      '',
      '.1',
      '.2',
      '.3',
    ]);
    const sizes = await Promise.all(written.map(async (name) => (await readFile(name)).length));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
    expect(await verifyAuditFiles(written)).toMatchObject({ summary: { isContinued: true } });
  });

  it('takes a line that is larger than a file', async () => {
    const audit = await openLog(1_000, 10);
    for (let i = 0; i < 3; i++) audit.write(record('A', 'x'.repeat(2_000)));
    await audit.close();
    expect(await verifyAuditFiles(await files())).toMatchObject({ summary: { lines: 3 } });
  });

  it('finds the end of the chain where the process died between two files', async () => {
    await write(record('A'), record('B'));
    await rename(path, `${path}.1`);
    await write(record('C'));
    expect(await verifyAuditFiles([path, `${path}.1`])).toMatchObject({ summary: { lines: 3 } });
  });

  it('goes on in the same file where it cannot be moved aside', async () => {
    const audit = await openLog(2_000, 1);
    await mkdir(`${path}.1`);
    for (let i = 0; i < 50; i++) audit.write(record(`Op${String(i)}`));
    await audit.close();
    expect(messages('error')[0]).toContain('cannot be moved aside');
    expect(await verifyAuditLog(await lines())).toBe(undefined);
    expect(await lines()).toHaveLength(50);
  });
});

describe('an end that is torn', () => {
  it('is moved aside, and the chain goes on behind the last whole line', async () => {
    await write(record('A'), record('B'));
    const [, second = ''] = await lines();
    const half = second.slice(0, 80);
    await appendFile(path, half);
    await write(record('C'));
    expect(await verifyAuditLog(await lines())).toBe(undefined);
    expect(await lines()).toHaveLength(3);
    expect(await readFile(`${path}.torn`, 'utf8')).toBe(`${half}\n`);
    expect(messages('warn')[0]).toContain('torn');
  });

  it('is kept where only the end of the line is missing', async () => {
    await write(record('A'), record('B'));
    await truncate(path, (await readFile(path)).length - 1);
    await write(record('C'));
    expect(await verifyAuditLog(await lines())).toBe(undefined);
    expect(await lines()).toHaveLength(3);
  });

  it('may be all there is, and longer than what is read at once', async () => {
    await writeFile(path, 'x'.repeat(200_000));
    await write(record('A'));
    expect(await verifyAuditLog(await lines())).toBe(undefined);
    expect((await readFile(`${path}.torn`)).length).toBe(200_001);
  });

  it('is looked for behind lines that are longer than what is read at once', async () => {
    await write(record('A', 'x'.repeat(200_000)));
    await write(record('B'));
    expect(await verifyAuditLog(await lines())).toBe(undefined);
  });
});

describe('many lines, and a disk that fails', () => {
  it('loses none of 10,000 lines in flight when it is closed', async () => {
    const audit = await openLog(200_000, 100);
    for (let i = 0; i < 10_000; i++) audit.write(record(`Op${String(i)}`));
    await audit.close();
    expect(await verifyAuditFiles(await files())).toMatchObject({ summary: { lines: 10_000 } });
    expect(await metricValue(metrics, 'm365_audit_lines_lost_total')).toBe(0);
    expect(log.lines.at(-1)?.fields['lastHash']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('writes what comes within a moment in one go', async () => {
    const audit = await openLog();
    audit.write(record('A'));
    await clock.advance(24);
    audit.write(record('B'));
    expect(statSync(path).size).toBe(0);
    await clock.advance(1);
    await eventually(() => statSync(path).size > 0);
    expect(await lines()).toHaveLength(2);
    await audit.close();
  });

  it('tells of a full disk, keeps the lines, and writes them when there is room', async () => {
    await symlink('/dev/full', path);
    const audit = await openLog();
    audit.write(record('A'));
    audit.write(record('B'));
    await clock.advance(25);
    await eventually(() => messages('error').length > 0);
    expect(await metricValue(metrics, 'm365_audit_write_errors_total')).toBeGreaterThan(0);
    await rm(path);
    await clock.advance(1_000);
    await audit.close();
    expect(await verifyAuditLog(await lines())).toBe(undefined);
    expect(await lines()).toHaveLength(2);
    expect(await metricValue(metrics, 'm365_audit_lines_lost_total')).toBe(0);
  });

  it('bounds what waits: counts what it loses, and says so in the log itself', async () => {
    await symlink('/dev/full', path);
    const audit = await openLog(100_000_000);
    for (let i = 0; i < 40; i++) audit.write(record('A', 'x'.repeat(1_000_000)));
    const lost = await metricValue(metrics, 'm365_audit_lines_lost_total');
    expect(lost).toBeGreaterThan(5);
    expect(messages('error').filter((text) => text.includes('being lost'))).toHaveLength(1);
    await rm(path);
    await clock.advance(25);
    await eventually(() => messages('error').length > 1);
    await clock.advance(1_000);
    await audit.close();
    const written = await lines();
    expect(await verifyAuditLog(written)).toBe(undefined);
    expect(JSON.parse(written.at(-1) ?? '')).toMatchObject({ linesLost: lost });
    expect(written).toHaveLength(40 - lost + 1);
  });

  it('ends although nothing can be written, and counts what is lost', async () => {
    await symlink('/dev/full', path);
    const audit = await openLog();
    audit.write(record('A'));
    await audit.close();
    expect(await metricValue(metrics, 'm365_audit_lines_lost_total')).toBe(1);
    expect(messages('error').at(-1)).toContain('lost');
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeClock } from '../hack/testing/clock.ts';
import { RecordedLog } from '../hack/testing/engine.ts';
import { testMetrics } from '../hack/testing/metrics.ts';
import { openAuditLog } from './runtime/audit.ts';

let folder: string;
let path: string;
let lastHash: unknown;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  path = join(folder, 'audit.log');
  const log = new RecordedLog();
  const clock = new FakeClock();
  const sizes = { fileMaxBytes: 1_000, filesMax: 10 };
  const audit = await openAuditLog({ path, ...sizes, clock, log, metrics: testMetrics() });
  const resource = { kind: 'Toy', namespace: 'n', name: 'a', uid: 'u', generation: 1 };
  const record = {
    resource,
    requestedBy: { managers: [] },
    system: 'World',
    result: 'succeeded',
  } as const;
  for (let i = 0; i < 5; i++) {
    audit.write({ ...record, operation: `Op${String(i)}` });
    await clock.advance(1_000);
  }
  await audit.close();
  lastHash = log.lines.at(-1)?.fields['lastHash'];
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function cli(...args: readonly string[]): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    const program = join(import.meta.dirname, 'cli.ts');
    execFile(process.execPath, [program, ...args], (error, out, err) => {
      resolve({ code: error?.code ?? 0, out, err });
    });
  });
}

it('tells that a log is whole, whatever the order of its files', async () => {
  const { code, out } = await cli('audit', 'verify', `${path}.1`, path, `${path}.2`);
  expect(out).toBe(
    `5 lines, from 2026-01-01T00:00:00.000Z to 2026-01-01T00:00:04.000Z, whole\nlast hash ${String(lastHash)}\n`,
  );
  expect(code).toBe(0);
});

it('tells of files that were rotated away', async () => {
  const { code, out } = await cli('audit', 'verify', path);
  expect(out).toContain('the log began before these files');
  expect(code).toBe(0);
});

it('tells the file and the line of the first fault', async () => {
  const altered = join(folder, 'altered');
  await writeFile(altered, (await readFile(`${path}.1`, 'utf8')).replace('"Op3"', '"Op9"'));
  const { code, out } = await cli('audit', 'verify', `${path}.2`, altered, path);
  expect(out).toBe(`${altered}:2: this line was altered\n`);
  expect(code).toBe(1);
});

it('tells that a file in the middle is missing', async () => {
  const { code, out } = await cli('audit', 'verify', path, `${path}.2`);
  expect(out).toBe(`${path}:1: a line before this one was removed, added or moved\n`);
  expect(code).toBe(1);
});

it('tells of an end that was cut, to whom knows the last hash', async () => {
  const whole = ['audit', 'verify', '--expect-last-hash', String(lastHash)];
  expect(await cli(...whole, path, `${path}.1`, `${path}.2`)).toMatchObject({ code: 0 });
  const { code, out } = await cli(...whole, `${path}.1`, `${path}.2`);
  expect(out).toContain('the end is missing');
  expect(code).toBe(1);
});

it.each([
  [[], 'there is no ""'],
  [['audit'], 'there is no "audit"'],
  [['audit', 'verify'], 'name at least one file'],
  [['audit', 'verify', '--what', 'x'], "Unknown option '--what'"],
])('shows how it is used: %j', async (args, problem) => {
  const { code, err } = await cli(...args);
  expect(err).toContain(problem);
  expect(err).toContain('usage: ');
  expect(code).toBe(2);
});

it('says that a file is not there', async () => {
  expect(await cli('audit', 'verify', join(folder, 'none'))).toMatchObject({
    code: 1,
    err: expect.stringContaining('ENOENT') as unknown,
  });
});

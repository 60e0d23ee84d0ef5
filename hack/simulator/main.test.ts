import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'm365-simulator-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function run(...args: readonly string[]) {
  const script = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
  }
  return { child, said };
}

/** A world that takes its time to save. */
async function fill(said: string, ca: string): Promise<void> {
  const [, control = ''] = /control +(https:\S+)/.exec(said) ?? [];
  const dispatcher = new Agent({ connect: { ca } });
  const body = JSON.stringify({ tenants: 100, users: 100 });
  const answer = await request(`${control}/generate`, { method: 'POST', body, dispatcher });
  expect(answer.statusCode).toBeLessThan(300);
  await dispatcher.close();
}

describe('npm run simulator', () => {
  it('saves the world whole when Ctrl-C reaches it twice', { timeout: 30_000 }, async () => {
    const file = join(folder, 'saved.world');
    const certificates = join(folder, 'certificates');
    const { child, said } = run('--save', file, '--certificates', certificates);
    await expect.poll(() => said.text, { timeout: 20_000 }).toContain('PartnerConnection');
    await fill(said.text, readFileSync(join(certificates, 'ca.crt'), 'utf8'));
    child.kill('SIGINT');
    await expect.poll(() => existsSync(`${file}.part`), { interval: 1 }).toBe(true);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(existsSync(file)).toBe(true);
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  it.each([
    ['a world that is not there', ['--world', join(folder, 'none')], 'no such file'],
    ['a folder to save in that is not there', ['--save', join(folder, 'no', 'x')], 'no such file'],
    ['an option that it has not', ['--wurld', 'x'], "Unknown option '--wurld'"],
  ])('refuses %s in one line', { timeout: 30_000 }, async (_, args, says) => {
    const { child, said } = run(...args);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(said.text).toContain(says);
    expect(said.text.trim().split('\n')).toHaveLength(1);
  });
});

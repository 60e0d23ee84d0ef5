/** Which helm is taken, where one is named. Building one is what the chart's tests begin with. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { helmBinary } from './index.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm365-helm-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A program that answers `helm version` with this. */
async function helmThatSays(version: string, name = `helm-${version}`): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\nprintf '%s' '${version}'\n`);
  await chmod(file, 0o755);
  return file;
}

describe('helm', () => {
  it.each(['v3.22.0', 'v4.0.1'])('is the one that HELM names, of version %s', async (version) => {
    const file = await helmThatSays(version);
    vi.stubEnv('HELM', file);
    expect(await helmBinary(() => undefined)).toBe(file);
  });

  it('of version 2, or that is not there, is refused by name', async () => {
    const file = await helmThatSays('v2.17.0');
    vi.stubEnv('HELM', file);
    await expect(helmBinary(() => undefined)).rejects.toThrow(`HELM names "${file}"`);
    vi.stubEnv('HELM', join(folder, 'nowhere'));
    await expect(helmBinary(() => undefined)).rejects.toThrow('version 3 or 4');
  });

  it('is the one on PATH where that is new enough', async () => {
    await helmThatSays('v3.1.0', 'helm');
    vi.stubEnv('HELM', '');
    vi.stubEnv('PATH', folder);
    expect(await helmBinary(() => undefined)).toBe('helm');
  });
});

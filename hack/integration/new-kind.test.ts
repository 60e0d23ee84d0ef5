/** README, "Add a kind": its five steps, followed on a copy of the sources, give a kind that does all that kinds do. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Resource } from '../../operator/core/resource.ts';
import { isReady } from '../demo/objects.ts';
import { type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { addNoteKind } from '../testing/new-kind.ts';

const run = promisify(execFile);
const within = { timeout: 30_000, interval: 100 };
let stage: Stage;
let folder: string;
let notes: string;
let operator: OperatorProcess | undefined;

beforeAll(async () => {
  stage = await startStage({ withoutDirectory: true });
  folder = await mkdtemp(join(tmpdir(), 'm365-new-kind-'));
  notes = join(folder, 'notes');
  await mkdir(notes);
});

afterAll(async () => {
  await operator?.stop();
  await stage?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function note(): Promise<Resource> {
  const shown = await stage.controlPlane.kubectl(['get', 'note', 'hello', '-o', 'json']);
  return JSON.parse(shown) as Resource;
}

/** Files and folders of the operator that are not as they stand in the repository. */
async function differences(): Promise<readonly string[]> {
  const root = join(import.meta.dirname, '..', '..');
  const args = ['-rq', '--exclude=*.test.ts', join(root, 'operator'), join(folder, 'operator')];
  // diff ends with 1 where there is a difference.
  const { stdout } = await run('diff', args).catch((error: { code: number; stdout: string }) => {
    if (error.code === 1) return error;
    throw error;
  });
  return stdout
    .trim()
    .split('\n')
    .map(
      (line) =>
        /^Only in (.*): (.*)$/.exec(line)?.slice(1).join('/') ?? line.split(' ').at(-2) ?? '',
    )
    .map((path) => path.replace(`${folder}/`, ''))
    .toSorted();
}

function apply(text: string): Promise<string> {
  const metadata = 'metadata: { name: hello, namespace: default }';
  const manifest = `apiVersion: m365-operator.io/v1alpha1\nkind: Note\n${metadata}\nspec: { text: ${text} }\n`;
  return stage.controlPlane.kubectl(['apply', '-f', '-'], manifest);
}

it('is made, changed, repaired and let go; nothing of the engine was touched for it', async () => {
  await addNoteKind(folder);
  await run(process.execPath, ['hack/generate/main.ts'], { cwd: folder });
  await run(join(folder, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder });
  expect(await differences()).toEqual([
    'operator/api/index.ts',
    'operator/api/note.ts',
    'operator/controllers.ts',
    'operator/kinds/note',
  ]);
  const kubectl = (...args: readonly string[]) => stage.controlPlane.kubectl(args);
  await kubectl('apply', '--server-side', '-f', join(folder, 'crds'));
  await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  operator = await stage.startOperator({
    program: join(folder, 'operator/main.ts'),
    env: { NOTES: notes, RESYNC_HOURS: '1' },
  });
  await operator.ready();
  await vi.waitFor(() => apply('one'), within);
  await vi.waitFor(async () => expect(isReady(await note())).toBe(true), within);
  expect(await readFile(join(notes, 'hello'), 'utf8')).toBe('one');
  await apply('two');
  await vi.waitFor(
    async () => expect(await readFile(join(notes, 'hello'), 'utf8')).toBe('two'),
    within,
  );
  await writeFile(join(notes, 'hello'), 'something else');
  const now = `m365-operator.io/reconcile-requested-at=${String(Date.now())}`;
  await kubectl('annotate', 'note', 'hello', now);
  await vi.waitFor(
    async () => expect(await readFile(join(notes, 'hello'), 'utf8')).toBe('two'),
    within,
  );
  await kubectl('delete', 'note', 'hello', '--timeout=30s');
  expect(await readdir(notes)).toEqual([]);
  expect(await readFile(operator.auditFile, 'utf8')).toContain('"operation":"RemoveNote"');
  await expect(note()).rejects.toThrow('not found');
}, 180_000);

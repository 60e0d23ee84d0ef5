/**
 * A newcomer's kind, made by README's five steps in a copy of the sources: `Note`, whose outside is a file in a folder.
 * What it may touch is what the steps name, and nothing else: `runtime/` is not among it.
 */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

const api = `
import { z } from 'zod';
import { managementPolicies, statusBase, suspend } from './common.ts';
import { defineApi, text } from './define.ts';

const NoteSpec = z.object({ text: text('What it says.', 100), suspend, managementPolicies }).describe('A note.');
const NoteStatus = z.object({ ...statusBase, path: text('Where it is.', 1000).optional() }).describe('What was found.');
export type NoteSpec = z.infer<typeof NoteSpec>;
export type NoteStatus = z.infer<typeof NoteStatus>;
export const noteApi = defineApi({
  kind: 'Note', plural: 'notes', shortNames: [], description: 'A note in a file.',
  spec: NoteSpec, status: NoteStatus, selectableFields: [],
  columns: [{ name: 'Path', jsonPath: '.status.path', description: 'Where it is.' }],
});
`;

const plan = `
/**
 * | found     | done       |
 * | --------- | ---------- |
 * | nothing   | WriteNote  |
 * | other     | WriteNote  |
 * | the same  | nothing    |
 * | deleted   | RemoveNote |
 */
import type { NoteSpec, NoteStatus } from '../../api/note.ts';
import { notReady, ready } from '../../core/conditions.ts';
import { type Action, onChange, type Plan } from '../../core/plan.ts';
import type { Resource } from '../../core/resource.ts';

export type Note = Resource<NoteSpec, NoteStatus>;

function action(verb: Action['verb'], name: string): Action {
  return { verb, name, system: 'Files', summary: name, recoverable: true };
}

export function planNote({ metadata, spec }: Note, found: string | undefined): Plan<Action, NoteStatus> {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const isSame = found === spec.text;
  const write = isDeleted || isSame ? [] : [action(found === undefined ? 'create' : 'update', 'WriteNote')];
  const remove = isDeleted && found !== undefined ? [action('delete', 'RemoveNote')] : [];
  return {
    actions: [...write, ...remove],
    conditions: [isSame ? ready('Written', 'the note is there') : notReady('Missing', 'the note is not there')],
    status: {},
    released: isDeleted && found === undefined,
    next: onChange,
  };
}
`;

const remote = `
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Action, Learned } from '../../core/plan.ts';
import type { NoteStatus } from '../../api/note.ts';
import type { Note } from './plan.ts';

function pathOf({ metadata }: Note): string {
  return join(process.env['NOTES'] ?? '/nowhere', metadata.name);
}

export async function observeNote(note: Note): Promise<string | undefined> {
  try {
    return await readFile(pathOf(note), 'utf8');
  } catch {
    return undefined;
  }
}

export async function applyNote(action: Action, note: Note): Promise<Learned<NoteStatus>> {
  if (action.name === 'RemoveNote') await rm(pathOf(note));
  else await writeFile(pathOf(note), note.spec.text);
  return { status: { path: pathOf(note) } };
}
`;

const index = `
import { noteApi, type NoteSpec, type NoteStatus } from '../../api/note.ts';
import type { Action, Kind } from '../../core/plan.ts';
import { planNote } from './plan.ts';
import { applyNote, observeNote } from './remote.ts';

export function noteKind(): Kind<NoteSpec, NoteStatus, string | undefined, Action> {
  return {
    kind: noteApi.kind,
    plural: noteApi.plural,
    references: () => [],
    observe: observeNote,
    plan: planNote,
    apply: applyNote,
  };
}
`;

async function edit(file: string, from: string, to: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  if (!before.includes(from))
    throw new Error(`${file} does not hold "${from}": README's steps are out of date`);
  await writeFile(file, before.replace(from, to));
}

/** Returns the paths that the steps touch, below \`folder\`, which then holds the sources with the new kind. */
export async function addNoteKind(folder: string): Promise<void> {
  for (const part of [
    'operator',
    'hack/generate',
    'package.json',
    'tsconfig.json',
    'charts',
    'crds',
  ])
    await cp(join(root, part), join(folder, part), {
      recursive: true,
      // Tests need more than the program does.
      filter: (path) => !path.endsWith('.test.ts'),
    });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const files = {
    'operator/api/note.ts': api,
    'operator/kinds/note/plan.ts': plan,
    'operator/kinds/note/remote.ts': remote,
    'operator/kinds/note/index.ts': index,
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content.trimStart());
  }
  const list = join(folder, 'operator/api/index.ts');
  await edit(
    list,
    'import { partnerConnectionApi }',
    "import { noteApi } from './note.ts';\nimport { partnerConnectionApi }",
  );
  await edit(list, 'm365UserApi] as const', 'm365UserApi, noteApi] as const');
  const controllers = join(folder, 'operator/controllers.ts');
  await edit(
    controllers,
    'import { partnerConnectionKind }',
    "import { noteKind } from './kinds/note/index.ts';\nimport { partnerConnectionKind }",
  );
  await edit(controllers, '    m365UserKind(deps),', '    m365UserKind(deps),\n    noteKind(),');
}

/**
 * Writes what follows from `operator/api`: CRDs (`crds/`, and the chart's copy) and their reference.
 * `--check` writes nothing and fails where a file is not what would be written.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { group, kinds } from '../../operator/api/index.ts';
import { customResourceDefinition } from './crd.ts';
import { referenceMarkdown } from './reference.ts';

const root = join(import.meta.dirname, '..', '..');
const notice = '# Written by `npm run generate` from operator/api; do not edit.\n';

function generated(): ReadonlyMap<string, string> {
  const files = new Map<string, string>([['crds/README.md', referenceMarkdown()]]);
  for (const api of kinds) {
    const name = `${group}_${api.plural}.yaml`;
    const yaml = `${notice}${stringify(customResourceDefinition(api), { lineWidth: 0, aliasDuplicateObjects: false })}`;
    files.set(`crds/${name}`, yaml);
    files.set(`charts/m365-operator/crds/${name}`, yaml);
  }
  return files;
}

async function isCurrent(path: string, content: string): Promise<boolean> {
  try {
    return (await readFile(join(root, path), 'utf8')) === content;
  } catch {
    return false;
  }
}

const isCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, content] of generated()) {
  if (await isCurrent(path, content)) continue;
  stale.push(path);
  if (isCheck) continue;
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}
if (stale.length > 0) console.log(`${isCheck ? 'stale' : 'written'}: ${stale.join(', ')}`);
if (isCheck && stale.length > 0) {
  console.error('run `npm run generate` and commit what it writes');
  process.exitCode = 1;
}

/** `npm run build`: operator/main.ts and all it needs, as dist/operator.mjs and what that imports later. */
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleOperator } from './bundle.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'dist');
// Files that are imported later are named by what is in them: those of the build before would stay.
await rm(folder, { recursive: true, force: true });
const { file, bytes } = await bundleOperator(folder);
console.log(`${relative(root, file)} (${(bytes / 1024 / 1024).toFixed(1)} MB)`);

/** `npm run build`: operator/main.ts and all it needs as one file, dist/operator.mjs. */
import { join, relative } from 'node:path';
import { bundleOperator } from './bundle.ts';

const root = join(import.meta.dirname, '..', '..');
const { file, bytes } = await bundleOperator(join(root, 'dist'));
console.log(`${relative(root, file)} (${(bytes / 1024 / 1024).toFixed(1)} MB)`);

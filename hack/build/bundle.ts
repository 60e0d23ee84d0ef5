/** The operator as one file: what the image holds, and what starts several times as fast as a folder of modules. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

/** Packages that are CommonJS call `require`, which an ES module does not have by itself. */
const banner =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

/** Writes `operator.mjs` and its source map into `folder`. */
export async function bundleOperator(folder: string): Promise<Bundle> {
  const file = join(folder, 'operator.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['operator/main.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // 20 MB become 6: @kubernetes/client-node brings every API of Kubernetes. Names of errors and functions are kept.
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    // Messages and stacks name our sources; the packages' own text in the map would triple its size.
    sourcesContent: false,
    legalComments: 'linked',
    banner: { js: banner },
    logLevel: 'warning',
  });
  return { file, bytes: (await stat(file)).size };
}

/**
 * The operator as a few files: what the image holds, and what starts several times as fast as a folder of modules. What is
 * imported dynamically is a file of its own, and costs nothing before.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

/** Packages that are CommonJS call `require`, which an ES module does not have by itself. */
const banner =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

const emptyMap = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString('base64');

/**
 * For whoever reads a stack trace with the map: that of all packages takes more memory than the operator. Each of their
 * files gets a map of one position (https://github.com/evanw/esbuild/issues/4130, read 2026-11-24).
 */
const mapOfOurSourcesOnly: Plugin = {
  name: 'map-of-our-sources-only',
  setup(bundling) {
    bundling.onLoad({ filter: /node_modules.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${inAscii(await readFile(path, 'utf8'))}\n//# sourceMappingURL=data:application/json;base64,${emptyMap}`,
      loader: 'default',
    }));
  },
};

/** One letter beyond makes V8 keep the whole file with two bytes a character; esbuild leaves those in regular expressions. */
function inAscii(source: string): string {
  return source.replaceAll(
    /[^\0-\x7F]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Of all of Kubernetes' API we use KubeConfig, and @kubernetes/client-node does not say that its other modules may be left
 * out: a third of the file, and its memory, are saved. Not where it is imported dynamically: esbuild keeps all of that.
 */
const onlyWhatIsUsed: Plugin = {
  name: 'only-what-is-used',
  setup(bundling) {
    bundling.onResolve({ filter: /^@kubernetes.client-node$/ }, async (asked) => {
      if (asked.pluginData === askedByUs) return undefined;
      const { path, ...where } = asked;
      const found = await bundling.resolve(path, { ...where, pluginData: askedByUs });
      const wanted = found.path.replace(/dist.index\.js$/, 'dist/config.js');
      return { ...found, path: wanted, sideEffects: false };
    });
    // Its many hundred modules name each other by file: asking esbuild for each took four fifths of a build.
    bundling.onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, resolveDir }) =>
      /client-node.dist/.test(resolveDir)
        ? { path: join(resolveDir, path), sideEffects: false }
        : undefined,
    );
  },
};
const askedByUs = Symbol('a plug-in that asks is asked again');

/**
 * An ES module that imports node:http reads each of its exports, WebSocket too, and behind that Node loads the undici that
 * it has built in: 12 MB and 50 ms of a start, for a class that nobody uses.
 */
const httpWithoutWebSocket: Plugin = {
  name: 'http-without-web-socket',
  setup(bundling) {
    bundling.onResolve({ filter: /^(node:)?http$/ }, () => ({
      path: 'http',
      namespace: 'builtin',
    }));
    bundling.onLoad({ filter: /.*/, namespace: 'builtin' }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http')",
    }));
  },
};

/**
 * undici loads all it has with its index, and Node's http2 behind it. These parts nobody else of undici loads (8.13.1), and
 * all our agents speak HTTP/1.1 only. What is global in their place (WebSocket, EventSource) is undefined.
 */
const undiciForHttp1: Plugin = {
  name: 'undici-for-http-1',
  setup(bundling) {
    const left =
      /undici.lib.(mock|cache|interceptor|web.(websocket|eventsource|cookies)|dispatcher.client-h2)\b.*\.js$/;
    const refusal =
      "module.exports = () => { throw new Error('this part of undici is not in the bundle'); }";
    bundling.onLoad({ filter: left }, () => ({ contents: refusal }));
  },
};

/** How the image runs Node; the one place where it is written is the Dockerfile. */
export interface NodeOfImage {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export async function nodeOfImage(): Promise<NodeOfImage> {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');
  const entry = /^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]';
  const [, ...flags] = JSON.parse(entry) as string[];
  const malloc = [...dockerfile.matchAll(/\b(MALLOC_\w+)=(\d+)/g)];
  return {
    flags: flags.slice(0, -1),
    env: Object.fromEntries(malloc.map(([, name = '', value = '']) => [name, value])),
  };
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

/** Writes `operator.mjs`, what it imports later, and their source maps into `folder`. */
export async function bundleOperator(folder: string): Promise<Bundle> {
  const file = join(folder, 'operator.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['operator/main.ts'],
    outdir: folder,
    entryNames: 'operator',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Names stay, of errors and functions: esbuild's `keepNames` would set them anew each time a function is made.
    minifyWhitespace: true,
    minifySyntax: true,
    // A stack trace names a place that a person can find: Node reads no source map in the image.
    lineLimit: 160,
    sourcemap: 'linked',
    plugins: [undiciForHttp1, httpWithoutWebSocket, onlyWhatIsUsed, mapOfOurSourcesOnly],
    sourcesContent: false,
    legalComments: 'linked',
    banner: { js: banner },
    logLevel: 'warning',
  });
  return { file, bytes: (await stat(file)).size };
}

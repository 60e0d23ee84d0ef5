/**
 * Who may import whom. A file is in the first room whose pattern fits; `type:` before a pattern lets types in only.
 *
 *   api ← core ← kinds ← controllers ← main;  clients and kube know api, core and http;  runtime knows core;  hack knows all.
 */
import { posix } from 'node:path';
import type { Import, Offence, Rule } from './source.ts';

interface Room {
  readonly name: string;
  readonly holds: RegExp;
  /** Own files aside. Patterns of paths from the root, packages and `node:` modules. */
  readonly allows: readonly (RegExp | { readonly types: RegExp })[];
}

const api = /^operator\/api\//;
const core = /^operator\/core\//;
const http = /^operator\/http\//;
const ports = { types: /^operator\/clients\/([^/]+\/)?([a-z-]+-)?port\.ts$/ };
const kubeOrRuntime = /^operator\/(kube|runtime)\//;
const node = /^node:/;
const sharedKindFiles = /^operator\/kinds\/[^/]+\.ts$/;
const sharedClientFiles = /^operator\/clients\/(http|retry|endpoints|port)\.ts$/;
const identity = /^operator\/clients\/identity\//;
const ownTools = { types: /^operator\/runtime\/(clock|log|metrics)\.ts$/ };

/** What of a kind is not pure: it wires, or calls outside. */
export const impureKindFile = /^operator\/kinds\/[^/]+\/(index|(remote|apply)(-[a-z-]+)?)\.ts$/;
const kindFile = /^operator\/kinds\/[^/]+\/[^/]+\.ts$/;

function client(folder: string, ...sdks: readonly RegExp[]): Room {
  const own = new RegExp(`^operator/clients/${folder}/`);
  const allows = [own, sharedClientFiles, identity, api, core, ownTools, /^zod$/, node, ...sdks];
  return { name: `clients/${folder}`, holds: own, allows };
}

const rooms: readonly Room[] = [
  { name: 'tests and hack', holds: /^hack\/|\.test\.ts$/, allows: [/./] },
  {
    name: 'main',
    holds: /^operator\/main\.ts$/,
    // Clients and kinds come with controllers.ts, which is loaded when the first lists are asked for (hack/adr/0018).
    allows: [/^operator\/(config|controllers)\.ts$/, kubeOrRuntime, api, core, /^undici$/, node],
  },
  {
    name: 'controllers and cli',
    holds: /^operator\/(controllers|cli)\.ts$/,
    allows: [/^(?!hack\/)/],
  },
  { name: 'config', holds: /^operator\/config\.ts$/, allows: [/^zod$/, node, core] },
  { name: 'api', holds: api, allows: [api, /^zod$/] },
  { name: 'core', holds: core, allows: [api, core] },
  { name: 'http', holds: http, allows: [/^undici$/, node] },
  {
    name: 'what calls outside for a kind',
    holds: impureKindFile,
    allows: [api, core, sharedKindFiles, ports],
  },
  { name: 'a pure file of a kind', holds: kindFile, allows: [api, core, sharedKindFiles, ports] },
  {
    name: 'what kinds share',
    holds: sharedKindFiles,
    allows: [api, core, sharedKindFiles, ports, /^croner$/],
  },
  client('graph', /^@microsoft\/microsoft-graph-(client|types)$/),
  client('partner-center'),
  client('active-directory', /^ldapts$/),
  client('identity', /^@azure\/identity$/, /^@azure\/core-[a-z-]+$/, /^jose$/),
  {
    name: 'what clients share',
    holds: sharedClientFiles,
    allows: [sharedClientFiles, ports, api, core, http, /^(zod|undici)$/, node],
  },
  {
    name: 'what wires the clients',
    holds: /^operator\/clients\/[^/]+\.ts$/,
    allows: [/^operator\/clients\//, api, core, node],
  },
  {
    name: 'kube',
    holds: /^operator\/kube\//,
    allows: [
      /^operator\/kube\//,
      api,
      core,
      http,
      /^(undici|js-yaml|zod|@kubernetes\/client-node)$/,
      node,
      ownTools,
    ],
  },
  {
    name: 'runtime',
    holds: /^operator\/runtime\//,
    allows: [/^operator\/runtime\//, core, /^(pino|prom-client)$/, node],
  },
];

export const importDirection: Rule = (source) => {
  const room = rooms.find(({ holds }) => holds.test(source.path));
  if (room === undefined) {
    return [offence(source.path, 1, 'is in no room: say in hack/house-rules/imports.ts who it is')];
  }
  return source.imports.flatMap((imported) => {
    const target = targetOf(source.path, imported.specifier);
    if (mayImport(room, source.path, { ...imported, specifier: target })) return [];
    const what = imported.isTypeOnly ? `types of ${target}` : target;
    return [offence(source.path, imported.line, `${room.name} must not import ${what}`)];
  });
};

function mayImport(room: Room, path: string, imported: Import): boolean {
  if (isOwnKind(path, imported.specifier)) return true;
  return room.allows.some((allowed) =>
    allowed instanceof RegExp
      ? allowed.test(imported.specifier)
      : imported.isTypeOnly && allowed.types.test(imported.specifier),
  );
}

/** A kind's folder is its own; its pure files know nothing of those that call outside. */
function isOwnKind(path: string, target: string): boolean {
  if (!kindFile.test(path) || posix.dirname(path) !== posix.dirname(target)) return false;
  return impureKindFile.test(path) || !impureKindFile.test(target);
}

function targetOf(path: string, specifier: string): string {
  return specifier.startsWith('.')
    ? posix.normalize(posix.join(posix.dirname(path), specifier))
    : specifier;
}

function offence(path: string, line: number, message: string): Offence {
  return { path, line, message };
}

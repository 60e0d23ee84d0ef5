/** Objects as they come over the wire, and the form in which they are kept. */
import type { Metadata, Resource } from '../core/resource.ts';
import { apiVersionOf, type KindInfo } from './paths.ts';

interface ManagedField {
  readonly manager?: string;
  readonly subresource?: string;
}

type RawMetadata = Partial<Metadata> & { readonly managedFields?: readonly ManagedField[] };

interface RawObject {
  readonly metadata?: RawMetadata;
  readonly spec?: unknown;
  readonly status?: unknown;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const ourManagers = /^m365-operator(?:-finalizer)?$/;

/**
 * Without what costs memory and nobody reads: field ownership shrinks to names, the last applied manifest goes.
 * Undefined: not an object of the API server.
 */
export function toResource(info: KindInfo, raw: unknown): Resource | undefined {
  const { metadata, spec, status } = (raw ?? {}) as RawObject;
  const kept = metadata === undefined ? undefined : toMetadata(metadata);
  if (kept === undefined) return undefined;
  const resource = { apiVersion: apiVersionOf(info), kind: info.kind, metadata: kept };
  return {
    ...resource,
    spec: spec ?? {},
    ...(status === undefined ? {} : { status: slim(status) }),
  };
}

/** Thousands of objects show the same conditions: one string for each text, not one for each object. */
function slim(status: unknown): unknown {
  const { conditions } = status as { readonly conditions?: readonly object[] };
  if (!Array.isArray(conditions)) return status;
  return { ...(status as object), conditions: conditions.map((one: object) => withShared(one)) };
}

const shared = new Map<string, string>();
const sharedMax = 10_000;

function withShared(condition: object): object {
  return Object.fromEntries(
    Object.entries(condition).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' ? sharedText(value) : value,
    ]),
  );
}

function sharedText(text: string): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  if (shared.size >= sharedMax) shared.clear();
  shared.set(text, text);
  return text;
}

/** What kinds without them (namespaces) lack. */
const absent = { namespace: '', generation: 0, uid: '', creationTimestamp: '' };

function toMetadata({ managedFields, ...metadata }: RawMetadata): Metadata | undefined {
  const { name, resourceVersion, annotations } = metadata;
  if (name === undefined || resourceVersion === undefined) return undefined;
  return {
    ...absent,
    ...metadata,
    name,
    resourceVersion,
    ...(annotations === undefined ? {} : { annotations: withoutLastApplied(annotations) }),
    managers: managersOf(managedFields ?? []),
  };
}

function withoutLastApplied(
  annotations: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { [lastApplied]: dropped, ...others } = annotations;
  return dropped === undefined ? annotations : others;
}

/** Who wrote spec or metadata, ourselves left out. */
function managersOf(fields: readonly ManagedField[]): readonly string[] {
  const names = fields
    .filter(({ subresource }) => subresource === undefined)
    .map(({ manager }) => manager ?? '')
    .filter((name) => name !== '' && !ourManagers.test(name));
  return [...new Set(names)];
}

/**
 * Resource versions are comparable as integers of any length (guaranteed since Kubernetes 1.35, KEP-5504, and so in
 * every version before it).
 */
export function isOlder(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}

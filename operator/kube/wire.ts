/** Objects as they come over the wire, and the form in which they are kept. */
import type { Metadata, Resource } from '../core/resource.ts';
import { shared, shareParts } from '../core/shared.ts';
import { apiVersionOf, type KindInfo } from './paths.ts';

interface ManagedField {
  readonly manager?: string;
  readonly subresource?: string;
}

type RawMetadata = Partial<Metadata> & { readonly managedFields?: readonly ManagedField[] };

interface RawObject {
  readonly metadata?: RawMetadata;
  readonly spec?: object | null;
  readonly status?: object | null;
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
  const resource = {
    apiVersion: shared(apiVersionOf(info)),
    kind: info.kind,
    metadata: kept,
    spec: shareParts(spec ?? {}),
  };
  return status === undefined || status === null
    ? resource
    : { ...resource, status: shareParts(status) };
}

/** Field by field: an object that is written out takes half the memory of one that was spread together. */
function toMetadata(raw: RawMetadata): Metadata | undefined {
  const { name, resourceVersion } = raw;
  if (name === undefined || resourceVersion === undefined) return undefined;
  const kept: Metadata = {
    name,
    // What kinds without them (namespaces) lack.
    namespace: shared(raw.namespace ?? ''),
    uid: raw.uid ?? '',
    resourceVersion,
    generation: raw.generation ?? 0,
    creationTimestamp: shared(raw.creationTimestamp ?? ''),
    managers: managersOf(raw.managedFields ?? []),
  };
  const { labels, deletionTimestamp } = raw;
  const finalizers = shared(raw.finalizers);
  const annotations = raw.annotations && withoutLastApplied(raw.annotations);
  const optional = Object.entries({ finalizers, labels, annotations, deletionTimestamp });
  return Object.assign(
    kept,
    Object.fromEntries(optional.filter(([, value]) => value !== undefined)),
  );
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
  return shared([...new Set(names)]);
}

/**
 * Resource versions are comparable as integers of any length (guaranteed since Kubernetes 1.35, KEP-5504, and so in
 * every version before it).
 */
export function isOlder(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}

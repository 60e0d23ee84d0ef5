/** What kinds may ask of Kubernetes: reads from caches, Secrets read when used, and the one kind of write they need. */
import type { ObjectKey, Resource } from './resource.ts';

/** Data of a Secret, decoded. */
export type SecretData = Readonly<Record<string, Uint8Array>>;

export interface OwnedSecret {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
  /** The Secret is garbage-collected with this object. Undefined: it outlives it (a credential that exists once). */
  readonly owner: Resource | undefined;
  /** Value of the label `m365-operator.io/tenant`. */
  readonly tenant: string;
}

/** A DNSEndpoint of external-dns (externaldns.k8s.io/v1alpha1), beside the object that it belongs to. */
export interface DnsEndpoint {
  /** In its namespace, and garbage-collected with it. */
  readonly owner: Resource;
  readonly name: string;
  readonly endpoints: readonly {
    readonly dnsName: string;
    readonly recordType: string;
    /** Seconds. */
    readonly recordTTL: number;
    readonly targets: readonly string[];
  }[];
}

export interface Cluster {
  /** From the cache; undefined where there is none (or it is gone). */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the kind's name and its type go together at the call
  get<R extends Resource>(kind: string, namespace: string, name: string): R | undefined;
  /** From the cache, every object of a kind, in no order. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as for get
  list<R extends Resource>(kind: string): readonly R[];
  /** Objects whose `references()` hold this key. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as for get
  referencing<R extends Resource>(key: ObjectKey, kind: string): readonly R[];
  /** As `referencing`, and of every shard: read from the API server now where this process does not see them all. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as for get
  referencingInAllShards<R extends Resource>(
    key: ObjectKey,
    kind: string,
    signal: AbortSignal,
  ): Promise<readonly R[]>;
  /** Labels of a namespace, from the cache; undefined where it does not exist. */
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined;
  /** As it is now. Only Secrets that an object refers to (`Kind.references`) are kept in memory, while they are watched. */
  readSecret(namespace: string, name: string, signal: AbortSignal): Promise<SecretData | undefined>;
  /**
   * Creates the Secret; where one of this name is there already it is left as it is and its data are returned, so
   * that a password made before a crash is the one that is used. Refuses (Terminal, `SecretNotOwned`) a Secret that
   * does not carry our label.
   */
  ensureSecret(secret: OwnedSecret, signal: AbortSignal): Promise<SecretData>;
  /** Replaces some data of a Secret that exists (a rotated refresh token), leaving other keys alone; null takes a key out. */
  patchSecret(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string | null>>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Server-side apply. Wait `DnsEndpointUnknown` where the cluster does not have the kind. */
  applyDnsEndpoint(endpoint: DnsEndpoint, signal: AbortSignal): Promise<void>;
}

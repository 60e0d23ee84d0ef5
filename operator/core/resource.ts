/** The parts of a Kubernetes object that the operator reads, as they stand on the wire. */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Not on the wire: names out of `managedFields`, kept by the cache when it drops those. For the audit log. */
  readonly managers?: readonly string[];
}

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** metav1.Condition. `lastTransitionTime` is stamped by the status writer and moves only when `status` does. */
export interface Condition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number | undefined;
  readonly lastTransitionTime?: string | undefined;
}

/** What every kind's status has; a kind adds its own fields. */
export interface CommonStatus {
  readonly observedGeneration?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  /** Echo of the `reconcile-requested-at` annotation that was last acted on. */
  readonly lastHandledReconcileAt?: string | undefined;
}

export type ManagementPolicy = 'Observe' | 'Create' | 'Update' | 'Delete';

/** What every kind's spec has. Absent means the default, which allows all. */
export interface CommonSpec {
  readonly suspend?: boolean | undefined;
  readonly managementPolicies?: readonly ManagementPolicy[] | undefined;
}

export interface Resource<Spec = unknown, Status = unknown> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec: Spec;
  /** Absent until the first write; the CRD defaults it to `{observedGeneration: -1}`. */
  readonly status?: Status;
}

/** `Kind/namespace/name`: the one spelling of an object's key. */
export type ObjectKey = `${string}/${string}/${string}`;

export function objectKey(kind: string, namespace: string, name: string): ObjectKey {
  return `${kind}/${namespace}/${name}`;
}

export function keyOf(resource: Resource): ObjectKey {
  return objectKey(resource.kind, resource.metadata.namespace, resource.metadata.name);
}

export function parseKey(key: ObjectKey): { kind: string; namespace: string; name: string } {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  return { kind, namespace, name };
}

export function kindOf(key: ObjectKey): string {
  return key.slice(0, key.indexOf('/'));
}

const claimKind = 'Claim';

/**
 * The key of something outside that one object of a kind may manage. Put among an object's references it makes those who
 * claim the same found without a search, and woken when one of them lets go.
 */
export function claimKey(kind: string, what: string): ObjectKey {
  return objectKey(claimKind, kind, encodeURIComponent(what));
}

export function isClaim(key: ObjectKey): boolean {
  return key.startsWith(`${claimKind}/`);
}

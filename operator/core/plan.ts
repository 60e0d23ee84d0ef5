/**
 * What a kind says about itself, and what a plan is. The engine (`runtime/reconcile.ts`) is the same for all kinds:
 *
 *   gate → observe (reads) → plan (pure) → permit (policy) → apply (one action, one outside change) → save
 */
import type {
  CommonSpec,
  CommonStatus,
  Condition,
  ManagementPolicy,
  ObjectKey,
  Resource,
} from './resource.ts';

export const group = 'm365-operator.io';
export const finalizer = `${group}/finalizer`;

export const annotations = {
  reconcileRequestedAt: `${group}/reconcile-requested-at`,
  approve: `${group}/approve`,
  confirm: `${group}/confirm`,
  changeRef: `${group}/change-ref`,
  rotatePasswordAt: `${group}/rotate-password-at`,
} as const;

/**
 * `intent` writes nothing outside: its `learned` is stored before the next action, so that a crash in the middle of
 * a purchase or a create is noticed and looked up, never repeated blindly.
 * `report` writes nothing outside either, and is always allowed: what was found stands in status before it is repaired.
 */
export type Verb = 'report' | 'intent' | 'create' | 'update' | 'delete';

export interface Action {
  readonly verb: Verb;
  /** CamelCase, e.g. `CreateCustomer`: the event's reason, the audit record's operation, the metric's label. */
  readonly name: string;
  /** The event's reason, where people know it by another name. */
  readonly event?: string;
  /** The outside system that changes: `PartnerCenter`, `Graph`, `ActiveDirectory`, `Kubernetes`. */
  readonly system: string;
  /** One constant sentence for people, no secrets: the event's note. */
  readonly summary: string;
  /** True: done also where an urgent one before it failed, as two doors are closed though one of them jams. */
  readonly isUrgent?: boolean;
  /** True where what the action learns can be found again by a natural key (UPN, anchor): no write of its own. */
  readonly recoverable?: boolean;
}

/** When to look again. `onChange`: an edit, a reference or a resync wakes it. */
export type Next =
  | { readonly look: 'onChange' }
  | { readonly look: 'after'; readonly delayMs: number; readonly reason: string };

export const onChange: Next = { look: 'onChange' };

export interface Plan<A extends Action, Status extends CommonStatus> {
  /** In order. The engine stops at the first that fails (save for urgent ones) and looks again after the last. */
  readonly actions: readonly A[];
  /**
   * Conditions of the world as observed, before the actions. `Ready` is always among them; abnormal ones only while
   * true. The engine adds `Synced`, `Reconciling`, `Stalled`, `Paused`, `Deleting` itself.
   */
  readonly conditions: readonly Condition[];
  /** Fields of status as observed; undefined removes a field. Merged over what is there. */
  readonly status: Partial<Status>;
  /** Deletion only: nothing of ours is left outside (or policy keeps it), the finalizer may go. */
  readonly released: boolean;
  readonly next: Next;
}

/** What an action learned. Merged into status; `summary` replaces the action's own where more is known afterwards. */
export interface Learned<Status> {
  readonly status?: Partial<Status>;
  readonly summary?: string;
  /** Outside said no to this one for good, in a word (as an OperatorError's reason): the next go on. */
  readonly refusal?: string;
  /** For the audit record: the outside system's id of the request, and what changed, redacted. */
  readonly audit?: {
    readonly requestId?: string | undefined;
    readonly target?: string | undefined;
    readonly before?: unknown;
    readonly after?: unknown;
    /** Integer minor units per month, with currency: only where the change costs or saves money. */
    readonly money?: { readonly amount: number; readonly currency: string } | undefined;
  };
  /** For the counters of the kind's `figures`. */
  readonly counts?: readonly Figure[];
}

/** A figure of an object for the metrics; `namespace`, `name` and the labels of `identity` are added. No label holds a person's name. */
export interface Figure {
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a gauge: what it is. Of a counter: by how much it grows. */
  readonly value: number;
}

interface Metric {
  /** `m365_pool_seats` */
  readonly name: string;
  readonly help: string;
  /** Beside those that are added. */
  readonly labels?: readonly string[];
}

export interface Figures<R> {
  /** Labels that each figure of an object has. They say nothing before the object was looked at. */
  readonly identity: {
    readonly labels: readonly string[];
    of(resource: R): Readonly<Record<string, string>>;
  };
  readonly gauges: readonly Metric[];
  readonly counters: readonly Metric[];
  /** A gauge: when the object was last looked at to the end, in Unix seconds; since we lead at the earliest. */
  readonly lastLook: Metric;
  of(resource: R): readonly Figure[];
  /** Series of the counters, there from the first look on: who sees one appear at 1 has seen no increase. */
  counted(resource: R): readonly Figure[];
}

/**
 * Everything one kind is. `plan` alone decides and is pure. `observe` changes nothing outside and returns "absent" as
 * a value. `apply` does one action, is safe to repeat, and throws OperatorError only.
 */
export interface Kind<S extends CommonSpec, T extends CommonStatus, Observed, A extends Action> {
  readonly kind: string;
  readonly plural: string;
  /**
   * Objects whose changes (spec or meaning of status) wake this one: `Kind/namespace/name`. Secrets included, which are
   * watched for it; and claims (`claimKey`), of which an object is woken when another lets go of it.
   */
  references(resource: Resource<S, T>): readonly ObjectKey[];
  /**
   * Whose turn it takes in the queue (in Kubernetes' priority and fairness: its flow): the customer. Objects of one
   * flow share its turns, and wait together where the outside throttles it. Default: the namespace.
   */
  flow?(resource: Resource<S, T>): string;
  /** Fields of status, beside the conditions, whose changes wake those who refer to the object. Default: all. */
  readonly statusForDependants?: readonly (keyof T & string)[];
  /** Kinds whose objects it counts, of those that refer to it: it is looked at when one comes or goes. */
  readonly counts?: readonly string[];
  /** Types of abnormal conditions that people are told of by an event, when they come and when their reason changes. */
  readonly findings?: readonly string[];
  readonly figures?: Figures<Resource<S, T>>;
  observe(resource: Resource<S, T>, signal: AbortSignal): Promise<Observed>;
  plan(resource: Resource<S, T>, observed: Observed, nowMs: number): Plan<A, T>;
  apply(action: A, resource: Resource<S, T>, signal: AbortSignal): Promise<Learned<T>>;
}

/** A kind with its types forgotten, as the engine and the controllers hold it. */
// biome-ignore lint: the engine is generic over kinds, which differ in all four types
// oxlint-disable-next-line typescript/no-explicit-any -- the engine is generic over kinds, which differ in all four types
export type AnyKind = Kind<any, any, any, any>;

/** What the Kubernetes side alone settles, before any outside call. */
export type Gate = 'nothing' | 'claim' | 'paused' | 'proceed';

export function gate(resource: Resource<CommonSpec> | undefined): Gate {
  if (resource === undefined) return 'nothing';
  const claimed = resource.metadata.finalizers?.includes(finalizer) === true;
  if (resource.metadata.deletionTimestamp !== undefined) return claimed ? 'proceed' : 'nothing';
  if (resource.spec.suspend === true) return 'paused';
  return claimed ? 'proceed' : 'claim';
}

const verbPolicy: Readonly<Record<Verb, ManagementPolicy | undefined>> = {
  report: undefined,
  intent: 'Create',
  create: 'Create',
  update: 'Update',
  delete: 'Delete',
};

/** Which of the planned actions the object's `managementPolicies` allow, and which they forbid. Pure. */
export function permit<A extends Action>(
  actions: readonly A[],
  policies: readonly ManagementPolicy[] | undefined,
): { readonly allowed: readonly A[]; readonly forbidden: readonly A[] } {
  if (policies === undefined) return { allowed: actions, forbidden: [] };
  const isAllowed = (action: A): boolean => {
    const needed = verbPolicy[action.verb];
    return needed === undefined || policies.includes(needed);
  };
  return { allowed: actions.filter(isAllowed), forbidden: actions.filter((a) => !isAllowed(a)) };
}

/** Narrows an action to those of these names. */
export function isNamed<A extends Action, Name extends A['name']>(
  action: A,
  names: readonly Name[],
): action is Extract<A, { readonly name: Name }> {
  return names.some((name) => name === action.name);
}

/** Whether it changes anything outside; what does not is neither audited nor told, and always stored at once. */
export function changesOutside({ verb }: Action): boolean {
  return verb !== 'intent' && verb !== 'report';
}

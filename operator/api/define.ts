/** How a kind of the API is declared. CRDs, chart, reference and types all come from these declarations. */
import * as z from 'zod';

export interface Column {
  readonly name: string;
  readonly jsonPath: string;
  readonly type?: 'string' | 'integer' | 'date' | 'boolean';
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
  readonly description: string;
}

export interface ApiDefinition<
  Spec extends z.ZodType = z.ZodType,
  Status extends z.ZodType = z.ZodType,
> {
  readonly kind: string;
  readonly plural: string;
  /** The first is the one to use. */
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: Spec;
  readonly status: Status;
  readonly columns: readonly Column[];
  /** At most eight, none under metadata (Kubernetes' limits). */
  readonly selectableFields: readonly string[];
}

export function defineApi<Spec extends z.ZodType, Status extends z.ZodType>(
  definition: ApiDefinition<Spec, Status>,
): ApiDefinition<Spec, Status> {
  return definition;
}

/** A CEL rule for admission: zod's own refinements would silently be lost in the CRD. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

export function rules(...list: readonly Rule[]): Record<string, unknown> {
  return { 'x-kubernetes-validations': list };
}

export function immutable(what: string): Record<string, unknown> {
  return rules({ rule: 'self == oldSelf', message: `${what} cannot be changed` });
}

/** A list of objects that is keyed by these members, so that several writers can each own some of its items. */
export function keyedBy(...keys: readonly string[]): Record<string, unknown> {
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

export const asSet: Record<string, unknown> = { 'x-kubernetes-list-type': 'set' };
export const atomic: Record<string, unknown> = { 'x-kubernetes-list-type': 'atomic' };

export function text(description: string, max: number, min = 1): z.ZodString {
  return z.string().min(min).max(max).describe(description);
}

export function count(description: string, min = 0, max = 1_000_000): z.ZodInt {
  return z.int().min(min).max(max).describe(description);
}

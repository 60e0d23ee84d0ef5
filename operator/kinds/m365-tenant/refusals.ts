/**
 * Tenants that were set up and refuse the operator now: consent withdrawn, application disabled, tenant deleted. Such a one
 * is one red row, and costs one request a poll: whether it still does. What a customer has taken away is not taken back
 * by itself; a person who asks for a look (`reconcile-requested-at`) or edits the tenant starts the way in again.
 */
import { type OperatorError, toOperatorError } from '../../core/errors.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { Refusal } from './observed.ts';

const refusing: ReadonlySet<string> = new Set([
  'ConsentMissing',
  'ConsentPending',
  'ConsentWithdrawn',
  'ApplicationDisabled',
  'ApplicationNotFound',
  'BlockedByConditionalAccess',
  'LoginRefused',
  'TenantGone',
  'TenantInvalid',
  'TenantNotReady',
]);

/** Undefined: the failure is of another kind, and stands for itself. */
export function refusalIn(thrown: unknown): Refusal | undefined {
  const error: OperatorError = toOperatorError(thrown);
  if (!refusing.has(error.reason)) return undefined;
  return { reason: error.reason, message: error.message };
}

interface Remembered<Facts> {
  readonly facts: Facts;
  readonly generation: number;
}

/** What was known of each when it last let us in. */
export class Refusals<Facts> {
  readonly #remembered = new Map<string, Remembered<Facts>>();

  note({ metadata }: M365Tenant, facts: Facts): void {
    this.#remembered.set(metadata.uid, { facts, generation: metadata.generation });
  }

  /** Undefined: it did not refuse, or was edited since. */
  recall({ metadata }: M365Tenant): Facts | undefined {
    const known = this.#remembered.get(metadata.uid);
    return known?.generation === metadata.generation ? known.facts : undefined;
  }

  forget({ metadata }: M365Tenant): void {
    this.#remembered.delete(metadata.uid);
  }
}

/**
 * Tenants that were set up and refuse the operator now: consent withdrawn, application disabled, tenant deleted. Such a one
 * is one red row, and costs one request a poll: whether it still does. What a customer has taken away is not taken back
 * by itself, nor after a restart; a person who asks for a look (`reconcile-requested-at`) or edits the tenant starts the way in again.
 */
import { type OperatorError, toOperatorError } from '../../core/errors.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { Access, Refusal } from './observed.ts';
import { settledCommerce } from './settled.ts';

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

/** Of a tenant whose status says so from before a restart: consent that was withdrawn is not taken back by a new process. */
export function withdrawnBefore(
  tenant: M365Tenant,
): (ReturnType<typeof settledCommerce> & { readonly access: Access }) | undefined {
  const { status, metadata } = tenant;
  const isWithdrawn = status?.conditions?.some(
    ({ type, reason, observedGeneration }) =>
      type === 'AccessReady' &&
      reason === 'ConsentWithdrawn' &&
      observedGeneration === metadata.generation,
  );
  const commerce = settledCommerce(tenant);
  if (isWithdrawn !== true || commerce === undefined) return undefined;
  return { ...commerce, access: granted };
}

/** As it was when the tenant was set up. */
const granted: Access = {
  isTenantKnown: true,
  hasServicePrincipal: true,
  missing: [],
  missingOptional: [],
  relationship: undefined,
  assignment: undefined,
  securityGroupId: undefined,
};

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

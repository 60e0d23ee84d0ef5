/** An upgrade of a subscription, or the conversion of a trial, as it runs (partner-center.md 6.5). */
import { attributes, present } from '../resources.ts';
import { type BillingCycle, iso, type Term } from '../terms.ts';

export type TransitionType = 'transition_only' | 'transition_with_license_transfer';

interface TransitionEvent {
  readonly name: 'Conversion' | 'LicenseReassignment';
  readonly status: 'Started' | 'Completed' | 'Failed';
  readonly atMs: number;
}

export interface Transition {
  readonly operationId: string;
  readonly fromSubscriptionId: string;
  /** `pid:sid:aid` */
  readonly fromCatalogItemId: string;
  readonly toCatalogItemId: string;
  /** Set from the start where seats go to a subscription that exists; else when it is done. */
  toSubscriptionId: string | undefined;
  readonly quantity: number;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
  readonly transitionType: TransitionType;
  readonly events: TransitionEvent[];
}

export function transitionToWire(transition: Transition): Record<string, unknown> {
  const { fromSubscriptionId, toSubscriptionId, fromCatalogItemId, toCatalogItemId } = transition;
  const { operationId, quantity, termDuration, billingCycle, transitionType, events } = transition;
  return present({
    operationId,
    fromCatalogItemId,
    fromSubscriptionId,
    toCatalogItemId,
    toSubscriptionId,
    quantity,
    termDuration,
    billingCycle,
    transitionType,
    events: events.map(({ name, status, atMs }) => ({
      name,
      status,
      timestamp: iso(atMs),
      attributes: attributes('TransitionEvent'),
    })),
    attributes: attributes('Transition'),
  });
}

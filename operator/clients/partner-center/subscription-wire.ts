/** A subscription as Partner Center writes it (partner-center.md 6.2, 6.3). */
import * as z from 'zod';
import type { NextTerm, Subscription, SubscriptionChange } from './port.ts';
import { flagOrFalse, numeric, optionalText, textOrEmpty, utc } from './wire.ts';

const RefundableBatch = z
  .object({ quantity: numeric, allowedUntilDateTime: z.string() })
  .transform((batch) => ({
    quantity: batch.quantity,
    until: utc(batch.allowedUntilDateTime) ?? '',
  }));

const NextTerm = z
  .object({
    quantity: numeric,
    product: z.object({
      productId: textOrEmpty,
      skuId: textOrEmpty,
      termDuration: textOrEmpty,
      billingCycle: textOrEmpty,
    }),
  })
  .transform(
    ({ quantity, product }): NextTerm => ({
      productId: product.productId,
      skuId: product.skuId,
      quantity,
      term: product.termDuration,
      billingCycle: product.billingCycle.toLowerCase(),
    }),
  );

const ScheduledAction = z
  .object({ scheduleType: z.string(), actionType: z.string() })
  .transform((action) => `${action.scheduleType}/${action.actionType}`);

export const WireSubscription = z
  .object({
    id: z.string(),
    offerId: z.string(),
    friendlyName: textOrEmpty,
    quantity: numeric,
    status: z.string(),
    termDuration: textOrEmpty,
    billingCycle: textOrEmpty,
    isTrial: flagOrFalse,
    autoRenewEnabled: flagOrFalse,
    orderId: optionalText,
    effectiveStartDate: optionalText,
    commitmentEndDate: optionalText,
    commitmentEndDateTime: optionalText,
    cancellationAllowedUntilDate: optionalText,
    productType: z.object({ id: textOrEmpty }).nullish(),
    scheduledNextTermInstructions: NextTerm.nullish(),
    scheduledActions: z.array(ScheduledAction).nullish(),
    refundableQuantity: z.object({ details: z.array(RefundableBatch).nullish() }).nullish(),
  })
  .transform((wire): Subscription => {
    // `product:sku:availability` in new commerce; a GUID in old subscriptions, which match no offer.
    const [productId = '', skuId = ''] = wire.offerId.split(':');
    return {
      id: wire.id.toLowerCase(),
      productId,
      skuId,
      friendlyName: wire.friendlyName,
      quantity: wire.quantity,
      status: wire.status.toLowerCase(),
      term: wire.termDuration,
      billingCycle: wire.billingCycle.toLowerCase(),
      isTrial: wire.isTrial,
      autoRenewEnabled: wire.autoRenewEnabled,
      scheduledActions: (wire.scheduledActions ?? []).sort(),
      nextTerm: wire.scheduledNextTermInstructions ?? undefined,
      orderId: wire.orderId,
      isSoftware: wire.productType?.id.toLowerCase().includes('software') === true,
      cancellableUntil: utc(wire.cancellationAllowedUntilDate),
      effectiveStart: utc(wire.effectiveStartDate),
      commitmentEndDate: utc(wire.commitmentEndDateTime ?? wire.commitmentEndDate),
      refundable: wire.refundableQuantity?.details ?? [],
    };
  });

/**
 * The members of a subscription that a change touches, over the whole resource as it was read: PATCH is a full replace,
 * unknown members stay. One change goes in one request, because a change of seats loses instructions sent with it, and
 * of an action and an instruction sent together the instruction is lost (partner-center.md 6.6, 15.3, 15.4).
 */
export function changedSubscription(
  resource: Readonly<Record<string, unknown>>,
  change: SubscriptionChange,
): Record<string, unknown> {
  switch (change.what) {
    case 'Seats':
      return { ...resource, quantity: change.quantity };
    case 'Cancel':
      return { ...resource, status: 'deleted' };
    case 'NextTerm': {
      const { quantity, ...product } = change.nextTerm;
      return {
        ...resource,
        autoRenewEnabled: true,
        scheduledNextTermInstructions: { product, quantity },
        scheduledActions: [],
      };
    }
    case 'EndOfTerm':
      return {
        ...resource,
        autoRenewEnabled: change.endOfTerm === 'Renew',
        scheduledActions: [{ scheduleType: 'TermEnd', actionType: endAction[change.endOfTerm] }],
      };
  }
}

const endAction = {
  Renew: 'RenewToNewTerm',
  Cancel: 'Cancel',
  Extend: 'RenewToExtendedServiceTerm',
} as const;

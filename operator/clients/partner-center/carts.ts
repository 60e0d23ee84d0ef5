/** Carts and their checkout (partner-center.md 5). */
import * as z from 'zod';
import { type PartnerCenterConnection, parse } from './connection.ts';
import type { KnownSubscriptions } from './known-subscriptions.ts';
import { type Part, written } from './part.ts';
import * as wire from './wire.ts';

const WireTermEndDate = z.object({ allowedCustomTermEndDate: z.string() });

export function carts(
  connection: PartnerCenterConnection,
  known: KnownSubscriptions,
): Part<'listTermEndDates' | 'createCart' | 'checkoutCart'> {
  return {
    async listTermEndDates(customerId, term, signal) {
      const path = `/v1/customers/${customerId}/subscriptions/customTermEndDates?term_duration=${term}`;
      const found = await connection.list(
        { path, as: 'app', operation: 'ListCustomTermEndDates' },
        WireTermEndDate,
        signal,
      );
      return found.map(({ allowedCustomTermEndDate }) => allowedCustomTermEndDate);
    },
    async createCart(customerId, line, requestId, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/carts`,
          as: 'app',
          operation: 'CreateCart',
          requestId,
          body: {
            partnerOnRecordAttestationAccepted: true,
            lineItems: [
              {
                id: 0,
                catalogItemId: line.catalogItemId,
                friendlyName: line.friendlyName,
                quantity: line.quantity,
                termDuration: line.term,
                billingCycle: line.billingCycle,
                customTermEndDate: line.customTermEndDate,
              },
            ],
          },
        },
        signal,
      );
      return { ...parse(wire.WireCart, response, 'CreateCart'), ...written(response) };
    },
    async checkoutCart(customerId, cartId, requestId, signal) {
      known.forget(customerId);
      const response = await connection.send(
        {
          method: 'POST',
          path: `/v1/customers/${customerId}/carts/${cartId}/checkout`,
          as: 'app',
          operation: 'CheckoutCart',
          requestId,
        },
        signal,
      );
      known.forget(customerId);
      return { ...parse(wire.WireCheckout, response, 'CheckoutCart'), ...written(response) };
    },
  };
}

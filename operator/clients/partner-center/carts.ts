/** Carts and their checkout (partner-center.md 5). */
import { type PartnerCenterConnection, parse } from './connection.ts';
import { type Part, written } from './part.ts';
import * as wire from './wire.ts';

export function carts(connection: PartnerCenterConnection): Part<'createCart' | 'checkoutCart'> {
  return {
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
              },
            ],
          },
        },
        signal,
      );
      return { ...parse(wire.WireCart, response, 'CreateCart'), ...written(response) };
    },
    async checkoutCart(customerId, cartId, requestId, signal) {
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
      return { ...parse(wire.WireCheckout, response, 'CheckoutCart'), ...written(response) };
    },
  };
}

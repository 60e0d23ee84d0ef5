/** Who supports the customer of a subscription (partner-center.md 6.1): the partner unless another one is set. */
import type { ApiResponse } from '../../world.ts';
import { readBody, requireText } from '../request-body.ts';
import { attributes, link } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import type { Subscription } from './subscription.ts';
import { requireSubscription } from './subscriptions.ts';

export function getSupportContact(exchange: Exchange): ApiResponse {
  return { status: 200, body: contactToWire(exchange, requireSubscription(exchange)) };
}

export function putSupportContact(exchange: Exchange): ApiResponse {
  const subscription = requireSubscription(exchange);
  const body = readBody(exchange.request.body, 'SupportContact');
  subscription.supportContact = {
    supportTenantId: requireText(body, 'supportTenantId'),
    supportMpnId: requireText(body, 'supportMpnId'),
    name: requireText(body, 'name'),
  };
  return { status: 200, body: contactToWire(exchange, subscription) };
}

function contactToWire({ partner }: Exchange, subscription: Subscription): Record<string, unknown> {
  const { tenantId: supportTenantId, mpnId: supportMpnId, name } = partner;
  const uri = `/customers/${subscription.customerId}/subscriptions/${subscription.id}/supportcontact`;
  return {
    ...(subscription.supportContact ?? { supportTenantId, supportMpnId, name }),
    links: { self: link(uri) },
    attributes: attributes('SupportContact'),
  };
}

/** A test event on demand, and how its delivery went (partner-center.md 10.3). */
import type { ApiResponse } from '../../world.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf } from '../state.ts';
import { DAY_MS, iso } from '../terms.ts';
import { notify } from './outbox.ts';
import { requireRegistration } from './registration.ts';

const KEPT_MS = 7 * DAY_MS;

export function createValidationEvent(exchange: Exchange): ApiResponse {
  const { world, partner } = exchange;
  requireRegistration(exchange);
  const delivery = notify(world, partner.tenantId, {
    name: 'test-created',
    resourcePath: '/registration/test',
    resourceName: 'test',
  });
  if (delivery === undefined) {
    throw invalidInput("The registration does not have the event 'test-created'.");
  }
  return { status: 200, body: { correlationId: delivery.id } };
}

export function getValidationEvent(exchange: Exchange): ApiResponse {
  const { world, partner, params } = exchange;
  const delivery = commerceOf(world).deliveries.get((params.correlationId ?? '').toLowerCase());
  if (
    delivery?.partnerTenantId !== partner.tenantId ||
    world.clock.nowMs() - delivery.createdMs >= KEPT_MS
  ) {
    throw new CommerceFault(404, 20000, 'There is no such validation event.');
  }
  return {
    status: 200,
    body: {
      correlationId: delivery.id,
      partnerId: partner.tenantId,
      status: delivery.state === 'open' ? 'pending' : 'completed',
      callbackUrl: requireRegistration(exchange).url,
      results: delivery.results.map(({ atMs, ...result }) => ({
        ...result,
        dateTimeUtc: iso(atMs),
      })),
    },
  };
}

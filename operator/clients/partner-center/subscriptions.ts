/** Subscriptions and their changes (partner-center.md 6). */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { transient, wait } from '../../core/errors.ts';
import type { PartnerCenterConnection } from './connection.ts';
import type { KnownSubscriptions } from './known-subscriptions.ts';
import { type Part, written } from './part.ts';
import type { Subscription, SubscriptionChange } from './port.ts';
import { changedSubscription, WireSubscription } from './subscription-wire.ts';

export function subscriptions(
  connection: PartnerCenterConnection,
  known: KnownSubscriptions,
): Part<'listSubscriptions' | 'forgetSubscriptions' | 'changeSubscription'> {
  return {
    async listSubscriptions(customerId, signal, sinceMs) {
      const before = sinceMs === undefined ? undefined : known.since(customerId, sinceMs);
      if (before !== undefined) return before;
      const path = `/v1/customers/${customerId}/subscriptions`;
      const call = { path, as: 'app', operation: 'ListSubscriptions' } as const;
      return known.learn(customerId, () => connection.list(call, WireSubscription, signal));
    },
    forgetSubscriptions: (customerId) => known.forget(customerId),
    async changeSubscription(customerId, subscriptionId, change, signal) {
      const path = `/v1/customers/${customerId}/subscriptions/${subscriptionId}`;
      const resource = await connection.get(
        { path, as: 'app', operation: 'GetSubscription' },
        z.record(z.string(), z.unknown()),
        signal,
      );
      const before = WireSubscription.safeParse(resource).data;
      if (before === undefined) {
        throw transient('the subscription as read does not have the expected form', {
          reason: 'UnexpectedAnswer',
        });
      }
      if (before.quantity !== (change.from ?? before.quantity)) {
        known.forget(customerId);
        throw transient('others have changed the seats meanwhile; they are counted again', {
          reason: 'ConcurrentChange',
        });
      }
      requireOpenWindow(before, change, connection.options.nowMs() + connection.clockOffsetMs);
      known.forget(customerId);
      const response = await connection.send(
        {
          method: 'PATCH',
          path,
          as: 'app',
          operation: 'UpdateSubscription',
          body: changedSubscription(resource, change),
          headers: ifMatch(resource),
          requestId: randomUUID(),
        },
        signal,
      );
      known.forget(customerId);
      return { before, isPending: response.status === 202, ...written(response) };
    },
  };
}

/** Asked right before the call, by Microsoft's own clock: a window may have closed since the plan was made. */
function requireOpenWindow(
  { quantity, refundable, cancellableUntil }: Subscription,
  change: SubscriptionChange,
  nowMs: number,
): void {
  if (change.what === 'Cancel' && !(Date.parse(cancellableUntil ?? '') > nowMs))
    throw closedWindow('CancellationWindowClosed');
  if (change.what !== 'Seats' || change.quantity >= quantity) return;
  const open = refundable.filter(({ until }) => Date.parse(until) > nowMs);
  const seats = open.reduce((sum, batch) => sum + batch.quantity, 0);
  if (seats < quantity - change.quantity) throw closedWindow('ReductionWindowClosed');
}

function closedWindow(reason: 'CancellationWindowClosed' | 'ReductionWindowClosed') {
  return wait('Microsoft takes them back for 168 hours after purchase or renewal only', { reason });
}

/** Only where the resource carries an etag: new-commerce subscriptions show none (partner-center.md 1.6). */
function ifMatch(resource: Readonly<Record<string, unknown>>): Record<string, string> {
  const attributes = z.object({ etag: z.string() }).safeParse(resource['attributes']).data;
  return attributes === undefined ? {} : { 'if-match': `"${attributes.etag.replaceAll('"', '')}"` };
}

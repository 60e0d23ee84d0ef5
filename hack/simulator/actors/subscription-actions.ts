/** What people of the partner do to a customer's subscriptions. */
import { z } from 'zod';
import { commerceOf } from '../commerce/state.ts';
import type { Subscription } from '../commerce/subscriptions/subscription.ts';
import type { ApiResponse } from '../world.ts';
import { type Action, action, oneOf, type Scene } from './action.ts';

const OneSubscription = z.strictObject({ subscriptionId: z.guid() });
const Seats = z.strictObject({ subscriptionId: z.guid(), seats: z.int().positive() });

export function subscriptionsOf({ world, directory }: Pick<Scene, 'world' | 'directory'>) {
  return [...commerceOf(world).subscriptions.values()].filter(
    ({ customerId }) => customerId === directory.tenantId,
  );
}

function pick(scene: Scene, isFit: (candidate: Subscription) => boolean = () => true) {
  const fit = subscriptionsOf(scene).filter(
    (candidate) => candidate.status === 'active' && isFit(candidate),
  );
  const picked = oneOf(fit, scene.random);
  return picked && { subscriptionId: picked.id };
}

/** The portal reads the whole subscription and sends it back changed. */
function change(
  { directory, partnerCenter }: Scene,
  subscriptionId: string,
  changesOf: (subscription: { readonly quantity: number }) => Readonly<Record<string, unknown>>,
): ApiResponse {
  const path = `/customers/${directory.tenantId}/subscriptions/${subscriptionId}`;
  const read = partnerCenter('GET', path);
  if (read.status >= 400) return read;
  const subscription = read.body as { readonly quantity: number };
  return partnerCenter('PATCH', path, { ...subscription, ...changesOf(subscription) });
}

export const SUBSCRIPTION_ACTIONS = {
  addSeats: action({
    says: 'buys seats of a subscription',
    by: 'partner',
    parameters: Seats,
    pick: (scene) => {
      const picked = pick(scene);
      return picked && { ...picked, seats: 1 + Math.floor(scene.random.next() * 3) };
    },
    run: (scene, { subscriptionId, seats }) =>
      change(scene, subscriptionId, ({ quantity }) => ({ quantity: quantity + seats })),
  }),
  dropSeats: action({
    says: 'gives seats of a subscription back; refused outside the window',
    by: 'partner',
    parameters: Seats,
    pick: (scene) => {
      const picked = pick(scene, ({ quantity }) => quantity > 1);
      return picked && { ...picked, seats: 1 };
    },
    run: (scene, { subscriptionId, seats }) =>
      change(scene, subscriptionId, ({ quantity }) => ({ quantity: quantity - seats })),
  }),
  switchAutoRenewOff: action({
    says: 'switches the renewal of a subscription off',
    by: 'partner',
    parameters: OneSubscription,
    pick: (scene) => pick(scene, ({ autoRenewEnabled }) => autoRenewEnabled),
    run: (scene, { subscriptionId }) =>
      change(scene, subscriptionId, () => ({ autoRenewEnabled: false })),
  }),
  switchAutoRenewOn: action({
    says: 'switches the renewal of a subscription on',
    by: 'partner',
    parameters: OneSubscription,
    pick: (scene) => pick(scene, ({ autoRenewEnabled }) => !autoRenewEnabled),
    run: (scene, { subscriptionId }) =>
      change(scene, subscriptionId, () => ({ autoRenewEnabled: true })),
  }),
  suspend: action({
    says: 'suspends a subscription',
    by: 'partner',
    parameters: OneSubscription,
    pick: (scene) => pick(scene),
    run: (scene, { subscriptionId }) =>
      change(scene, subscriptionId, () => ({ status: 'suspended' })),
  }),
  reactivate: action({
    says: 'ends the suspension of a subscription',
    by: 'partner',
    parameters: OneSubscription,
    pick: (scene) => {
      const fit = subscriptionsOf(scene).filter(({ status }) => status === 'suspended');
      const picked = oneOf(fit, scene.random);
      return picked && { subscriptionId: picked.id };
    },
    run: (scene, { subscriptionId }) => change(scene, subscriptionId, () => ({ status: 'active' })),
  }),
  cancel: action({
    says: 'cancels a subscription; refused outside the window',
    by: 'partner',
    parameters: OneSubscription,
    pick: (scene) => pick(scene),
    run: (scene, { subscriptionId }) =>
      change(scene, subscriptionId, () => ({ status: 'deleted' })),
  }),
} satisfies Record<string, Action>;

/** Subscriptions to change notifications (graph.md 11). */

import { findServicePrincipal } from '../directory/create.ts';
import type { Properties } from '../directory/directory.ts';
import { handshake, type NotificationSubscription } from '../directory/notifications.ts';
import { asText } from '../directory/text.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import {
  badRequest,
  denied,
  GraphError,
  invalidValue,
  notFound,
  notImplemented,
} from './errors.ts';
import { list, single } from './query.ts';

export const SUBSCRIPTION_HANDLERS: Handlers = {
  'GET /subscriptions': listSubscriptions,
  'POST /subscriptions': create,
  'GET /subscriptions/{subscription-id}': (call) => shown(call, requireSubscription(call)),
  'PATCH /subscriptions/{subscription-id}': renew,
  'DELETE /subscriptions/{subscription-id}': remove,
  'POST /subscriptions/{subscription-id}/reauthorize': reauthorize,
};

const LIFETIME_MAX_MS = 41_760 * 60_000;
const PER_APP_AND_TENANT_MAX = 100;
const PER_TENANT_MAX = 1_000;
const CLIENT_STATE_MAX = 128;
const RESOURCE = /^\/?(users|groups)(\/[0-9a-f-]{36})?$/i;
const CHANGES: ReadonlySet<string> = new Set(['updated', 'deleted']);
/** Who may read it may hear of it. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  users: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  groups: [
    'Group.Read.All',
    'Group.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
};
/** Microsoft asks for public HTTPS; a rehearsal may listen on its own machine. */
const RECEIVER = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:|\/))/;

function live(call: Call): NotificationSubscription[] {
  const now = call.world.clock.nowMs();
  return [...call.directory.notifications.values()].filter(({ expiresMs }) => expiresMs > now);
}

/** An app sees its own. */
function own(call: Call): NotificationSubscription[] {
  return live(call).filter(({ appId }) => appId === call.caller.appId);
}

function entity({ expiresMs, appId, ...rest }: NotificationSubscription): Properties {
  return {
    ...rest,
    applicationId: appId,
    expirationDateTime: new Date(expiresMs).toISOString(),
    includeResourceData: null,
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationQueryOptions: null,
    notificationUrlAppId: null,
  };
}

function shown(call: Call, subscription: NotificationSubscription, status = 200): ApiResponse {
  const options = { type: 'subscription', set: 'subscriptions', entity: entity(subscription) };
  return single(call, { ...options, status });
}

function listSubscriptions(call: Call): ApiResponse {
  const items = () => own(call).map(entity);
  return list(call, { type: 'subscription', set: 'subscriptions', items });
}

function requireSubscription(call: Call): NotificationSubscription {
  const id = parameter(call, 'subscription-id').toLowerCase();
  const found = own(call).find((known) => known.id === id);
  if (!found) throw notFound(id);
  return found;
}

function create(call: Call): ApiResponse {
  const { body, directory, world } = call;
  // Their requests are answered at once, and this answer waits for the receiver.
  if (call.caller.portal === true) throw notImplemented('subscriptions of a person at a portal');
  const resource = checkedResource(call);
  const changeType = checkedChanges(asText(body['changeType']));
  const { notificationUrl, lifecycleNotificationUrl } = checkedReceivers(body);
  const clientState = asText(body['clientState']);
  if (clientState.length > CLIENT_STATE_MAX) throw invalidValue('clientState');
  requireRoom(call);
  const subscription: NotificationSubscription = {
    id: world.random.uuid(),
    appId: call.caller.appId,
    creatorId: call.caller.userId ?? findServicePrincipal(directory, call.caller.appId)?.id ?? '',
    changeType,
    resource,
    notificationUrl,
    lifecycleNotificationUrl,
    clientState,
    latestSupportedTlsVersion: asText(body['latestSupportedTlsVersion'], 'v1_2'),
    expiresMs: checkedExpiry(call),
  };
  const answer = shown(call, subscription, 201);
  return { status: 201, pending: confirmed(call, subscription, answer) };
}

/** @throws GraphError 400 (later) where the receiver does not say the token back */
async function confirmed(
  call: Call,
  subscription: NotificationSubscription,
  answer: ApiResponse,
): Promise<ApiResponse> {
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${call.world.random.uuid()}`;
  if (!(await handshake(subscription.notificationUrl, token))) {
    throw new GraphError(
      400,
      'ValidationError',
      'Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.',
    );
  }
  call.directory.notifications.set(subscription.id, subscription);
  return answer;
}

function checkedResource(call: Call): string {
  const [, set = '', key = ''] = RESOURCE.exec(asText(call.body['resource'])) ?? [];
  const readers = READERS[set.toLowerCase()];
  if (!readers) throw notImplemented(`notifications of ${asText(call.body['resource'])}`);
  const { caller } = call;
  const held = caller.kind === 'user' ? caller.scopes : caller.roles;
  if (!held.some((name) => readers.includes(name))) throw denied();
  return `${set}${key}`.toLowerCase();
}

function checkedChanges(text: string): string {
  const changes = text.split(',').map((change) => change.trim().toLowerCase());
  if (!changes.every((change) => CHANGES.has(change))) throw invalidValue('changeType');
  return changes.join(',');
}

function checkedReceivers(body: Properties) {
  const notificationUrl = asText(body['notificationUrl']);
  const lifecycle = body['lifecycleNotificationUrl'];
  const lifecycleNotificationUrl = typeof lifecycle === 'string' ? lifecycle : null;
  if (!isReceiver(notificationUrl)) throw invalidValue('notificationUrl');
  const isElsewhere =
    lifecycleNotificationUrl !== null &&
    (!isReceiver(lifecycleNotificationUrl) ||
      new URL(lifecycleNotificationUrl).host !== new URL(notificationUrl).host);
  if (isElsewhere) throw invalidValue('lifecycleNotificationUrl');
  return { notificationUrl, lifecycleNotificationUrl };
}

function isReceiver(url: string): boolean {
  return RECEIVER.test(url) && URL.canParse(url);
}

function checkedExpiry(call: Call): number {
  const now = call.world.clock.nowMs();
  const expiresMs = Date.parse(asText(call.body['expirationDateTime']));
  if (!(expiresMs > now && expiresMs <= now + LIFETIME_MAX_MS)) {
    throw badRequest(
      `Subscription expiration can only be ${LIFETIME_MAX_MS / 60_000} minutes in the future.`,
    );
  }
  return expiresMs;
}

/** Of one app and of all of them, in one tenant. */
function requireRoom(call: Call): void {
  const isFull = own(call).length >= PER_APP_AND_TENANT_MAX || live(call).length >= PER_TENANT_MAX;
  if (!isFull) return;
  throw new GraphError(403, 'ExtensionError', 'The limit of subscriptions has been reached.');
}

function renew(call: Call): ApiResponse {
  const subscription = requireSubscription(call);
  const fixed = Object.keys(call.body).find(
    (name) => !['id', 'expirationDateTime'].includes(name) && !name.startsWith('@odata.'),
  );
  if (fixed !== undefined) throw badRequest(`Property '${fixed}' cannot be changed.`);
  subscription.expiresMs = checkedExpiry(call);
  return shown(call, subscription);
}

function remove(call: Call): ApiResponse {
  call.directory.notifications.delete(requireSubscription(call).id);
  return NO_CONTENT;
}

/** Nothing takes the right away here, so there is none to give back. */
function reauthorize(call: Call): ApiResponse {
  requireSubscription(call);
  return NO_CONTENT;
}

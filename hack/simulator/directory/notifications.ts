/** Change notifications: who wants to hear of which objects, and telling them (graph.md 11). */
import { request } from 'undici';
import type { TaskKind, World } from '../world.ts';
import type { Directory } from './directory.ts';
import { derivedUuid } from './well-known.ts';

export interface NotificationSubscription {
  readonly id: string;
  readonly appId: string;
  readonly creatorId: string;
  /** `updated`, `deleted` or both, with a comma between */
  readonly changeType: string;
  /** `users`, `users/{id}`, `groups`, `groups/{id}` */
  readonly resource: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  readonly latestSupportedTlsVersion: string;
  expiresMs: number;
}

export interface ObjectChange {
  readonly set: 'users' | 'groups';
  readonly id: string;
  readonly changeType: 'updated' | 'deleted';
}

interface Delivery extends ObjectChange {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly notificationId: string;
  readonly sinceMs: number;
  readonly attempt: number;
}

const DELIVER: TaskKind<Delivery> = { name: 'directory.notify' };
/** A receiver has to answer within this; both in real time, for it is somebody else's program. */
const ANSWER_MS = 3_000;
const HANDSHAKE_MS = 10_000;
/** From the change; after that it is lost. */
const RETRY_FOR_MS = 4 * 3_600_000;
const RETRY_FIRST_MS = 10_000;
const RETRY_MAX_MS = 600_000;

/** What notifications do on the clock. */
export function registerNotifications(world: World): void {
  world.clock.on(DELIVER, (delivery) => {
    const directory = world.directories.get(delivery.tenantId);
    const subscription = directory?.notifications.get(delivery.subscriptionId);
    if (!subscription || subscription.expiresMs <= world.clock.nowMs()) return;
    void deliver(world, subscription, delivery);
  });
}

async function deliver(
  world: World,
  subscription: NotificationSubscription,
  delivery: Delivery,
): Promise<void> {
  if (!(await tell(subscription, delivery))) retry(world, delivery);
}

/** Everybody who asked for it hears of the change. */
export function announce(directory: Directory, change: ObjectChange): void {
  const { clock } = directory.log;
  for (const subscription of directory.notifications.values()) {
    if (!concerns(subscription, change)) continue;
    clock.after(0, DELIVER, {
      ...change,
      tenantId: directory.tenantId,
      subscriptionId: subscription.id,
      notificationId: derivedUuid(`${subscription.id}/${directory.log.last}`),
      sinceMs: clock.nowMs(),
      attempt: 0,
    });
  }
}

function concerns(
  { resource, changeType }: NotificationSubscription,
  change: ObjectChange,
): boolean {
  const isMeant = resource === change.set || resource === `${change.set}/${change.id}`;
  return isMeant && changeType.split(',').includes(change.changeType);
}

function retry(world: World, delivery: Delivery): void {
  const now = world.clock.nowMs();
  if (now - delivery.sinceMs > RETRY_FOR_MS) return;
  const waitMs = Math.min(RETRY_FIRST_MS * 2 ** delivery.attempt, RETRY_MAX_MS);
  world.clock.schedule(now + waitMs, DELIVER, { ...delivery, attempt: delivery.attempt + 1 });
}

async function tell(subscription: NotificationSubscription, delivery: Delivery): Promise<boolean> {
  const { set, id, tenantId } = delivery;
  const type = set === 'users' ? '#microsoft.graph.user' : '#microsoft.graph.group';
  const notification = {
    id: delivery.notificationId,
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: new Date(subscription.expiresMs).toISOString(),
    clientState: subscription.clientState,
    changeType: delivery.changeType,
    resource: `${set}/${id}`,
    tenantId,
    resourceData: { '@odata.type': type, '@odata.id': `${set}/${id}`, id },
  };
  const answer = await post(subscription.notificationUrl, {
    body: JSON.stringify({ value: [notification] }),
    type: 'application/json',
    withinMs: ANSWER_MS,
  });
  return answer !== undefined && answer.status >= 200 && answer.status < 300;
}

/** Does the receiver say the token back, as plain text and in time? */
export async function handshake(url: string, validationToken: string): Promise<boolean> {
  const target = new URL(url);
  target.searchParams.append('validationToken', validationToken);
  const message = { body: '', type: 'text/plain', withinMs: HANDSHAKE_MS };
  const answer = await post(target.href, message);
  return (
    answer?.status === 200 &&
    answer.type.startsWith('text/plain') &&
    answer.text === validationToken
  );
}

/** @returns undefined where no answer came in time */
async function post(
  url: string,
  message: { readonly body: string; readonly type: string; readonly withinMs: number },
): Promise<{ status: number; type: string; text: string } | undefined> {
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': `${message.type}; charset=utf-8` },
      body: message.body,
      signal: AbortSignal.timeout(message.withinMs),
    });
    const type = String(answer.headers['content-type'] ?? '');
    return { status: answer.statusCode, type, text: await answer.body.text() };
  } catch {
    // The receiver's trouble is not ours: it is asked again.
    return undefined;
  }
}

/** Customers, and one customer: subscriptions with windows and renewals, users with licences. */
import { subscriptionsOf } from '../actors/subscription-actions.ts';
import { findOffer } from '../commerce/catalogue/offers.ts';
import { commerceOf } from '../commerce/state.ts';
import type { Subscription } from '../commerce/subscriptions/subscription.ts';
import { lastDay } from '../commerce/terms.ts';
import type { Directory, User } from '../directory/directory.ts';
import type { World } from '../world.ts';
import { type Content, type Html, html } from './html.ts';
import { button, choice, field, form, table, timeOf } from './parts.ts';

/** Rows of a table at most; the page says so where there are more. */
const ROWS_MAX = 300;

export function customersContent(world: World): Content {
  const customers = [...commerceOf(world).customers.values()];
  const bought = Map.groupBy(
    commerceOf(world).subscriptions.values(),
    ({ customerId }) => customerId,
  );
  const rows = customers.slice(0, ROWS_MAX).map((customer) => {
    const directory = world.directories.get(customer.id);
    const own = bought.get(customer.id) ?? [];
    return [
      html`<a href="/page/customers/${customer.id}">${customer.billingProfile.companyName}</a>`,
      customer.domain,
      customer.billingProfile.defaultAddress.country,
      directory?.users.liveCount ?? 'no tenant yet',
      own.reduce((sum, { quantity }) => sum + quantity, 0),
      [...(directory?.seatsInUse.values() ?? [])].reduce((sum, seats) => sum + seats, 0),
    ];
  });
  return [
    table('Customers', ['Company', 'Domain', 'Country', 'Users', 'Seats bought', 'Assigned'], rows),
    more(customers.length),
  ];
}

export function customerContent(world: World, directory: Directory): Content {
  const subscriptions = subscriptionsOf({ world, directory });
  const users = [...directory.users.all('live', directory.log.last)].map(({ value }) => value);
  return [
    html`<p>${directory.initialDomain}, tenant ${directory.tenantId}</p><h2>Subscriptions</h2>`,
    subscriptionTable(world, directory, subscriptions),
    subscriptions.length === 0 ? undefined : seatForm(directory, subscriptions),
    html`<h2>Users</h2>`,
    userTable(directory, users.slice(0, ROWS_MAX)),
    more(users.length),
    users.length === 0 ? undefined : userForm(directory, users),
  ];
}

function more(count: number): Html | undefined {
  return count > ROWS_MAX ? html`<p>The first ${ROWS_MAX} of ${count}.</p>` : undefined;
}

function subscriptionTable(
  world: World,
  directory: Directory,
  subscriptions: readonly Subscription[],
): Html {
  const heads = [
    'Subscription',
    'Status',
    'Seats',
    'In the directory',
    'Term',
    'Last day',
    'Then',
    'Can be given back',
  ];
  const rows = subscriptions.map((subscription) => {
    const { id, status, quantity, termDuration, billingCycle, termEndMs } = subscription;
    return [
      nameOf(subscription),
      status,
      quantity,
      directory.subscriptions.get(id.toLowerCase())?.seats ?? 'none',
      `${termDuration}, billed ${billingCycle}`,
      lastDay(termEndMs).slice(0, 10),
      afterwards(subscription),
      windows(world, subscription),
    ];
  });
  return table('Subscriptions', heads, rows);
}

function nameOf({ productId, skuId, friendlyName }: Subscription): string {
  const title = findOffer(productId, skuId)?.title ?? `${productId}:${skuId}`;
  return friendlyName === '' || friendlyName === title ? title : `${friendlyName} (${title})`;
}

function afterwards({
  autoRenewEnabled,
  status,
  nextTerm,
  scheduledActions,
}: Subscription): string {
  if (status === 'deleted') return 'gone';
  const [action] = scheduledActions;
  if (action) return action.actionType;
  if (!autoRenewEnabled) return 'expires';
  return nextTerm ? `renews with ${nextTerm.quantity} seats` : 'renews';
}

/** The windows that are open now, each with its end. */
function windows(world: World, { refundBatches, status }: Subscription): Content {
  const nowMs = world.clock.nowMs();
  const open = refundBatches.filter(
    ({ quantity, allowedUntilMs }) => quantity > 0 && allowedUntilMs > nowMs,
  );
  if (status !== 'active' || open.length === 0) return 'nothing';
  return open.map(
    ({ quantity, allowedUntilMs }) => html`<div>${quantity} until ${timeOf(allowedUntilMs)}</div>`,
  );
}

function userTable(directory: Directory, users: readonly User[]): Html {
  const parts = new Map(
    directory.subscriptions.values().map(({ skuId, skuPartNumber }) => [skuId, skuPartNumber]),
  );
  const rows = users.map((user) => [
    user.userPrincipalName,
    text(user, 'displayName'),
    text(user, 'department'),
    user.properties['accountEnabled'] === true ? 'allowed' : 'blocked',
    [...new Set(user.licenses.map(({ skuId }) => parts.get(skuId) ?? skuId))].join(', '),
  ]);
  return table('Users', ['User', 'Name', 'Department', 'Sign-in', 'Licences'], rows);
}

function text({ properties }: User, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}

function seatForm({ tenantId }: Directory, subscriptions: readonly Subscription[]): Html {
  const options = subscriptions.map(
    (subscription) =>
      [subscription.id, `${nameOf(subscription)}: ${subscription.quantity}`] as const,
  );
  return form(`/page/customers/${tenantId}/seats`, 'Change seats', [
    html`<h3>Change seats, as the partner at the portal</h3>`,
    choice('seats', { name: 'subscriptionId', label: 'Subscription', options }),
    field('seats', { name: 'quantity', label: 'Seats', type: 'number' }),
    button('Change seats'),
  ]);
}

const USER_DEEDS = [
  ['department', 'Set department'],
  ['jobTitle', 'Set job title'],
  ['displayName', 'Set display name'],
  ['disableUser', 'Block sign-in'],
  ['enableUser', 'Allow sign-in'],
  ['removeManager', 'Take the manager away'],
  ['deleteUser', 'Delete'],
] as const;

function userForm({ tenantId }: Directory, users: readonly User[]): Html {
  const options = users
    .slice(0, ROWS_MAX)
    .map(({ id, userPrincipalName }) => [id, userPrincipalName] as const);
  return form(`/page/customers/${tenantId}/users`, 'Change a user', [
    html`<h3>Change a user, as an administrator at the portal</h3>`,
    choice('user', { name: 'user', label: 'User', options }),
    choice('user', { name: 'deed', label: 'What', options: USER_DEEDS }),
    field('user', {
      name: 'value',
      label: 'Value',
      hint: 'of department, job title, display name',
    }),
    button('Change the user'),
  ]);
}

import { describe } from 'vitest';
import { closedWindow } from './closed-window.ts';
import { largeBatch } from './large-batch.ts';
import { newRequestId } from './new-request-id.ts';
import { partialPatch } from './partial-patch.ts';
import { retryInsideWait } from './retry-inside-wait.ts';
import { secondCreate } from './second-create.ts';
import { CUSTOMER, DAY_MS, START, walk } from './test-sights.ts';

const read = { ask: 'GET /v1.0/users?$top=5' };
const throttled = { ...read, status: 429, answerHeaders: { 'Retry-After': '2.5' } };

describe('retry-inside-wait', () => {
  walk(retryInsideWait, [
    ['the same again at once', 'sent again 2400 ms too early', throttled, { ...read, atMs: 100 }],
    ['the same again in time', undefined, throttled, { ...read, atMs: 2_500 }],
    ['simulated time has passed instead', undefined, throttled, { ...read, movedMs: 2_500 }],
    ['another query', undefined, throttled, { ask: 'GET /v1.0/users?$top=6' }],
    ['another client', undefined, throttled, { ...read, appId: 'other' }],
    ['a person at a portal', undefined, throttled, { ...read, kind: 'portal' }],
    [
      'the answer with the wait was lost',
      undefined,
      { ...throttled, isAnswered: false },
      { ...read, atMs: 100 },
    ],
    [
      'a part of a batch',
      'sent again 2500 ms too early',
      { ...throttled, kind: 'batchItem' },
      { ...read, kind: 'batchItem' },
    ],
    [
      'a POST with the same content',
      'sent again 2500 ms too early',
      { ...throttled, ask: 'POST /v1.0/users', body: { a: 1 } },
      { ask: 'POST /v1.0/users', body: { a: 1 } },
    ],
    [
      'a POST with other content',
      undefined,
      { ...throttled, ask: 'POST /v1.0/users', body: { a: 1 } },
      { ask: 'POST /v1.0/users', body: { a: 2 } },
    ],
  ]);
});

const checkout = (id: string) => ({
  ask: `POST ${CUSTOMER}/carts/cart1/checkout`,
  headers: { 'ms-requestid': id },
});

describe('new-request-id', () => {
  walk(newRequestId, [
    [
      'another id after a broken connection',
      'sent as a before, which had an unknown outcome',
      { ...checkout('a'), isAnswered: false },
      checkout('b'),
    ],
    [
      'another id after a 503, and a 429 of the repeat',
      'sent as a before, which had an unknown outcome',
      { ...checkout('a'), status: 503 },
      { ...checkout('a'), status: 429 },
      checkout('b'),
    ],
    ['the same id', undefined, { ...checkout('a'), status: 504 }, checkout('A')],
    ['another id after a refusal', undefined, { ...checkout('a'), status: 400 }, checkout('b')],
    [
      'another id after the repeat was answered',
      undefined,
      { ...checkout('a'), isAnswered: false },
      checkout('a'),
      checkout('b'),
    ],
    [
      'another id after looking the cart up',
      undefined,
      { ...checkout('a'), isAnswered: false },
      { ask: `GET ${CUSTOMER}/carts/cart1` },
      checkout('b'),
    ],
    [
      'another client',
      undefined,
      { ...checkout('a'), isAnswered: false },
      { ...checkout('b'), appId: 'other' },
    ],
    [
      'a customer, looked up by its domain',
      undefined,
      { ask: 'POST /v1/customers', body: {}, headers: { 'ms-requestid': 'a' }, status: 500 },
      { ask: 'HEAD /v1/domains/x.onmicrosoft.com' },
      { ask: 'POST /v1/customers', body: {}, headers: { 'ms-requestid': 'b' } },
    ],
    [
      'a post that changes nothing',
      undefined,
      { ask: 'POST /v1/validations/address', status: 500 },
      {
        ask: 'POST /v1/validations/address',
      },
    ],
  ]);
});

const SUBSCRIPTION = `${CUSTOMER}/subscriptions/sub1`;
const resource = { id: 'sub1', quantity: 5, autoRenewEnabled: true, links: {}, attributes: {} };
const shown = { ask: `GET ${SUBSCRIPTION}`, answer: resource };
const patch = (body: unknown) => ({ ask: `PATCH ${SUBSCRIPTION}`, body });

describe('partial-patch', () => {
  walk(partialPatch, [
    [
      'a member left out',
      'left out of what was read: autoRenewEnabled',
      shown,
      patch({ id: 'sub1', quantity: 6 }),
    ],
    [
      'everything, without links',
      undefined,
      shown,
      patch({ id: 'sub1', quantity: 6, autoRenewEnabled: false }),
    ],
    ['never read', 'changed without having been read', patch(resource)],
    [
      'read by another client',
      'changed without having been read',
      { ...shown, appId: 'o' },
      patch(resource),
    ],
    [
      'read in a list',
      undefined,
      { ask: `GET ${CUSTOMER}/subscriptions`, answer: { items: [resource] } },
      patch(resource),
    ],
    [
      'a member that came between two reads',
      undefined,
      shown,
      { ...shown, answer: { ...resource, scheduledActions: [] } },
      patch(resource),
    ],
    [
      'a member that both reads had',
      'left out of what was read: autoRenewEnabled',
      shown,
      shown,
      patch({ id: 'sub1', quantity: 6 }),
    ],
    ['a person at a portal', undefined, { ...patch({ quantity: 1 }), kind: 'portal' }],
  ]);
});

const windows = {
  ...resource,
  cancellationAllowedUntilDate: new Date(START + DAY_MS).toISOString(),
  refundableQuantity: {
    totalQuantity: 2,
    details: [{ quantity: 2, allowedUntilDateTime: new Date(START + DAY_MS).toISOString() }],
  },
};
const late = (quantity: number, code = 800090) => ({
  ...patch({ ...windows, quantity }),
  status: 400,
  answer: { code },
});

describe('closed-window', () => {
  walk(closedWindow, [
    [
      'more than can be dropped',
      '3 seats dropped, 2 could be',
      { ...shown, answer: windows },
      late(2),
    ],
    [
      'after the window',
      '1 seats dropped, 0 could be',
      { ...shown, answer: windows, movedMs: 2 * DAY_MS },
      { ...late(4), movedMs: 2 * DAY_MS },
    ],
    [
      'a window that closed since the read',
      undefined,
      { ...shown, answer: windows },
      { ...late(4), movedMs: 2 * DAY_MS },
    ],
    ['another refusal', undefined, { ...shown, answer: windows }, late(2, 900275)],
    [
      'cancelled after the window',
      'cancelled after the window',
      { ...shown, answer: windows, movedMs: 2 * DAY_MS },
      {
        ...patch({ ...windows, status: 'deleted' }),
        status: 400,
        answer: { code: 900213 },
        movedMs: 2 * DAY_MS,
      },
    ],
    [
      'cancelled while the window closed',
      undefined,
      { ...shown, answer: windows },
      { ...patch({ ...windows, status: 'deleted' }), status: 400, answer: { code: 900213 } },
    ],
  ]);
});

const user = {
  ask: 'POST /v1.0/users',
  body: { userPrincipalName: 'Ella@contoso.example' },
  status: 201,
  answer: { id: 'u1' },
};
const cart = (id: string, quantity = 1) => ({
  ask: `POST ${CUSTOMER}/carts`,
  body: { lineItems: [{ catalogItemId: 'x', quantity }] },
  headers: { 'ms-requestid': id },
  status: 201,
  answer: { id: 'cart1' },
});

describe('second-create', () => {
  walk(secondCreate, [
    [
      'the same user, in other letters',
      'this user was made before: u1',
      user,
      {
        ...user,
        body: { userPrincipalName: 'ella@contoso.example' },
        status: 400,
      },
    ],
    [
      'another user',
      undefined,
      user,
      { ...user, body: { userPrincipalName: 'mia@contoso.example' } },
    ],
    ['the first was refused', undefined, { ...user, status: 400 }, user],
    ['the first was lost', undefined, { ...user, isAnswered: false }, { ...user, status: 400 }],
    [
      'deleted by a person',
      undefined,
      user,
      { ask: 'DELETE /v1.0/users/U1', status: 204, kind: 'portal' },
      user,
    ],
    [
      'deleted by its name',
      undefined,
      user,
      { ask: 'DELETE /v1.0/users/ella@contoso.example', status: 204 },
      user,
    ],
    [
      'renamed',
      undefined,
      user,
      { ask: 'PATCH /v1.0/users/u1', body: { userPrincipalName: 'x@y' }, status: 204 },
      user,
    ],
    [
      'deleted in vain',
      'this user was made before: u1',
      user,
      { ask: 'DELETE /v1.0/users/u1', status: 403 },
      user,
    ],
    ['by another client', undefined, user, { ...user, appId: 'other', status: 400 }],
    [
      'the same domain',
      'this domain was made before: d.example',
      ...[201, 400].map((status) => ({
        ask: 'POST /v1.0/domains',
        body: { id: 'd.example' },
        answer: { id: 'd.example' },
        status,
      })),
    ],
    [
      'the same customer',
      'this customer was made before: c1',
      ...['a', 'b'].map((id) => ({
        ask: 'POST /v1/customers',
        body: { companyProfile: { domain: 'c.onmicrosoft.com' } },
        headers: { 'ms-requestid': id },
        answer: { id: 'c1' },
        status: 201,
      })),
    ],
    ['a second cart of the same content', 'this cart was made before: cart1', cart('a'), cart('b')],
    ['a replay', undefined, cart('a'), cart('a')],
    ['a cart of other content', undefined, cart('a'), cart('b', 2)],
    [
      'a cart after the first was ordered',
      undefined,
      cart('a'),
      { ask: `POST ${CUSTOMER}/carts/cart1/checkout`, status: 201 },
      cart('b'),
    ],
    [
      'a cart after the checkout of the first was refused',
      undefined,
      cart('a'),
      { ask: `POST ${CUSTOMER}/carts/cart1/checkout`, status: 403 },
      cart('b'),
    ],
    [
      'a cart after the first has lapsed',
      undefined,
      cart('a'),
      { ...cart('b'), movedMs: 8 * DAY_MS },
    ],
  ]);
});

const batch = (count: number) => ({
  ask: 'POST /v1.0/$batch',
  body: { requests: Array.from({ length: count }, (_, id) => ({ id })) },
});

describe('large-batch', () => {
  walk(largeBatch, [
    ['21 requests', '21 requests in one batch', batch(21)],
    ['20 requests', undefined, batch(20)],
  ]);
});

import { describe, expect, it } from 'vitest';
import { failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { HttpRequest, HttpResponse, Transport } from '../http.ts';
import { GraphConnection, pathOf } from './connection.ts';
import { WireRelationship } from './wire.ts';
import { WireUser } from './wire-users.ts';

function connectionWith(answer: (request: HttpRequest) => Partial<HttpResponse>) {
  const sent: HttpRequest[] = [];
  const transport: Transport = (request) => {
    sent.push(request);
    return Promise.resolve({ status: 200, headers: {}, text: '', ...answer(request) });
  };
  const connection = new GraphConnection({
    url: 'https://graph.test',
    transport,
    nowMs: () => 0,
    forgetToken: () => undefined,
    token: () => Promise.resolve('canary-token'),
  });
  return { connection, sent };
}

const users = { path: '/users', operation: 'ListUsers' };

describe('links', () => {
  it.each([
    [
      'https://graph.test/v1.0/users?$skiptoken=a%2Bb%3D&x=1',
      'https://graph.test/v1.0/users?$skiptoken=a%2Bb%3D&x=1',
    ],
    ['https://evil.test/v1.0/users?$skiptoken=a', 'https://graph.test/v1.0/users?$skiptoken=a'],
    [
      'https://graph.test@evil.test/v1.0/users?$skiptoken=a',
      'https://graph.test/v1.0/users?$skiptoken=a',
    ],
  ])('are followed on our own address only: %s', async (next, url) => {
    const { connection, sent } = connectionWith(({ url: asked }) => ({
      text: JSON.stringify(
        asked.includes('skiptoken')
          ? { value: [{ id: 'b' }] }
          : { value: [{ id: 'a' }], '@odata.nextLink': next },
      ),
    }));
    const { items } = await connection.list(users, WireUser, signal);
    expect(items.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(sent.map((request) => request.url)).toEqual(['https://graph.test/v1.0/users', url]);
    expect(sent.every(({ headers }) => headers['authorization'] === 'Bearer canary-token')).toBe(
      true,
    );
  });

  it('that lead nowhere are an answer of another form', async () => {
    const text = JSON.stringify({ value: [], '@odata.nextLink': 'no link' });
    const { connection } = connectionWith(() => ({ text }));
    expect(await failureOf(connection.list(users, WireUser, signal))).toMatchObject({
      class: 'Transient',
      reason: 'UnexpectedAnswer',
    });
  });

  it('end, also where the service never ends them', async () => {
    const text = JSON.stringify({
      value: [],
      '@odata.nextLink': 'https://graph.test/v1.0/users?$skiptoken=a',
    });
    const { connection, sent } = connectionWith(() => ({ text }));
    expect(await failureOf(connection.list(users, WireUser, signal))).toMatchObject({
      class: 'Bug',
    });
    expect(sent).toHaveLength(1_000);
  });

  it('keep the path below the version', () => {
    expect(pathOf('https://graph.test/v1.0/users/delta?$deltatoken=x')).toBe(
      '/users/delta?$deltatoken=x',
    );
  });
});

describe('answers of another form', () => {
  it.each(['', '<html>', '[]', 'null', '{"value":3}', '{"value":[{}]}'])(
    'are transient: %s',
    async (text) => {
      const { connection } = connectionWith(() => ({ text }));
      const error = await failureOf(connection.list(users, WireUser, signal));
      expect(error).toMatchObject({ class: 'Transient', reason: 'UnexpectedAnswer' });
      expect(error.message).not.toContain('canary');
    },
  );

  it('of nulls are read as absent', () => {
    expect(
      WireUser.parse({
        id: 'a',
        userPrincipalName: 'a@b.c',
        displayName: 'A',
        jobTitle: null,
        manager: null,
        assignedLicenses: null,
      }),
    ).toEqual({
      id: 'a',
      userPrincipalName: 'a@b.c',
      displayName: 'A',
      accountEnabled: false,
      assignedLicenses: [],
    });
    expect(WireRelationship.parse({ id: 'r', customer: null, accessDetails: null })).toMatchObject({
      roleIds: [],
      customerId: '',
    });
  });

  it('bear a new id of ours each, and no second try', async () => {
    const { connection, sent } = connectionWith(() => ({ status: 503, text: '' }));
    for (const _ of [1, 2]) await failureOf(connection.list(users, WireUser, signal));
    expect(new Set(sent.map(({ headers }) => headers['client-request-id'])).size).toBe(2);
    expect(sent).toHaveLength(2);
  });
});

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { failureOf } from '../../../hack/testing/cloud.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { GraphConnection } from './connection.ts';

const Item = z.object({ id: z.string() });

type Answer = Partial<HttpResponse> & { readonly body?: unknown };

interface Asked {
  readonly requests: readonly {
    readonly id: string;
    readonly method: string;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
  }[];
}

/** `answer`: to a GET by its path below /v1.0, alone or in a batch; `ofBatch`: to the batch itself, its parts backwards. */
function graphWith(
  answer: (path: string) => Answer,
  ofBatch: (request: HttpRequest) => Answer | undefined = () => undefined,
) {
  const sent: string[] = [];
  const batches: Asked[] = [];
  const toResponse = ({ body, ...rest }: Answer): HttpResponse => ({
    status: 200,
    headers: {},
    text: JSON.stringify(body ?? {}),
    ...rest,
  });
  const inBatch = ({ id, url }: Asked['requests'][number]) => {
    const { status = 200, body } = answer(url);
    return { id, status, body };
  };
  const connection = new GraphConnection({
    url: 'https://graph.test',
    nowMs: () => 0,
    forgetToken: () => undefined,
    token: () => Promise.resolve('token'),
    transport: (request) => {
      const path = request.url.replace('https://graph.test/v1.0', '');
      sent.push(`${request.method} ${path}`);
      if (request.method === 'GET') return Promise.resolve(toResponse(answer(path)));
      const asked = JSON.parse(request.body ?? '') as Asked;
      batches.push(asked);
      const responses = asked.requests.map(inBatch).toReversed();
      return Promise.resolve(toResponse(ofBatch(request) ?? { body: { responses } }));
    },
  });
  const list = async (path: string, signal: AbortSignal, headers = {}) => {
    const read = await connection.list({ path, operation: 'List', headers }, Item, signal);
    return read.items.map(({ id }) => id);
  };
  return { list, sent, batches };
}

const named = (path: string): Answer => ({ body: { value: [{ id: path }] } });
const one = () => new AbortController().signal;

describe('what a pass reads in one turn', () => {
  it('travels as one request, each part with its headers', async () => {
    const { list, sent, batches } = graphWith(named);
    const signal = one();
    const minimal = { prefer: 'return=minimal' };
    const read = await Promise.all([list('/users', signal, minimal), list('/groups', signal)]);
    expect(read).toEqual([['/users'], ['/groups']]);
    expect(sent).toEqual(['POST /$batch']);
    expect(batches[0]?.requests).toEqual([
      { id: '0', method: 'GET', url: '/users', headers: minimal },
      { id: '1', method: 'GET', url: '/groups', headers: {} },
    ]);
  });

  it('goes on with the pages that one of them has more', async () => {
    const { list, sent } = graphWith((path) =>
      path === '/users'
        ? { body: { value: [{ id: 'a' }], '@odata.nextLink': 'https://graph.test/v1.0/users?p=2' } }
        : named(path),
    );
    const signal = one();
    const read = await Promise.all([list('/users', signal), list('/groups', signal)]);
    expect(read).toEqual([['a', '/users?p=2'], ['/groups']]);
    expect(sent).toEqual(['POST /$batch', 'GET /users?p=2']);
  });

  it('is twenty at most in a request', async () => {
    const { list, batches } = graphWith(named);
    const signal = one();
    const paths = Array.from({ length: 43 }, (_, n) => `/groups/${n}`);
    const read = await Promise.all(paths.map((path) => list(path, signal)));
    expect(read.flat()).toEqual(paths);
    expect(batches.map(({ requests }) => requests.length)).toEqual([20, 20, 3]);
  });
});

describe('a request of its own has', () => {
  it.each([
    ['what is read alone', ['/users']],
    ['the audit log, which has its own quota', ['/users', '/auditLogs/directoryAudits']],
  ])('%s', async (_, paths) => {
    const { list, sent } = graphWith(named);
    const signal = one();
    await Promise.all(paths.map((path) => list(path, signal)));
    expect(sent.toSorted()).toEqual(paths.map((path) => `GET ${path}`).toSorted());
  });

  it('what another pass reads', async () => {
    const { list, sent } = graphWith(named);
    await Promise.all([list('/users', one()), list('/users', one())]);
    expect(sent).toEqual(['GET /users', 'GET /users']);
  });

  it('what is read a turn later', async () => {
    const { list, sent } = graphWith(named);
    const signal = one();
    await list('/users', signal);
    await list('/groups', signal);
    expect(sent).toEqual(['GET /users', 'GET /groups']);
  });
});

describe('a part', () => {
  it('that fails is asked for alone, and fails as it does there; the others have their values', async () => {
    const { list, sent } = graphWith((path) =>
      path === '/groups'
        ? { status: 403, body: { error: { code: 'Authorization_RequestDenied' } } }
        : named(path),
    );
    const signal = one();
    const [users, denied] = await Promise.all([
      list('/users', signal),
      failureOf(list('/groups', signal)),
    ]);
    expect(users).toEqual(['/users']);
    expect(denied).toMatchObject({ class: 'Wait', reason: 'PermissionDenied' });
    expect(sent).toEqual(['POST /$batch', 'GET /groups']);
  });

  it('that is not answered is asked for alone', async () => {
    const { list, sent } = graphWith(named, () => ({ body: { responses: [] } }));
    const signal = one();
    const read = await Promise.all([list('/users', signal), list('/groups', signal)]);
    expect(read).toEqual([['/users'], ['/groups']]);
    expect(sent).toEqual(['POST /$batch', 'GET /users', 'GET /groups']);
  });
});

describe('a service', () => {
  it.each([400, 404, 405, 501])(
    'that takes no batch (%i) is asked for each part',
    async (status) => {
      const { list, sent } = graphWith(named, () => ({ status, body: {} }));
      const signal = one();
      const read = await Promise.all([list('/users', signal), list('/groups', signal)]);
      expect(read).toEqual([['/users'], ['/groups']]);
      expect(sent).toEqual(['POST /$batch', 'GET /users', 'GET /groups']);
    },
  );

  it.each([429, 503])('that asks to wait (%i) is asked nothing more', async (status) => {
    const refused = { status, headers: { 'retry-after': '30' }, body: {} };
    const { list, sent } = graphWith(named, () => refused);
    const signal = one();
    const failures = await Promise.all(
      ['/users', '/groups'].map((path) => failureOf(list(path, signal))),
    );
    expect(failures).toMatchObject([{ reason: 'Throttled' }, { reason: 'Throttled' }]);
    expect(sent).toEqual(['POST /$batch']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal, type JournalEntry } from './journal.ts';
import { kept } from './redact.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { Kit, newUser, PASSWORD } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
let kit: Kit;
let token: string;
beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(tenantId);
});
afterAll(() => kit.stop());

async function entriesOf(action: () => unknown): Promise<readonly JournalEntry[]> {
  const { next } = kit.simulator.journal.since(Number.MAX_SAFE_INTEGER);
  await action();
  return kit.simulator.journal.since(next).entries;
}

describe('an entry', () => {
  it('tells who asked what, how it was answered and how long it took', async () => {
    const [entry] = await entriesOf(() =>
      kit.graph('GET', `/users/nobody@${domain}?$select=id`, {
        token,
        headers: { 'client-request-id': 'mine' },
      }),
    );
    expect(entry).toMatchObject({
      kind: 'request',
      service: 'graph',
      method: 'GET',
      path: `/v1.0/users/nobody@${domain}`,
      tenantId,
      appId: DEFAULT_PARTNER.clientId,
      status: 404,
      errorCode: 'Request_ResourceNotFound',
      clientRequestId: 'mine',
    });
    expect(entry?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(entry?.tookMs).toBeGreaterThan(0);
  });

  it('has the headers that tell a client what to do next, and no others', async () => {
    kit.simulator.faults.add({ kind: 'status', status: 429, times: 1 });
    const [throttled, fine] = await entriesOf(async () => {
      await kit.graph('GET', '/organization', { token });
      await kit.graph('GET', '/organization', { token });
    });
    expect(throttled).toMatchObject({
      fault: 'status',
      errorCode: 'TooManyRequests',
      answerHeaders: {
        'retry-after': '2.128',
        'x-ms-throttle-scope': expect.any(String) as string,
      },
    });
    expect(Object.keys(fine?.answerHeaders ?? {})).toEqual(['request-id', 'x-ms-resource-unit']);
  });

  it('has the codes of Partner Center and of login', async () => {
    const entries = await entriesOf(async () => {
      await kit.send('GET', `${kit.simulator.urls.partnerCenter}/v1/customers`);
      await kit.tokenRequest(tenantId, { client_secret: 'wrong' });
    });
    expect(entries.map(({ errorCode }) => errorCode)).toEqual(['800001', 'AADSTS7000215']);
  });

  it('stands for each part of a batch too, with the entry of the batch as parent', async () => {
    const requests = ['anna.becker', 'nobody'].map((name, index) => ({
      id: String(index),
      method: 'GET',
      url: `/users/${name}@${domain}`,
    }));
    const entries = await entriesOf(() =>
      kit.graph('POST', '/$batch', { token, body: { requests } }),
    );
    const [batch, ...items] = entries;
    expect(batch).toMatchObject({ kind: 'request', path: '/v1.0/$batch', status: 200 });
    expect(items.map(({ kind, parent, status }) => [kind, parent, status])).toEqual([
      ['batchItem', batch?.seq, 200],
      ['batchItem', batch?.seq, 404],
    ]);
    expect(items[0]?.path).toBe(`/v1.0/users/anna.becker@${domain}`);
  });

  it('stands for what a person does at a portal, with the name', async () => {
    const [entry] = await entriesOf(() =>
      kit.simulator.asPerson({
        service: 'graph',
        tenantId,
        userPrincipalName: `admin@${DEFAULT_CUSTOMER.initialDomain}`,
        method: 'PATCH',
        path: `/v1.0/users/anna.becker@${domain}`,
        body: { department: 'Legal' },
      }),
    );
    expect(entry).toMatchObject({
      kind: 'portal',
      upn: `admin@${DEFAULT_CUSTOMER.initialDomain}`,
      status: 204,
      body: { department: 'Legal' },
    });
  });

  it('has no secret', async () => {
    const entries = await entriesOf(async () => {
      await kit.customerToken(tenantId);
      await kit.graph('POST', '/users', { token, body: newUser('secretive', domain) });
    });
    const text = JSON.stringify(entries);
    for (const secret of [PASSWORD, DEFAULT_PARTNER.clientSecret, token]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('secretive');
  });
});

describe('what is kept of a body', () => {
  it('hides texts of secret names, in lists too, and keeps what is below them', () => {
    const body = { passwordProfile: { password: 'a', force: true }, tokens: ['b'], other: ['c'] };
    expect(kept(body).body).toEqual({
      passwordProfile: { password: '[redacted]', force: true },
      tokens: ['[redacted]'],
      other: ['c'],
    });
  });

  it.each([
    ['a long text', 'x'.repeat(1_000_000)],
    ['a long list', Array.from({ length: 100_000 }, () => 'item')],
    ['many members', Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`m${i}`, i]))],
    ['a deep body', JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown],
  ])('is bounded for %s', (_, body) => {
    const { body: copy, size } = kept({ body });
    expect(JSON.stringify(copy).length).toBeLessThan(100_000);
    expect(size).toBeLessThan(40_000);
  });
});

describe('the journal', () => {
  const entry = { kind: 'request', service: 'graph', method: 'GET', path: '/', query: '' } as const;
  const record = (journal: Journal, size: number) =>
    journal.record(
      {
        ...entry,
        at: '',
        tenantId: undefined,
        appId: undefined,
        upn: undefined,
        status: 200,
        requestId: '',
        clientRequestId: undefined,
        answerHeaders: {},
        body: undefined,
      },
      size,
    );

  it.each([
    ['entries', 250_000, 1],
    ['bodies', 5_000, 30_000],
  ])('forgets the oldest beyond so many %s and goes on counting', (_, count, size) => {
    const journal = new Journal();
    for (let n = 0; n < count; n += 1) record(journal, size);
    const { entries, next } = journal.since(0);
    expect(next).toBe(count);
    expect(entries.length).toBeLessThan(count * 0.9);
    expect(entries.length).toBeGreaterThan(count * 0.3);
    expect(entries.at(-1)?.seq).toBe(count);
    expect(journal.since(count - 2).entries.map(({ seq }) => seq)).toEqual([count - 1, count]);
    expect(journal.since(count).entries).toEqual([]);
  });
});

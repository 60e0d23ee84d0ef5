import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminConsent } from '../../../hack/simulator/directory/consent.ts';
import { OPERATOR_PERMISSIONS } from '../../../hack/simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { Graph } from './port.ts';

let cloud: Cloud;
let graph: Graph;
let ids: readonly string[];
const nobody = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  cloud = await Cloud.start();
  const { world } = cloud.simulator;
  const directory = world.directories.get(DEFAULT_CUSTOMER.tenantId)!;
  adminConsent(world, directory, DEFAULT_PARTNER.clientId, OPERATOR_PERMISSIONS);
  graph = cloud.clients().graph(DEFAULT_CUSTOMER.tenantId);
  ids = [...directory.users.all('live', directory.log.last)].map(({ value }) => value.id);
});

afterAll(() => cloud.stop());

describe('many users by key', () => {
  it('are those that are read one by one, twenty in a request', async () => {
    const { journal } = cloud.simulator;
    const before = journal.since(Number.MAX_SAFE_INTEGER).next;
    const wanted = [
      ...ids,
      ...Array.from({ length: 34 }, (_, n) => nobody.replace(/..$/, `${n + 10}`)),
    ];
    const found = await graph.getUsers(wanted, signal);
    const sent = journal
      .since(before)
      .entries.filter(({ kind, service }) => kind === 'request' && service === 'graph');
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: Math.ceil(wanted.length / 20) }, () => 'POST /v1.0/$batch'),
    );
    expect([...found.keys()]).toEqual(ids);
    for (const id of ids) expect(found.get(id)).toEqual(await graph.getUser(id, signal));
  });

  it('are none where none is asked for', async () => {
    expect(await graph.getUsers([], signal)).toEqual(new Map());
  });

  it('fail as one that fails alone', async () => {
    cloud.fault({ service: 'graph', path: '/users/', kind: 'status', status: 403 });
    expect(await failureOf(graph.getUsers(ids, signal))).toMatchObject({
      class: 'Wait',
      reason: 'PermissionDenied',
    });
    cloud.fault({
      service: 'graph',
      path: '/users/',
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '30' },
    });
    expect(await failureOf(graph.getUsers(ids, signal))).toMatchObject({
      reason: 'Throttled',
      delayMs: 30_000,
      holdsFlow: true,
    });
  });

  it('that one part has throttled: nothing else is sent before its time', async () => {
    const { journal } = cloud.simulator;
    const before = journal.since(Number.MAX_SAFE_INTEGER).next;
    expect(await failureOf(graph.getUser(ids[0]!, signal))).toMatchObject({ reason: 'Throttled' });
    expect(journal.since(before).entries).toEqual([]);
  });
});

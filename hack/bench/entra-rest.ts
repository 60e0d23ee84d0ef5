/** What a directory that is in sync costs: a restart, its rest, and one change that somebody else makes. */
import type { M365User } from '../../operator/core/objects.ts';
import { api } from '../control-plane/cluster-client.ts';
import { until } from '../control-plane/processes.ts';
import { conditionOf } from '../demo/objects.ts';
import type { JournalEntry } from '../simulator/journal.ts';
import { isWrite, journalEnd } from './counts.ts';
import { someUser, tenantIdOf } from './entra.ts';
import { describeFleet, type Fleet } from './fleet.ts';
import { restart } from './rest.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

/** As an installation does, and for the latency of a change shorter, to have several. */
const idlePolls = 3;
const changePollSeconds = 10;

const deltas = ['/v1.0/users/delta', '/v1.0/groups/delta'];

function requestsSince(fleet: Fleet, next: number): readonly JournalEntry[] {
  const { entries } = fleet.stage.simulator.journal.since(next);
  return entries.filter(({ kind }) => kind === 'request');
}

function isDelta({ service, path }: JournalEntry): boolean {
  return service === 'graph' && deltas.includes(path);
}

export async function restartPages(fleet: Fleet, progress: Progress): Promise<readonly Row[]> {
  const next = journalEnd(fleet.stage.simulator);
  const { rows, operator } = await restart(fleet, progress);
  const doneMs = Date.now();
  await operator.stop();
  // A first page may be part of a batch.
  const { entries } = fleet.stage.simulator.journal.since(next);
  const pages = entries.filter((e) => isDelta(e) && e.path === deltas[0]);
  const last = Math.max(...pages.map(({ at }) => Date.parse(at)));
  const writes = entries.filter((e) => e.service !== 'login' && isWrite(e));
  const of = rows[0]?.of ?? '';
  return [
    atMost(10, {
      name: 'restart: all users verified after the last page of the directory',
      value: Math.max(0, doneMs - last) / 1000,
      unit: 's',
      of: `${rows[0]?.value ?? '?'} s from the start of the process; ${of}`,
    }),
    atMost(1, {
      name: 'restart: lists of users per tenant',
      value: pages.filter(({ query }) => !/token=/i.test(query)).length / fleet.size.tenants,
      unit: 'lists',
      of: `${pages.length} pages; ${of}`,
    }),
    atMost(0, { name: 'restart: outside writes', value: writes.length, unit: 'requests', of }),
  ];
}

/** Two resources are polled: users and groups. */
export async function idleRequests(fleet: Fleet, progress: Progress): Promise<readonly Row[]> {
  const operator = await fleet.startOperator(changePollSeconds);
  await operator.ready();
  const { tenants } = fleet.size;
  const polled = (since: number): number =>
    requestsSince(fleet, since).filter((e) => isDelta(e) && e.path === deltas[0]).length;
  await until('the first polls', () => polled(0) > 0);
  await new Promise((resolve) => setTimeout(resolve, 3 * changePollSeconds * 1_000));
  progress(`looking at ${idlePolls} polls`);
  const next = journalEnd(fleet.stage.simulator);
  const startedMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, idlePolls * changePollSeconds * 1_000));
  const polls = (performance.now() - startedMs) / 1000 / changePollSeconds;
  const entries = requestsSince(fleet, next);
  await operator.stop();
  const asked = entries.filter(isDelta);
  const others = entries.filter((e) => !isDelta(e));
  const of = describeFleet(fleet, `${polls.toFixed(1)} polls of ${changePollSeconds} s`);
  return [
    atMost(1.1, {
      name: 'idle: delta requests per tenant, resource and poll',
      value: asked.length / tenants / polls / deltas.length,
      unit: 'requests',
      of: `${asked.length} in all; ${of}`,
    }),
    atMost(0, {
      name: 'idle: other outside requests',
      value: others.length,
      unit: 'requests',
      of: `${pathsOf(others)}; ${of}`,
    }),
  ];
}

function pathsOf(entries: readonly JournalEntry[]): string {
  const counts = new Map<string, number>();
  for (const { service, method, path } of entries) {
    const kind = `${service} ${method} ${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, '*')}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts.size === 0 ? 'none' : [...counts].map(([kind, n]) => `${kind} ${n}`).join(', ');
}

/** Somebody changes one user at the portal. */
export async function outsideChange(fleet: Fleet, progress: Progress): Promise<readonly Row[]> {
  const { simulator } = fleet.stage;
  const operator = await fleet.startOperator(changePollSeconds);
  await operator.ready();
  const tenantId = await tenantIdOf(fleet, 0);
  const user = await someUser(fleet, tenantId);
  const id = user.status?.entraId ?? '';
  const first = journalEnd(simulator);
  await until(
    'two polls',
    () => requestsSince(fleet, first).filter((e) => isOf(e, tenantId) && isDelta(e)).length > 4,
    { timeoutMs: 5 * 60_000 },
  );
  progress('one change outside');
  const next = journalEnd(simulator);
  const changedMs = Date.now();
  const answer = simulator.asPerson({
    service: 'graph',
    tenantId,
    userPrincipalName: user.spec.userPrincipalName,
    method: 'PATCH',
    path: `/v1.0/users/${id}`,
    body: { department: 'Elsewhere' },
  });
  if (answer.status >= 300) throw new Error(`the change was answered ${answer.status}`);
  const shownMs = await whenShown(fleet, user);
  const repairs = (): readonly JournalEntry[] =>
    requestsSince(fleet, next).filter(
      ({ method, path }) => method === 'PATCH' && path.includes(id),
    );
  await until('the repair', () => repairs().length > 0, { timeoutMs: 60_000, everyMs: 20 });
  const repairedMs = Date.parse(repairs()[0]?.at ?? '');
  await new Promise((resolve) => setTimeout(resolve, 2 * changePollSeconds * 1_000));
  const about = requestsSince(fleet, next).filter(({ path }) => path.includes(id));
  await operator.stop();
  const of = describeFleet(fleet, `polls of ${changePollSeconds} s`);
  return changeRows({ changedMs, shownMs, repairedMs, about, of });
}

function isOf(entry: JournalEntry, tenantId: string): boolean {
  return entry.tenantId === tenantId;
}

/** Drift stands in status, or its correction does. */
async function whenShown({ client }: Fleet, { metadata }: M365User): Promise<number> {
  const path = `${api}/namespaces/${metadata.namespace}/m365users/${metadata.name}`;
  const before = metadata.resourceVersion;
  await until(
    'the change in status',
    async () => {
      const now: M365User = await client.transport.request('GET', path, {});
      const isDrifted = conditionOf(now, 'Drifted')?.status === 'True';
      return isDrifted || now.metadata.resourceVersion !== before;
    },
    { timeoutMs: 60_000, everyMs: 20 },
  );
  return Date.now();
}

interface Change {
  readonly changedMs: number;
  readonly shownMs: number;
  readonly repairedMs: number;
  /** Requests about this user. */
  readonly about: readonly JournalEntry[];
  readonly of: string;
}

function changeRows({ changedMs, shownMs, repairedMs, about, of }: Change): readonly Row[] {
  const writes = about.filter(isWrite).length;
  const reads = about.length - writes;
  return [
    atMost(changePollSeconds + 1, {
      name: 'one outside change: until it is shown',
      value: (shownMs - changedMs) / 1000,
      unit: 's',
      of,
    }),
    atMost(2, {
      name: 'one outside change: from shown to repaired',
      value: Math.max(0, repairedMs - shownMs) / 1000,
      unit: 's',
      of,
    }),
    atMost(1, { name: 'one outside change: writes', value: writes, unit: 'requests', of }),
    atMost(1, {
      name: 'one outside change: reads of the user',
      value: reads,
      unit: 'requests',
      of,
    }),
  ];
}

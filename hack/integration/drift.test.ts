/** A thousand changes by others: each is reported, attributed and repaired, and none is invented. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { M365User } from '../../operator/core/objects.ts';
import { until } from '../control-plane/processes.ts';
import { isReady } from '../demo/objects.ts';
import type { SeededRandom } from '../simulator/random.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { liveUsers, type Northwind, startNorthwind } from '../testing/northwind.ts';
import { type Author, administrator, type Others, othersIn } from '../testing/others.ts';
import { chosen, seededRandom } from '../testing/seed.ts';

const people = 100;
const sku = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';

const nameOf = (n: number): string => `drift-${String(n)}`;
const upnOf = (n: number): string => `${nameOf(n)}@${DEFAULT_CUSTOMER.domain}`;

let world: Northwind;
let others: Others;
let ids: ReadonlyMap<string, string>;
let groupId: string;

beforeAll(async () => {
  world = await startNorthwind();
  world.stage.simulator.world.settings.auditDelayMs = 1_000;
  others = await othersIn(world.stage);
  await world.desk.put('LicensePool', 'contoso', 'premium', {
    tenantRef: { name: 'northwind' },
    offer: 'business-premium',
    seats: { max: 200 },
    endOfTerm: 'Renew',
  });
  const manifests = Array.from({ length: people }, (_, n) => manifest(n)).map((m) => stringify(m));
  await world.stage.controlPlane.kubectl(['apply', '-f', '-'], manifests.join('---\n'));
  await until('all people to be Ready', async () => (await readyPeople()) === people, {
    timeoutMs: 180_000,
    everyMs: 1_000,
  });
  ids = new Map(liveUsers(world.stage).map((user) => [user.userPrincipalName, user.id]));
  groupId = directory().groups.all('live', directory().log.last).find(isCrew)?.value.id ?? '';
});

afterAll(() => world?.stop());

function manifest(n: number): object {
  return {
    apiVersion: 'm365-operator.io/v1alpha1',
    kind: 'M365User',
    metadata: { name: nameOf(n), namespace: 'contoso' },
    spec: {
      tenantRef: { name: 'northwind' },
      userPrincipalName: upnOf(n),
      displayName: nameOf(n),
      usageLocation: 'DE',
      jobTitle: 'Clerk',
      department: 'Sales',
      pools: ['premium'],
      groups: ['Crew'],
    },
  };
}

async function readyPeople(): Promise<number> {
  const users = await world.stage.list<M365User>('m365users');
  return users.filter((user) => user.metadata.name.startsWith('drift-') && isReady(user)).length;
}

function directory() {
  const found = world.stage.simulator.world.directories.get(DEFAULT_CUSTOMER.tenantId);
  if (found === undefined) throw new Error('the customer is gone');
  return found;
}

const isCrew = ({ value }: { value: { properties: Record<string, unknown> } }): boolean =>
  value.properties['displayName'] === 'Crew';

interface Change {
  readonly author: Author;
  readonly id: string;
}

type Kind = (id: string, author: Author) => Promise<void>;

/** What others do to a person. */
const kinds: readonly Kind[] = [
  (id, author) => others.change(author, 'PATCH', `/users/${id}`, { jobTitle: 'Boss' }),
  (id, author) => others.change(author, 'PATCH', `/users/${id}`, { department: null }),
  (id, author) => others.change(author, 'PATCH', `/users/${id}`, { accountEnabled: false }),
  (id, author) => others.change(author, 'DELETE', `/groups/${groupId}/members/${id}/$ref`),
  (id, author) =>
    others.change(author, 'POST', `/users/${id}/assignLicense`, {
      addLicenses: [],
      removeLicenses: [sku],
    }),
];

const rounds = 2 * kinds.length;

function shuffled(all: readonly Kind[], random: SeededRandom): readonly Kind[] {
  return all
    .map((kind) => ({ kind, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ kind }) => kind);
}

/** By Entra itself, not by what the operator says. */
function holdsLicense(id: string): boolean {
  const { body } = world.stage.simulator.asPerson({
    service: 'graph',
    tenantId: DEFAULT_CUSTOMER.tenantId,
    userPrincipalName: administrator,
    method: 'GET',
    path: `/v1.0/users/${id}`,
    query: { $select: 'assignedLicenses' },
  });
  return JSON.stringify(body).includes(sku);
}

/** Fields, sign-in and membership, as Entra has them. */
function isAsDeclared(id: string): boolean {
  const { users, memberships, log } = directory();
  const { jobTitle, department, accountEnabled } = users.live(id)?.properties ?? {};
  const isMember = memberships.has(groupId, id, log.last);
  return jobTitle === 'Clerk' && department === 'Sales' && accountEnabled === true && isMember;
}

async function metric(name: string, labels: string): Promise<number> {
  const text = await (await fetch(world.operator.metricsUrl)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{${labels}}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

/** Lines of the audit log on what others did: `author name target`, counted. */
async function attributed(): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(world.operator.auditFile, 'utf8');
  const counts = new Map<string, number>();
  for (const line of text.trim().split('\n')) {
    const { operation, target, requestedBy } = JSON.parse(line) as {
      operation: string;
      target: string;
      requestedBy: { outside?: { type: string; name: string } };
    };
    if (operation !== 'OutsideChange') continue;
    const key = `${requestedBy.outside?.type} ${requestedBy.outside?.name} ${target}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

describe('a thousand changes by others', () => {
  const made: Change[] = [];

  it('are repaired, round by round', async () => {
    const random = seededRandom('outside changes', 7);
    // Each of them twice for a person: what is set back more often within an hour is a fight, and left to the other.
    const orders = Array.from({ length: people }, () => shuffled([...kinds, ...kinds], random));
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < people; n += 1) {
        const id = ids.get(upnOf(n)) ?? '';
        const author: Author = chosen(random, 2) === 0 ? 'User' : 'Application';
        await orders[n]?.[round]?.(id, author);
        made.push({ author, id });
      }
      const all = made.length;
      await until(
        `round ${String(round)} to be repaired`,
        async () =>
          (await metric('m365_drift_corrected_total', 'kind="M365User"')) >= all &&
          made.slice(-people).every(({ id }) => isAsDeclared(id)),
        { timeoutMs: 60_000, everyMs: 200 },
      );
    }
    expect(made).toHaveLength(1_000);
  }, 240_000);

  it('are all attributed to who made them', async () => {
    const expected = new Map<string, number>();
    for (const { author, id } of made) {
      const key = `${author} ${others.nameOf(author)} ${id}`;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    const total = async (): Promise<number> =>
      [...(await attributed()).values()].reduce((sum, count) => sum + count, 0);
    await expect.poll(total, { timeout: 60_000, interval: 500 }).toBeGreaterThanOrEqual(1_000);
    expect(await attributed()).toEqual(expected);
  }, 90_000);

  it('are all reported, and none is invented', async () => {
    expect(await metric('m365_drift_detected_total', 'kind="M365User"')).toBe(1_000);
    expect(await metric('m365_drift_corrected_total', 'kind="M365User"')).toBe(1_000);
    const byType = async (type: Author): Promise<number> =>
      metric('m365_outside_changes_total', `kind="M365User",author_type="${type}"`);
    expect((await byType('User')) + (await byType('Application'))).toBe(1_000);
    expect(
      Array.from({ length: people }, (_, n) => ids.get(upnOf(n)) ?? '').filter(
        (id) => !holdsLicense(id),
      ),
    ).toEqual([]);
    const users = await world.stage.list<M365User>('m365users');
    const last = users.find(({ status }) => (status?.outsideChanges?.length ?? 0) > 0);
    expect(last?.status?.outsideChanges?.[0]).toMatchObject({ by: expect.any(String) as string });
  });
});

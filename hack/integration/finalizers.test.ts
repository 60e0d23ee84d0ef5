/**
 * The deadlock catalogue of finalizers (reference/operators.md 1.14), each row on real parts: whatever is deleted first,
 * and whatever the outside answers, every object ends, or says why it cannot, and ends when that is mended.
 *
 * Two rows are proven elsewhere: a hook that throws keeps the finalizer (operator/runtime/reconcile.test.ts), and the
 * patch that removes ours leaves those of others (kube.test.ts).
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PartnerConnection } from '../../operator/core/objects.ts';
import { finalizer } from '../../operator/core/plan.ts';
import type { Resource } from '../../operator/core/resource.ts';
import { conditionOf } from '../demo/objects.ts';
import { shuffle } from '../simulator/random.ts';
import { applyCredentials, type Stage } from '../stage/index.ts';
import {
  customerIdOf,
  type DeclaredCustomer,
  directoryOf,
  peopleIn,
} from '../testing/after-faults.ts';
import {
  applyConnection,
  customer,
  customerManifests,
  expectConverged,
  namespace,
  objectsOf,
  startCustomerStage,
} from '../testing/customers.ts';
import { expectStatusRules } from '../testing/expect-status.ts';
import { type Replica, startReplica, untilDrained } from '../testing/replicas.ts';
import { seededRandom } from '../testing/seed.ts';

const parents = customer('parents', ['one', 'two']);
const secretFirst = customer('secretfirst');
const everything = customer('everything', ['one', 'two']);
const paused = customer('paused');
// Two, each so small that the guard of mass changes has nothing to wait for.
const people = customer('people', ['retained', 'disabled', 'softdeleted', 'gone']);
const morePeople = customer('morepeople', ['refused', 'unknown', 'shared']);
const customers = [parents, secretFirst, everything, paused, people, morePeople];

let stage: Stage;
let replica: Replica;

beforeAll(async () => {
  stage = await startCustomerStage();
  replica = await startReplica(stage, 'one');
  await stage.apply(customers.map((declared) => customerManifests(declared)).join('---\n'));
  await expectConverged(stage, customers);
});

afterAll(async () => {
  await replica?.stop();
  await stage?.stop();
});

const within = { timeout: 25_000, interval: 250 };

function kubectl(...args: readonly string[]): Promise<string> {
  return stage.controlPlane.kubectl(args);
}

/** Asks for the deletion and does not wait for the end. */
async function remove(kind: string, name: string, at = namespace): Promise<void> {
  await kubectl('delete', kind, name, '-n', at, '--wait=false', '--ignore-not-found');
}

async function userNamed(name: string): Promise<Resource | undefined> {
  return (await stage.list<Resource>('m365users')).find(({ metadata }) => metadata.name === name);
}

async function expectGone(declared: DeclaredCustomer): Promise<void> {
  await vi.waitFor(async () => {
    const left = await objectsOf(stage, declared);
    const shown = left.map(
      (o) => `${o.kind} ${o.metadata.name}: ${conditionOf(o, 'Ready')?.reason ?? ''}`,
    );
    expect(shown).toEqual([]);
  }, within);
}

/** Enabled accounts of the customer's people: what a deletion with policy Disable leaves none of. */
function enabledPeople({ name, domain }: DeclaredCustomer): readonly string[] {
  return peopleIn(directoryOf(stage.simulator, name), domain)
    .filter(({ properties }) => properties.accountEnabled)
    .map(({ userPrincipalName }) => userPrincipalName);
}

const customerOf = (part: string): DeclaredCustomer =>
  [people, morePeople].find(({ users, domain }) => users.includes(`${part}@${domain}`)) ?? people;

function person(part: string) {
  const { name, domain } = customerOf(part);
  const all = peopleIn(directoryOf(stage.simulator, name), domain);
  return all.find(({ userPrincipalName }) => userPrincipalName === `${part}@${domain}`);
}

function objectNameOf(part: string): string {
  const { name, domain, users } = customerOf(part);
  const index = users.indexOf(`${part}@${domain}`);
  return index === 0 ? name : `${name}-${String(index)}`;
}

describe('parents and credentials', () => {
  it('deleted before their children: all end, and the people cannot sign in', async () => {
    await remove('m365tenant', parents.name);
    await vi.waitFor(async () => {
      const objects = await objectsOf(stage, parents);
      const tenant = objects.find(({ kind }) => kind === 'M365Tenant');
      expect(tenant && conditionOf(tenant, 'Ready')).toMatchObject({ reason: 'InUse' });
    }, within);
    await kubectl('delete', 'm365users', 'parents', 'parents-1', '-n', namespace, '--wait=false');
    await remove('licensepool', parents.name);
    await expectGone(parents);
    expect(enabledPeople(parents)).toEqual([]);
    // The connection knows it now, and not at its next probe in five minutes.
    await vi.waitFor(async () => {
      const [connection] = await stage.list<PartnerConnection>('partnerconnections');
      expect(connection?.status?.tenants).toBe(customers.length - 1);
    }, within);
  }, 120_000);

  it('the Secret is gone: a user says so, and ends when it is back', async () => {
    await remove('secret', 'eu-prod-credentials', 'provider');
    await remove('m365user', secretFirst.name);
    try {
      // The connection may have noticed first; it says the same of itself.
      await expectHeld(secretFirst.name, /^(SecretNotFound|ConnectionNotReady)$/);
    } finally {
      await applyCredentials(stage);
    }
    await vi.waitFor(async () => expect(await userNamed(secretFirst.name)).toBeUndefined(), within);
    expect(enabledPeople(secretFirst)).toEqual([]);
  }, 120_000);

  it('that never came to be hold nobody: nothing was made, all end', async () => {
    const never = customer('never');
    const manifests = customerManifests(never).replaceAll('name: eu-prod', 'name: missing');
    await stage.apply(manifests);
    await vi.waitFor(async () => {
      const objects = await objectsOf(stage, never);
      const waiting = objects.map((o) => conditionOf(o, 'Ready')?.status);
      expect(waiting).toEqual(['False', 'False', 'False']);
    }, within);
    await kubectl('delete', 'mt,lp,mu', never.name, '-n', namespace, '--wait=false');
    await expectGone(never);
  }, 90_000);

  it('that are paused hold no child that is deleted', async () => {
    const suspend = '{"spec":{"suspend":true}}';
    await kubectl('patch', 'mt', paused.name, '-n', namespace, '--type=merge', '-p', suspend);
    await kubectl('patch', 'mu', paused.name, '-n', namespace, '--type=merge', '-p', suspend);
    await kubectl('delete', 'mt,lp,mu', paused.name, '-n', namespace, '--wait=false');
    await expectGone(paused);
    expect(enabledPeople(paused)).toEqual([]);
  }, 90_000);
});

/** Kept by our finalizer, on its way out, and it says why. */
async function expectHeld(name: string, reason: RegExp): Promise<void> {
  await vi.waitFor(async () => {
    const user = await userNamed(name);
    expect(user?.metadata.finalizers).toContain(finalizer);
    if (user === undefined) return;
    expect(conditionOf(user, 'Deleting')?.status).toBe('True');
    expect(conditionOf(user, 'Synced')).toMatchObject({
      status: 'False',
      reason: expect.stringMatching(reason) as string,
    });
    expectStatusRules(user);
  }, within);
  await vi.waitFor(async () => {
    const args = ['get', 'events', '-n', namespace, '-o', 'json'];
    const { items } = JSON.parse(await kubectl(...args)) as {
      items: { involvedObject: { name: string }; reason: string }[];
    };
    const told = items.filter(({ involvedObject }) => involvedObject.name === name);
    expect(told.some((event) => reason.test(event.reason))).toBe(true);
  }, within);
}

describe('people outside', () => {
  it.each([
    ['Retain', 'retained', { isThere: true, isEnabled: true }],
    ['Disable', 'disabled', { isThere: true, isEnabled: false }],
    ['SoftDelete', 'softdeleted', { isThere: false, isEnabled: false }],
  ] as const)(
    'deletionPolicy %s does as it says',
    async (deletionPolicy, part, expected) => {
      const name = objectNameOf(part);
      const spec = JSON.stringify({ spec: { deletionPolicy } });
      await kubectl('patch', 'mu', name, '-n', namespace, '--type=merge', '-p', spec);
      await kubectl('delete', 'mu', name, '-n', namespace, '--timeout=60s');
      const found = person(part);
      expect(found !== undefined).toBe(expected.isThere);
      expect(found?.properties.accountEnabled ?? false).toBe(expected.isEnabled);
    },
    90_000,
  );

  it('whom somebody else deleted meanwhile (404) hold nothing', async () => {
    const name = objectNameOf('gone');
    const id = person('gone')?.id ?? '';
    const spec = '{"spec":{"deletionPolicy":"SoftDelete","suspend":true}}';
    await kubectl('patch', 'mu', name, '-n', namespace, '--type=merge', '-p', spec);
    const tenantId = customerIdOf(stage.simulator, people.name) ?? '';
    const answer = stage.simulator.asPerson({
      service: 'graph',
      tenantId,
      userPrincipalName: 'admin@portal.example',
      method: 'DELETE',
      path: `/v1.0/users/${id}`,
    });
    expect(answer.status).toBe(204);
    await kubectl('delete', 'mu', name, '-n', namespace, '--timeout=60s');
    expect(person('gone')).toBeUndefined();
  }, 90_000);

  it.each([
    [403, 'refused'],
    [401, 'unknown'],
  ] as const)(
    'that answer %d keep the finalizer, are not hammered, and end when it is mended',
    async (status, part) => {
      const name = objectNameOf(part);
      const id = person(part)?.id ?? '';
      const { next } = stage.simulator.journal.since(0);
      stage.simulator.faults.add({
        service: 'graph',
        method: 'PATCH',
        path: `/users/${id}`,
        kind: 'status',
        status,
      });
      await remove('mu', name);
      await expectHeld(name, status === 403 ? /^PermissionDenied$/ : /^TokenRefused$/);
      const tries = stage.simulator.journal
        .since(next)
        .entries.filter(({ fault }) => fault === 'status');
      expect(tries.length).toBeGreaterThan(0);
      expect(tries.length).toBeLessThan(6);
      stage.simulator.faults.clear();
      const now = 'm365-operator.io/reconcile-requested-at=now';
      await kubectl('annotate', 'mu', name, '-n', namespace, now);
      await vi.waitFor(async () => expect(await userNamed(name)).toBeUndefined(), within);
      expect(person(part)?.properties.accountEnabled).toBe(false);
    },
    120_000,
  );

  it('of an object that others hold too: ours goes, theirs stays', async () => {
    const name = objectNameOf('shared');
    const theirs = 'example.com/theirs';
    const add = JSON.stringify([{ op: 'add', path: '/metadata/finalizers/0', value: theirs }]);
    await kubectl('patch', 'mu', name, '-n', namespace, '--type=json', '-p', add);
    await remove('mu', name);
    await vi.waitFor(async () => {
      expect((await userNamed(name))?.metadata.finalizers).toEqual([theirs]);
    }, within);
    expect(person('shared')?.properties.accountEnabled).toBe(false);
    const none = '{"metadata":{"finalizers":null}}';
    await kubectl('patch', 'mu', name, '-n', namespace, '--type=merge', '-p', none);
  }, 90_000);
});

describe('everything at once', () => {
  it('in any order, the Secret and the connection too: all end, or say why until the Secret is back', async () => {
    const random = seededRandom('everything at once', 4);
    const objects = await objectsOf(stage, everything);
    const ours = objects.map(({ kind, metadata }) => [kind, metadata.name, namespace] as const);
    const order = shuffle(
      [
        ...ours,
        ['PartnerConnection', 'eu-prod', 'provider'],
        ['Secret', 'eu-prod-credentials', 'provider'],
      ] as const,
      random,
    );
    console.info(order.map(([kind, name]) => `${kind} ${name}`).join(', '));
    for (const [kind, name, at] of order) await remove(kind, name, at);
    await vi.waitFor(async () => {
      const left = await objectsOf(stage, everything);
      for (const object of left) {
        expect(conditionOf(object, 'Deleting')?.status).toBe('True');
        expect(['SecretNotFound', 'ConnectionNotReady', 'InUse']).toContain(reasonOf(object));
      }
    }, within);
    await applyCredentials(stage);
    await expectGone(everything);
    expect(enabledPeople(everything)).toEqual([]);
    await untilDrained(replica);
    await applyConnection(stage);
  }, 180_000);
});

/** Why it does not go on: a failure, else what it waits for. */
function reasonOf(object: Resource): string | undefined {
  const synced = conditionOf(object, 'Synced');
  return synced?.status === 'False' ? synced.reason : conditionOf(object, 'Ready')?.reason;
}

/** What stays true of a directory, whatever is done to it and in whatever order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPartnerCenter } from './commerce/index.ts';
import { createWorld } from './create-world.ts';
import type { Directory } from './directory/directory.ts';
import { directoryApi } from './directory/index.ts';
import { assignedLicenses } from './directory/records.ts';
import { createGraph } from './graph/index.ts';
import { callAsPerson } from './portal.ts';
import { DEFAULT_CUSTOMER, seedDefaultWorld } from './seed.ts';
import { newGroup, newUser } from './test-kit.ts';

const { tenantId, domain, initialDomain } = DEFAULT_CUSTOMER;
const SKU = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
const NAMES = ['ada', 'bob', 'cem', 'dia'] as const;

interface Item {
  readonly id: string;
  readonly '@removed'?: object;
  readonly 'members@delta'?: readonly Item[];
  readonly [name: string]: unknown;
}
interface Body {
  readonly id: string;
  readonly value: readonly Item[];
  readonly '@odata.nextLink'?: string;
  readonly '@odata.deltaLink'?: string;
}

/** One tenant, asked by its administrator; refusals are part of the game. */
class Tenant {
  readonly world = createWorld({ frozen: true, startAt: '2026-09-01T09:00:00Z' });
  readonly directory: Directory;
  private readonly context;

  constructor() {
    const { world } = this;
    this.context = {
      world,
      journal: world.rooms.journal,
      faults: world.rooms.faults,
      graph: createGraph(world),
      partnerCenter: createPartnerCenter(world, directoryApi),
    };
    seedDefaultWorld(world);
    Object.assign(world.settings, { deltaReplayRate: 0.3, deltaRepeatRate: 0.3 });
    this.directory = world.directories.get(tenantId)!;
  }

  ask(method: string, url: string, body?: unknown): Body | undefined {
    const { pathname, searchParams } = new URL(url, 'https://graph.microsoft.com/v1.0/');
    const answer = callAsPerson(this.context, {
      service: 'graph',
      tenantId,
      userPrincipalName: `admin@${initialDomain}`,
      method,
      path: pathname.startsWith('/v1.0') ? pathname : `/v1.0${pathname}`,
      query: Object.fromEntries(searchParams),
      body,
    });
    if (answer.status >= 500) throw new Error(`${method} ${url}: ${answer.status}`);
    return answer.status < 300 ? (answer.body as Body) : undefined;
  }

  /** The nth user or group that ever was, dead ones too. */
  id(set: 'users' | 'groups', n: number): string {
    const ids = [...this.directory[set].ids()];
    return ids[n % ids.length] ?? tenantId;
  }
}

/** Somebody who follows delta and keeps what they were told. */
class Follower {
  readonly known = new Map<string, Map<string, unknown>>();
  readonly members = new Map<string, Set<string>>();
  private link: string;
  private readonly tenant: Tenant;
  private readonly first: string;

  constructor(tenant: Tenant, first: string) {
    this.tenant = tenant;
    this.first = first;
    this.link = first;
  }

  follow(): void {
    for (let next: string | undefined = this.link; next !== undefined; ) {
      const body: Body | undefined = this.tenant.ask('GET', next);
      // A link that is too old: everything from the start.
      if (!body) this.forget();
      for (const item of body?.value ?? []) this.merge(item);
      this.link = body?.['@odata.deltaLink'] ?? this.link;
      next = body ? body['@odata.nextLink'] : this.first;
    }
  }

  private forget(): void {
    this.known.clear();
    this.members.clear();
  }

  private merge(item: Item): void {
    const { id, 'members@delta': members, '@removed': removed, ...shown } = item;
    if (removed) {
      this.known.delete(id);
      this.members.delete(id);
      return;
    }
    const entity = this.known.get(id) ?? new Map<string, unknown>();
    for (const [name, value] of Object.entries(shown)) entity.set(name, value ?? null);
    this.known.set(id, entity);
    const set = this.members.get(id) ?? new Set<string>();
    for (const member of members ?? []) {
      if (member['@removed']) set.delete(member.id);
      else set.add(member.id);
    }
    this.members.set(id, set);
  }
}

type Step = (tenant: Tenant) => void;
const number = fc.nat(30);
const STEPS: readonly fc.Arbitrary<Step>[] = [
  fc.constantFrom(...NAMES).map((name) => (tenant) => {
    tenant.ask('POST', '/users', { ...newUser(name, domain), usageLocation: 'DE' });
  }),
  fc.tuple(number, fc.constantFrom('IT', 'Sales', null)).map(([n, department]) => (tenant) => {
    tenant.ask('PATCH', `/users/${tenant.id('users', n)}`, { department });
  }),
  fc.tuple(number, fc.constantFrom(...NAMES)).map(([n, name]) => (tenant) => {
    const userPrincipalName = `${name}@${domain}`;
    tenant.ask('PATCH', `/users/${tenant.id('users', n)}`, { userPrincipalName });
  }),
  number.map((n) => (tenant) => {
    tenant.ask('DELETE', `/users/${tenant.id('users', n)}`);
  }),
  number.map((n) => (tenant) => {
    tenant.ask('POST', `/directory/deletedItems/${tenant.id('users', n)}/restore`);
  }),
  number.map((n) => (tenant) => {
    tenant.ask('DELETE', `/directory/deletedItems/${tenant.id('users', n)}`);
  }),
  fc.tuple(number, fc.boolean()).map(([n, isAdded]) => (tenant) => {
    tenant.ask('POST', `/users/${tenant.id('users', n)}/assignLicense`, licenses(isAdded));
  }),
  fc.tuple(number, fc.boolean()).map(([n, isAdded]) => (tenant) => {
    tenant.ask('POST', `/groups/${tenant.id('groups', n)}/assignLicense`, licenses(isAdded));
  }),
  fc.constantFrom(...NAMES).map((name) => (tenant) => {
    tenant.ask('POST', '/groups', newGroup(name));
  }),
  number.map((n) => (tenant) => {
    tenant.ask('DELETE', `/groups/${tenant.id('groups', n)}`);
  }),
  fc.tuple(number, number, fc.boolean()).map(([n, m, isUser]) => (tenant) => {
    const id = tenant.id(isUser ? 'users' : 'groups', m);
    tenant.ask('POST', `/groups/${tenant.id('groups', n)}/members/$ref`, {
      '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
    });
  }),
  fc.tuple(number, number).map(([n, m]) => (tenant) => {
    const path = `/groups/${tenant.id('groups', n)}/members/${tenant.id('users', m)}/$ref`;
    tenant.ask('DELETE', path);
  }),
  fc.constantFrom(1, 20, 31).map((days) => (tenant) => {
    tenant.world.clock.advance(days * 86_400_000);
  }),
];

function licenses(isAdded: boolean): object {
  const add = [{ skuId: SKU, disabledPlans: [] }];
  return { addLicenses: isAdded ? add : [], removeLicenses: isAdded ? [] : [SKU] };
}

const story = fc.array(fc.oneof(...STEPS), { minLength: 10, maxLength: 60 });

describe('a directory', () => {
  it('counts each seat once and never gives more than there are', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const tenant = new Tenant();
        for (const step of steps) step(tenant);
        const { users, seatsInUse, log } = tenant.directory;
        const holders = [...users.all('live', log.last)].filter(({ value }) =>
          assignedLicenses(value.licenses).some(({ skuId }) => skuId === SKU),
        );
        expect(seatsInUse.get(SKU)).toBe(holders.length);
        expect(holders.length).toBeLessThanOrEqual(7);
      }),
      { numRuns: 60 },
    );
  });

  it('never holds two live people of one name', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const tenant = new Tenant();
        for (const step of steps) step(tenant);
        const { users, log } = tenant.directory;
        const names = [...users.all('live', log.last)].map(({ value }) => value.userPrincipalName);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(tenant.ask('GET', `/users/${name}`)).toBeDefined();
      }),
      { numRuns: 30 },
    );
  });

  it('tells a follower of delta all there is to know, replays and repeats included', () => {
    fc.assert(
      fc.property(story, fc.nat(5), (steps, every) => {
        const tenant = new Tenant();
        const people = new Follower(tenant, '/users/delta?$select=id,department,userPrincipalName');
        const groups = new Follower(tenant, '/groups/delta?$select=id,displayName,members');
        steps.forEach((step, index) => {
          step(tenant);
          if (index % (every + 1) > 0) return;
          people.follow();
          groups.follow();
        });
        for (const follower of [people, groups]) follower.follow();
        expect(shown(people.known)).toEqual(listed(tenant, 'users'));
        expect([...groups.known.keys()].sort()).toEqual(liveIds(tenant, 'groups'));
        for (const id of groups.known.keys()) {
          const now = tenant.directory.memberships.members(id, tenant.directory.log.last);
          expect([...(groups.members.get(id) ?? [])].sort()).toEqual(now.sort());
        }
      }),
      { numRuns: 60 },
    );
  });
});

function liveIds({ directory }: Tenant, set: 'users' | 'groups'): string[] {
  return [...directory[set].all('live', directory.log.last)].map(({ value }) => value.id).sort();
}

function listed(tenant: Tenant, set: 'users'): Record<string, unknown> {
  const { users } = tenant.directory;
  return Object.fromEntries(
    liveIds(tenant, set).map((id) => {
      const user = users.live(id);
      return [id, [user?.userPrincipalName, user?.properties['department'] ?? null]];
    }),
  );
}

function shown(known: Follower['known']): Record<string, unknown> {
  const rows = [...known].map(([id, entity]) => [
    id,
    [entity.get('userPrincipalName'), entity.get('department') ?? null],
  ]);
  return Object.fromEntries(rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))) as Record<
    string,
    unknown
  >;
}

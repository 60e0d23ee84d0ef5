import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  entraUser,
  inHours,
  observedTenant,
  observedUser,
  readyCondition,
  nowMs as startMs,
  tenant,
  user,
  withConditions,
} from '../../hack/testing/build.ts';
import { shown } from '../../hack/testing/plan-checks.ts';
import type { M365Tenant, M365User } from '../core/objects.ts';
import { planTenant } from './m365-tenant/plan.ts';
import { planUser } from './m365-user/plan.ts';
import { massChangeOf } from './mass-change.ts';
import { MassChangeGuard } from './mass-change-guard.ts';

const plan = { plans: [{ name: 'standard', pools: ['premium'] }] };
const ready = { entraId: 'id', licenses: ['premium'] };

describe('what counts', () => {
  const rows = [
    ['as declared', {}, ready, undefined],
    ['blocked', { enabled: false }, ready, 'disabled'],
    ['blocked, was never there', { enabled: false }, {}, undefined],
    ['left by date', { enabled: false, leaveAt: inHours(-1) }, ready, undefined],
    ['leaves tomorrow', { leaveAt: inHours(24) }, ready, undefined],
    ['starts tomorrow, and works already', { startAt: inHours(24) }, ready, 'disabled'],
    ['starts tomorrow, is new', { startAt: inHours(24) }, { entraId: 'id' }, undefined],
    ['has started', { startAt: inHours(-1) }, ready, undefined],
    ['without its plan', { plan: undefined }, ready, 'unlicensed'],
    ['with a plan that lost its pool', { plan: 'other' }, ready, 'unlicensed'],
  ] as const;
  it.each(rows)('%s', (_, spec, status, expected) => {
    const person = user({ spec: { plan: 'standard', usageLocation: 'DE', ...spec }, status });
    expect(massChangeOf(person, tenant({ spec: plan }), startMs)).toBe(expected);
  });

  const deleted = { deletionTimestamp: inHours(0) };
  it.each([
    ['Disable', 'deletions'],
    ['SoftDelete', 'deletions'],
    ['Retain', undefined],
  ] as const)('deleted, %s', (deletionPolicy, expected) => {
    const person = user({ metadata: deleted, spec: { deletionPolicy }, status: ready });
    expect(massChangeOf(person, tenant(), startMs)).toBe(expected);
  });

  const blockedAt = inHours(-48);
  it.each([
    ['days are left', { retentionDays: 3 }, { blockedAt }, undefined],
    ['the days are over', { retentionDays: 1 }, { blockedAt }, 'deletions'],
    ['a legal hold stops them', { retentionDays: 1, legalHold: true }, { blockedAt }, undefined],
    ['it is done', { retentionDays: 1 }, { blockedAt, deletedAt: blockedAt }, undefined],
  ] as const)('left by date: %s', (_, spec, leaver, expected) => {
    const left = { leaveAt: inHours(-48), ...spec };
    const person = user({ spec: left, status: { ...ready, leaver } });
    expect(massChangeOf(person, tenant(), startMs)).toBe(expected);
  });

  it('accounts that are not ours to delete are no deletion', () => {
    const spec = { leaveAt: inHours(-48), retentionDays: 1 };
    const person = user({ spec, status: { ...ready, leaver: { blockedAt } } });
    const told = { ...readyCondition(), type: 'AccountsDeleted', status: 'False' } as const;
    const kept = withConditions(person, [{ ...told, reason: 'AccountsNotOurs' }]);
    expect(massChangeOf(kept, tenant(), startMs)).toBeUndefined();
  });

  it('a person who is blocked already is not blocked again', () => {
    const person = user({ spec: { enabled: false }, status: { entraId: 'id' } });
    const blocked = withConditions(person, [readyCondition('Disabled')]);
    expect(massChangeOf(blocked, tenant(), startMs)).toBeUndefined();
  });
});

/** A tenant and its people, as the engine would carry their plans out. */
class Town {
  nowMs = startMs;
  tenant: M365Tenant;
  people: M365User[];
  done: string[] = [];
  /** Writes of `status.massChangeWindow`. */
  stored = 0;
  /** Whether the tenant can be looked at. */
  isTenantWell = true;
  guard = this.#newGuard();

  constructor(
    size: number,
    guard: Partial<NonNullable<M365Tenant['spec']['massChangeGuard']>> = {},
  ) {
    const limits = { maxUsers: 25, maxPercent: 30, windowMinutes: 60, ...guard };
    this.tenant = tenant({ spec: { massChangeGuard: limits } });
    this.people = Array.from({ length: size }, (_, n) =>
      withConditions(
        user({ metadata: { name: `p${n}`, uid: `uid-${n}` }, status: { entraId: `id-${n}` } }),
        [readyCondition()],
      ),
    );
  }

  #newGuard(): MassChangeGuard {
    return new MassChangeGuard({
      cluster: { referencing: <R>() => this.people as unknown as R[] },
      wake: () => undefined,
      nowMs: () => this.nowMs,
    });
  }

  restart(): void {
    this.guard = this.#newGuard();
  }

  block(from: number, to: number): void {
    this.#edit(from, to, false);
  }

  unblock(from: number, to: number): void {
    this.#edit(from, to, true);
  }

  #edit(from: number, to: number, enabled: boolean): void {
    this.people = this.people.map((person, n) =>
      n >= from && n < to ? { ...person, spec: { ...person.spec, enabled } } : person,
    );
  }

  confirm(batch: string | undefined): void {
    const annotations = { 'm365-operator.io/confirm': batch ?? 'none' };
    this.tenant = { ...this.tenant, metadata: { ...this.tenant.metadata, annotations } };
  }

  get batch() {
    return this.tenant.status?.massChange;
  }

  /** Everybody is looked at so often, some seconds apart. */
  pass(rounds = 4): void {
    for (let round = 0; round < rounds; round += 1) {
      this.nowMs += 2_000;
      this.people = this.people.map((person) => this.#look(person));
      this.#lookAtTenant();
    }
  }

  #lookAtTenant(): void {
    if (!this.isTenantWell) return;
    const massChanges = this.guard.countsOf(this.tenant);
    const massChangeWindow = this.guard.windowOf(this.tenant);
    const observed = observedTenant({ massChanges, massChangeWindow });
    const { status } = planTenant(this.tenant, observed, this.nowMs);
    if (status.massChangeWindow !== this.tenant.status?.massChangeWindow) this.stored += 1;
    this.tenant = { ...this.tenant, status: { ...this.tenant.status, ...status } };
  }

  #look(person: M365User): M365User {
    const accountEnabled = person.status?.conditions?.[0]?.reason !== 'Disabled';
    const hold = this.guard.holdOf(person, this.tenant);
    const before = observedUser({ hold, entra: entraUser({ accountEnabled }) });
    const first = planUser(person, before, this.nowMs);
    if (first.actions.length === 0) return this.#saved(person, first);
    if (!person.spec.enabled) this.done.push(person.metadata.uid);
    this.guard.noteDone(person, this.tenant);
    const after = observedUser({
      hold: this.guard.holdOf(person, this.tenant),
      entra: entraUser({ accountEnabled: person.spec.enabled }),
    });
    const sessionsRevoked = person.spec.enabled ? undefined : true;
    const done = { ...person, status: { ...person.status, sessionsRevoked } };
    return this.#saved(done, planUser(done, after, this.nowMs));
  }

  #saved(person: M365User, { status, conditions }: ReturnType<typeof planUser>): M365User {
    return withConditions({ ...person, status: { ...person.status, ...status } }, conditions);
  }
}

describe('a change of many people', () => {
  it('within the limits waits for some seconds, and is done', () => {
    const town = new Town(100);
    town.block(0, 20);
    town.pass(1);
    expect(town.done).toEqual([]);
    town.pass();
    expect(town.done).toHaveLength(20);
    expect(town.batch).toBeUndefined();
  });

  it('in a tenant of five is done at once', () => {
    const town = new Town(5);
    town.block(0, 5);
    town.pass(1);
    expect(town.done).toHaveLength(5);
  });

  it('beyond the number is held: nothing is done, and the batch has a name', () => {
    const town = new Town(100);
    town.block(0, 26);
    town.pass();
    expect(town.done).toEqual([]);
    expect(town.batch).toMatchObject({ users: 26, disabled: 26, confirmed: false });
    expect(town.batch?.batch).toMatch(/^26-users-[0-9a-f]{8}$/);
    const massChanges = town.guard.countsOf(town.tenant);
    const shownPlan = planTenant(town.tenant, observedTenant({ massChanges }), town.nowMs);
    expect(shown(shownPlan, 'MassChangeHeld')).toBe('True TooManyUsers');
  });

  it('beyond the share is held, though the number is small', () => {
    const town = new Town(12);
    town.block(0, 6);
    town.pass();
    expect(town.done).toEqual([]);
    expect(town.batch?.users).toBe(6);
  });

  it('is done once its batch is confirmed, and goes on after a restart', () => {
    const town = new Town(100);
    town.block(0, 57);
    town.pass();
    town.confirm(town.batch?.batch);
    town.pass(1);
    town.restart();
    town.pass();
    expect(new Set(town.done).size).toBe(57);
    expect(town.batch).toBeUndefined();
    expect(town.people.filter(({ status }) => status?.heldBatch !== undefined)).toEqual([]);
  });

  it.each(['57-users-00000000', '26-users-guessed', ''])('is not confirmed by "%s"', (name) => {
    const town = new Town(100);
    town.block(0, 57);
    town.pass();
    town.confirm(name);
    town.pass();
    expect(town.done).toEqual([]);
  });

  it('that has grown since is another batch: the old name confirms nothing', () => {
    const town = new Town(100);
    town.block(0, 30);
    town.pass();
    const seen = town.batch?.batch;
    town.block(30, 60);
    town.confirm(seen);
    town.pass();
    expect(town.done).toEqual([]);
    expect(town.batch?.users).toBe(60);
  });

  it('that is taken back in Git is forgotten', () => {
    const town = new Town(100);
    town.block(0, 57);
    town.pass();
    town.unblock(0, 57);
    town.pass();
    expect(town.done).toEqual([]);
    expect(town.batch).toBeUndefined();
    expect(town.people.every(({ status }) => status?.heldBatch === undefined)).toBe(true);
  });

  it('one person after the other within the window counts together', () => {
    const town = new Town(100);
    for (let n = 0; n < 30; n += 1) {
      town.block(n, n + 1);
      town.pass();
    }
    expect(town.done.length).toBe(25);
    expect(town.batch?.users).toBe(5);
  });
});

describe('a restart within the window', () => {
  const blocked = (count: number) => {
    const town = new Town(100);
    town.block(0, count);
    town.pass(8);
    expect(town.done).toHaveLength(count);
    return town;
  };

  it('still counts who was changed before, stored once for all of them', () => {
    const town = blocked(20);
    expect(town.stored).toBe(1);
    town.restart();
    town.block(20, 30);
    town.pass(8);
    expect(town.done).toHaveLength(20);
    expect(town.batch?.users).toBe(10);
  });

  it('does not count them once it is over, and then nothing is kept', () => {
    const town = blocked(20);
    town.restart();
    town.nowMs += 3_600_000;
    town.pass(1);
    expect(town.tenant.status?.massChangeWindow).toBeUndefined();
    town.block(20, 30);
    town.pass(8);
    expect(town.done).toHaveLength(30);
  });

  it('counts who was stored and not changed yet as one', () => {
    const town = new Town(100);
    town.block(0, 20);
    town.pass(4);
    expect(town.tenant.status?.massChangeWindow).toMatchObject([{ people: { length: 20 } }]);
    expect(town.done).toEqual([]);
    town.restart();
    town.pass(8);
    expect(town.done).toHaveLength(20);
    expect(town.batch).toBeUndefined();
  });

  it('is nothing that five people are worth a write for', () => {
    expect(blocked(5).stored).toBe(0);
  });

  it('counts also who was too few to be stored, once there are more', () => {
    const town = blocked(4);
    town.block(4, 20);
    town.pass(8);
    town.restart();
    town.block(20, 26);
    town.pass(8);
    expect(town.done).toHaveLength(20);
    expect(town.batch?.users).toBe(6);
  });

  it('holds nobody who stays where the tenant cannot be looked at for long', () => {
    const town = new Town(100);
    town.isTenantWell = false;
    town.block(0, 20);
    town.pass(8);
    expect(town.done).toEqual([]);
    town.pass(14);
    expect(town.done).toHaveLength(20);
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant('block'), from: fc.nat(29), count: fc.integer({ min: 1, max: 20 }) }),
  fc.record({
    do: fc.constant('unblock'),
    from: fc.nat(29),
    count: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({
    do: fc.constantFrom('pass', 'restart'),
    from: fc.constant(0),
    count: fc.constant(0),
  }),
);

describe('over random histories', () => {
  it('no more people than the limit are done without a confirmation', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const town = new Town(30, { maxUsers: 10, maxPercent: 100 });
        let restarts = 0;
        for (const { do: what, from, count } of steps) {
          if (what === 'block') town.block(from, from + count);
          if (what === 'unblock') town.unblock(from, from + count);
          if (what === 'restart') restarts += 1;
          if (what === 'restart') town.restart();
          town.pass();
        }
        // A restart may forget five, who are not worth a write.
        expect(new Set(town.done).size).toBeLessThanOrEqual(10 + 5 * restarts);
      }),
      { numRuns: 60 },
    );
  });
});

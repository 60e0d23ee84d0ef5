import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inHours,
  readyCondition,
  nowMs as startMs,
  tenant,
  user,
  withConditions,
} from '../../hack/testing/build.ts';
import { observedTenant } from '../../hack/testing/observed.ts';
import { shown } from '../../hack/testing/plan-checks.ts';
import { Town } from '../../hack/testing/town.ts';
import { planTenant } from './m365-tenant/plan.ts';
import { massChangeOf } from './mass-change.ts';

const plan = { plans: [{ name: 'standard', pools: ['premium'] }] };
const ready = { entraId: 'id', licenses: ['premium'] };

/** Leaves at one hour from now, which was seen at the other. */
function announced(leaves: number, seen: number) {
  return { ...ready, leaveAnnounced: { leaveAt: inHours(leaves), seenAt: inHours(seen) } };
}

describe('what counts', () => {
  const rows = [
    ['as declared', {}, ready, undefined],
    ['blocked', { enabled: false }, ready, 'disabled'],
    ['blocked, was never there', { enabled: false }, {}, undefined],
    ['left by date', { leaveAt: inHours(-1) }, ready, 'disabled'],
    ['… as announced for so long', { leaveAt: inHours(-1) }, announced(-1, -2), undefined],
    ['… announced too late', { leaveAt: inHours(-1) }, announced(-1, -1.9), 'disabled'],
    ['… for another day', { leaveAt: inHours(-1) }, announced(20, -100), 'disabled'],
    [
      '… and blocked before',
      { leaveAt: inHours(-1) },
      { ...ready, leaver: { blockedAt: inHours(0) } },
      undefined,
    ],
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

describe('people who leave', () => {
  it('are blocked at once where they are few, one and five', () => {
    const town = new Town(100);
    town.leave(0, 1);
    town.pass(1);
    expect(town.done).toHaveLength(1);
    town.leave(1, 5);
    town.pass(1);
    expect(town.done).toHaveLength(5);
    expect(town.batch).toBeUndefined();
  });

  it('within the limits wait for some seconds like others', () => {
    const town = new Town(100);
    town.leave(0, 20);
    town.pass(1);
    expect(town.done).toEqual([]);
    town.pass();
    expect(town.done).toHaveLength(20);
  });

  it('by an edit of many are held, and blocked once the batch is confirmed', () => {
    const town = new Town(100);
    town.leave(0, 57);
    town.pass();
    expect(town.done).toEqual([]);
    expect(town.batch).toMatchObject({ users: 57, disabled: 57 });
    town.confirm(town.batch?.batch);
    town.pass();
    expect(new Set(town.done).size).toBe(57);
    expect(town.batch).toBeUndefined();
  });

  it('are held also where the day was to come within the window', () => {
    const town = new Town(100);
    town.leave(0, 57, 3_000);
    town.pass(1);
    town.nowMs += 3_000_000;
    town.pass();
    expect(town.done).toEqual([]);
    expect(town.batch?.users).toBe(57);
  });

  it('on a day that was announced before are blocked at once, however many', () => {
    const town = new Town(100);
    town.leave(0, 57, 7_200);
    town.pass(1);
    town.nowMs += 7_200_000;
    town.pass(1);
    expect(town.done).toHaveLength(57);
    expect(town.batch).toBeUndefined();
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
  fc.record({
    do: fc.constantFrom('block', 'leave'),
    from: fc.nat(29),
    count: fc.integer({ min: 1, max: 20 }),
  }),
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
          if (what === 'leave') town.leave(from, from + count);
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ids,
  inHours,
  nowMs,
  observedPool,
  offer,
  pool,
  subscription,
} from '../../../hack/testing/build.ts';
import { expectSoundPlan, readyOf } from '../../../hack/testing/plan-checks.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { PoolAction } from './actions.ts';
import type { ObservedPool } from './observed.ts';
import { planPool } from './plan.ts';

type World = readonly [LicensePool, ObservedPool];

const seats = fc.nat(40);
const mode = fc.constantFrom('Observe' as const, 'Plan' as const, 'Auto' as const);
const world: fc.Arbitrary<World> = fc
  .record({
    min: seats,
    range: seats,
    buffer: fc.option(
      fc.record({ count: fc.nat(5), marginFloorPercent: fc.integer({ min: 0, max: 30 }) }),
    ),
    increase: mode,
    decrease: mode,
    endOfTerm: fc.constantFrom('Renew' as const, 'Cancel' as const, 'Extend' as const),
    bought: fc.option(fc.integer({ min: 1, max: 40 })),
    idle: seats,
    reserved: fc.nat(10),
    refundable: fc.array(
      fc.record({ quantity: fc.nat(10), hours: fc.integer({ min: -5, max: 5 }) }),
      { maxLength: 3 },
    ),
    minimumQuantity: fc.integer({ min: 1, max: 5 }),
    maxSeatsPerChange: fc.option(fc.integer({ min: 1, max: 20 })),
    isAccountUnderReview: fc.boolean(),
  })
  .map((given): World => {
    const bought = given.bought ?? 0;
    const assigned = Math.max(0, bought - given.idle);
    const resource = pool({
      spec: {
        increase: given.increase,
        decrease: given.decrease,
        endOfTerm: given.endOfTerm,
        seats: {
          min: given.min,
          max: Math.max(1, given.min + given.range),
          ...(given.buffer === null ? {} : { buffer: given.buffer }),
        },
      },
    });
    const observed = observedPool({
      bought,
      assigned,
      available: bought,
      reserved: given.reserved,
      minimumQuantity: given.bought === null ? given.minimumQuantity : 1,
      isAccountUnderReview: given.isAccountUnderReview,
      subscription:
        given.bought === null
          ? undefined
          : subscription({
              quantity: bought,
              refundable: given.refundable.map(({ quantity, hours }) => ({
                quantity,
                until: inHours(hours),
              })),
            }),
      limits: {
        ...observedPool().limits,
        maxSeatsPerChange: given.maxSeatsPerChange ?? undefined,
      },
    });
    return [resource, observed];
  });

const forms = {
  Renew: { autoRenewEnabled: true, scheduledActions: [] },
  Cancel: { autoRenewEnabled: false, scheduledActions: ['TermEnd/Cancel'] },
  Extend: { autoRenewEnabled: false, scheduledActions: ['TermEnd/RenewToExtendedServiceTerm'] },
} as const;

function takenBack(observed: ObservedPool, quantity: number) {
  let left = quantity;
  return (observed.subscription?.refundable ?? []).map((batch) => {
    const usable = Date.parse(batch.until) > nowMs ? Math.min(left, batch.quantity) : 0;
    left -= usable;
    return { ...batch, quantity: batch.quantity - usable };
  });
}

/** What Microsoft does: as little as the actions say. */
// oxlint-disable-next-line eslint/complexity -- one case for each action
function applied(action: PoolAction, [resource, observed]: World): World {
  const intent = (more: object): LicensePool => ({
    ...resource,
    status: {
      ...resource.status,
      intent: { requestId: ids.user, quantity: 0, ...resource.status?.intent, ...more },
    },
  });
  const found = observed.subscription;
  switch (action.name) {
    case 'RecordPurchase':
      return [intent({ quantity: action.quantity }), { ...observed, purchasing: true }];
    case 'CreateCart':
      return [intent({ cartId: 'cart' }), observed];
    case 'CheckoutCart': {
      const quantity = resource.status?.intent?.quantity ?? 0;
      const bought = subscription({ quantity, refundable: [{ quantity, until: inHours(168) }] });
      return [
        intent({ orderId: 'order' }),
        {
          ...observed,
          subscription: bought,
          bought: quantity,
          available: quantity,
          minimumQuantity: 1,
        },
      ];
    }
    case 'IncreaseSeats':
    case 'DecreaseSeats': {
      const change = action.quantity - (found?.quantity ?? 0);
      const refundable =
        change > 0
          ? [...(found?.refundable ?? []), { quantity: change, until: inHours(168) }]
          : takenBack(observed, -change);
      const total = observed.bought + change;
      return [
        resource,
        {
          ...observed,
          bought: total,
          available: total,
          subscription: subscription({ ...found, quantity: action.quantity, refundable }),
        },
      ];
    }
    case 'SetEndOfTerm':
      return [
        resource,
        { ...observed, subscription: subscription({ ...found, ...forms[action.endOfTerm] }) },
      ];
  }
}

/** Plans and applies until nothing is left to do; what was learned is kept as the engine keeps it. */
function converged(
  start: World,
  check: (world: World, action: PoolAction, next: World) => void,
): World {
  let [resource, observed] = start;
  for (let round = 0; round < 20; round += 1) {
    const plan = planPool(resource, observed, nowMs);
    expectSoundPlan(resource, plan);
    if (plan.actions.length === 0) return [resource, observed];
    resource = {
      ...resource,
      status: { ...resource.status, ...plan.status },
    };
    for (const action of plan.actions) {
      const next = applied(action, [resource, observed]);
      check([resource, observed], action, next);
      [resource, observed] = next;
    }
  }
  throw new Error('it did not converge in 20 rounds');
}

const nothing = () => undefined;

describe('the plan of a pool', () => {
  it('converges, and then has nothing more to do', () => {
    fc.assert(
      fc.property(world, (start) => {
        const [resource, observed] = converged(start, nothing);
        const plan = planPool(resource, observed, nowMs);
        expect(plan.actions).toEqual([]);
        expect(planPool(resource, observed, nowMs)).toEqual(plan);
      }),
      { numRuns: 500 },
    );
  });

  it('buys once, as many as it said, and never twice', () => {
    fc.assert(
      fc.property(world, (start) => {
        const names: string[] = [];
        converged(start, (_, { name }) => names.push(name));
        expect(names.filter((name) => name === 'CheckoutCart').length).toBeLessThanOrEqual(1);
        expect(names.filter((name) => name === 'IncreaseSeats').length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('never goes below what is assigned, nor above max, nor past a guardrail or a mode', () => {
    fc.assert(
      fc.property(world, (start) => {
        const [{ spec }, { limits, isAccountUnderReview, minimumQuantity }] = start;
        converged(start, ([, before], { name }, [, after]) => {
          const change = after.bought - before.bought;
          expect(after.bought).toBeGreaterThanOrEqual(
            Math.min(before.bought, before.assigned + before.reserved),
          );
          if (change > 0) {
            expect(spec.increase).toBe('Auto');
            expect(isAccountUnderReview).toBe(false);
            expect(after.bought).toBeLessThanOrEqual(
              Math.max(spec.seats.max, before.assigned, minimumQuantity),
            );
            expect(change).toBeLessThanOrEqual(limits.maxSeatsPerChange ?? change);
          }
          if (change < 0) {
            expect([name, spec.decrease]).toEqual(['DecreaseSeats', 'Auto']);
            expect(after.subscription?.quantity).toBeGreaterThanOrEqual(1);
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  it('ends Ready wherever nothing holds it and max allows it', () => {
    fc.assert(
      fc.property(world, (start) => {
        const [{ spec }, { limits, isAccountUnderReview, assigned, reserved }] = start;
        fc.pre(spec.increase === 'Auto' && !isAccountUnderReview);
        fc.pre(limits.maxSeatsPerChange === undefined && assigned + reserved <= spec.seats.max);
        const [resource, observed] = converged(start, nothing);
        expect(readyOf(planPool(resource, observed, nowMs))).toBe('True SeatsAvailable');
      }),
      { numRuns: 500 },
    );
  });

  it('plans the same whatever the order of batches and names', () => {
    const batches = [1, 2, 3].map((quantity) => ({ quantity, until: inHours(quantity) }));
    const resource = pool({ spec: { decrease: 'Auto' } });
    const planOf = (refundable: typeof batches) =>
      planPool(
        resource,
        observedPool({ assigned: 2, subscription: subscription({ refundable }) }),
        nowMs,
      );
    fc.assert(
      fc.property(fc.shuffledSubarray(batches, { minLength: 3 }), (order) => {
        expect(planOf(order)).toEqual(planOf(batches));
      }),
    );
    expect(planOf(batches).actions).toMatchObject([
      { quantity: 4, money: { amount: -6 * offer.cost } },
    ]);
  });
});

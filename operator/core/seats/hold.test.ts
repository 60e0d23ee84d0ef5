import { describe, expect, it } from 'vitest';
import {
  freshSubscription,
  inDays,
  seatInput,
  seatSubscription,
  seatsNowMs,
  shownLines,
} from '../../../hack/testing/seats.ts';
import type { Approval, Guardrail, SeatInput } from './input.ts';
import { planSeats } from './plan.ts';

type Overrides = Parameters<typeof seatInput>[0];

const short = (overrides: Overrides = {}) => seatInput({ demand: { reserved: 2 }, ...overrides });
const spare = (overrides: Overrides = {}) =>
  seatInput({ demand: { assigned: 7 }, subscriptions: [freshSubscription()], ...overrides });

const approve = { increase: 'Approve', decrease: 'Approve' } as const;
const holdsOf = (input: SeatInput) =>
  planSeats(input).lines.map(({ hold }) => hold?.reason ?? 'Due');

describe('modes', () => {
  it.each(['Observe', 'Plan'] as const)('%s of one way does not hold the other', (mode) => {
    const up = { increase: mode, decrease: 'Auto' } as const;
    const down = { increase: 'Auto', decrease: mode } as const;
    expect(holdsOf(short({ modes: up }))).toEqual([`Mode${mode}`]);
    expect(holdsOf(short({ modes: down }))).toEqual(['Due']);
    expect(holdsOf(spare({ modes: up }))).toEqual(['Due']);
    // The window may close before anybody lets it through: the renewal is planned for as well.
    expect(holdsOf(spare({ modes: down }))).toEqual([`Mode${mode}`, `Mode${mode}`]);
  });
});

describe('approval', () => {
  const hashOf = (input: SeatInput) => planSeats(input).hash;
  const approved = (hash: string, more: Partial<Approval> = {}): Approval => ({
    hash,
    expiresMs: inDays(1),
    ...more,
  });

  it('is waited for by the hash of the plan', () => {
    const input = short({ modes: approve });
    const { lines, hash, approval } = planSeats(input);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(lines[0]?.hold).toEqual({
      reason: 'ApprovalNeeded',
      message: `waits for the annotation m365-operator.io/approve: "${hash}"`,
    });
    expect(approval.state).toBe('NotGiven');
  });

  it('lets the plan through that it names, and no other', () => {
    const approval = approved(hashOf(short({ modes: approve })));
    const through = planSeats(short({ modes: approve, approval }));
    expect(shownLines(through)).toEqual(['Increase sub-a 10→12 Due']);
    expect(through.approval.state).toBe('Valid');
    const other = planSeats(short({ modes: approve, approval, demand: { reserved: 3 } }));
    expect(other.approval.state).toBe('OtherPlan');
    expect(other.lines[0]?.hold?.reason).toBe('ApprovalOfOtherPlan');
    expect(other.lines[0]?.hold?.message).toContain(`"${approval.hash}"`);
    expect(other.lines[0]?.hold?.message).toContain(`"${other.hash}"`);
  });

  it.each([
    ['the price has changed', { subscriptions: [seatSubscription({ cost: 1700 })] }],
    [
      'as many are wanted again',
      {
        demand: { assigned: 12, reserved: 2 },
        subscriptions: [seatSubscription({ quantity: 12 })],
      },
    ],
  ])('is for another plan once %s', (_, overrides) => {
    const approval = approved(hashOf(short({ modes: approve })));
    expect(holdsOf(short({ modes: approve, approval, ...overrides }))).toEqual([
      'ApprovalOfOtherPlan',
    ]);
  });

  it('does not change with the time', () => {
    const input = spare({ modes: approve });
    expect(hashOf({ ...input, nowMs: inDays(2) })).toBe(hashOf(input));
  });

  it('ends, and the plan is looked at when it does', () => {
    const approval = approved(hashOf(short({ modes: approve })));
    const input = short({ modes: approve, approval });
    expect(planSeats(input).lookAgainMs).toBe(approval.expiresMs);
    const after = { ...input, nowMs: approval.expiresMs };
    expect(holdsOf(after)).toEqual(['ApprovalExpired']);
    expect(planSeats(after).approval.state).toBe('Expired');
  });

  it('covers what is left of the plan that it named', () => {
    const subscription = seatSubscription({ refundable: [{ quantity: 2, untilMs: inDays(3) }] });
    const input = spare({ modes: approve, subscriptions: [subscription] });
    const first = planSeats({ ...input, approval: approved(hashOf(input)) });
    expect(shownLines(first)).toEqual([
      'Decrease sub-a 10→8 Due',
      'ScheduleDecrease sub-a 8→7 @2027-01-14 Held:AfterSeatChange',
    ]);
    const rest = { ...input, subscriptions: [seatSubscription({ quantity: 8 })] };
    const approval = approved(first.hash, { lines: first.approval.lines });
    expect(holdsOf({ ...rest, approval })).toEqual(['Due']);
    expect(holdsOf({ ...rest, approval: approved(first.hash) })).toEqual(['ApprovalOfOtherPlan']);
    const more = { ...rest, demand: { ...rest.demand, assigned: 6, consumed: 6 }, approval };
    expect(holdsOf(more)).toEqual(['ApprovalOfOtherPlan']);
  });

  it('is not asked for again where an instruction was lost', () => {
    const issued = [{ subscriptionId: 'sub-a', quantity: 7, termEndMs: Date.UTC(2027, 0, 14) }];
    const input = seatInput({ demand: { assigned: 7 }, modes: approve, issued });
    expect(shownLines(planSeats(input))).toEqual(['Reissue sub-a 10→7 @2027-01-14 Due']);
  });

  it('is not asked for of what goes by itself', () => {
    const modes = { increase: 'Auto', decrease: 'Approve' } as const;
    expect(holdsOf(short({ modes }))).toEqual(['Due']);
  });
});

describe('guardrails', () => {
  const guardrail = (overrides: Partial<Guardrail> = {}): Guardrail => ({
    name: 'limits.x',
    per: 'Day',
    on: 'Both',
    ...overrides,
  });

  it.each([
    ['as many as are left', { seats: { max: 5, used: 3 } }, 'Due'],
    ['one more', { seats: { max: 5, used: 4 } }, 'GuardrailHeld'],
    ['for the other way only', { on: 'Decrease', seats: { max: 0, used: 0 } }, 'Due'],
    ['as much as is left', { spend: { max: 13_200, used: 10_000 } }, 'Due'],
    ['a cent more', { spend: { max: 13_199, used: 10_000 } }, 'GuardrailHeld'],
  ] as const)('of an increase: %s', (_, bound, wanted) => {
    expect(holdsOf(short({ guardrails: [guardrail(bound)] }))).toEqual([wanted]);
  });

  it('say what goes beyond what', () => {
    const messageOf = (bound: Partial<Guardrail>) =>
      planSeats(short({ guardrails: [guardrail(bound)] })).lines[0]?.hold?.message;
    expect(messageOf({ seats: { max: 5, used: 4 } })).toBe('6 seats are more than limits.x (5)');
    expect(messageOf({ spend: { max: 100, used: 0 } })).toBe(
      '32.00 EUR a month is more than limits.x (1.00 EUR)',
    );
  });

  it('bound a decrease by seats, and never by money', () => {
    const seats = [guardrail({ seats: { max: 2, used: 0 } })];
    const spend = [guardrail({ spend: { max: 0, used: 10 } })];
    expect(holdsOf(spare({ guardrails: seats }))[0]).toBe('GuardrailHeld');
    expect(holdsOf(spare({ guardrails: spend }))).toEqual(['Due']);
  });

  it('count what the lines before use, but each change alone where they are per change', () => {
    const two = (per: Guardrail['per']) =>
      spare({
        demand: { assigned: 15 },
        subscriptions: [
          freshSubscription({ refundable: [{ quantity: 3, untilMs: inDays(2) }], cost: 1700 }),
          freshSubscription({ id: 'sub-b', cancellableUntilMs: undefined }),
        ],
        guardrails: [guardrail({ per, seats: { max: 3, used: 0 } })],
      });
    expect(holdsOf(two('Change'))).toEqual(['Due', 'Due']);
    expect(holdsOf(two('Run')).slice(0, 2)).toEqual(['Due', 'GuardrailHeld']);
  });

  it('are not passed by an approval', () => {
    const input = short({
      modes: approve,
      guardrails: [guardrail({ seats: { max: 1, used: 0 } })],
    });
    const approval = { hash: planSeats(input).hash, expiresMs: inDays(1) };
    expect(holdsOf({ ...input, approval })).toEqual(['GuardrailHeld']);
  });

  it('are looked at again when they begin anew', () => {
    const guardrails = [guardrail({ seats: { max: 1, used: 0 }, resetsMs: inDays(0.5) })];
    expect(planSeats(short({ guardrails })).lookAgainMs).toBe(inDays(0.5));
  });
});

it('an instruction that leaves too few is corrected though an increase is held', () => {
  const subscriptions = [seatSubscription({ instruction: { quantity: 4, isSameProduct: true } })];
  const guardrails = [
    { name: 'x', per: 'Change', on: 'Increase', seats: { max: 7, used: 0 } },
  ] as const;
  const input = seatInput({ demand: { reserved: 8 }, subscriptions, guardrails });
  expect(shownLines(planSeats(input))).toEqual([
    'Increase sub-a 10→18 Held:GuardrailHeld',
    'ScheduleIncrease sub-a 4→10 @2027-01-14 Due',
  ]);
  expect(planSeats(input).lines[1]?.earliestMs).toBe(seatsNowMs);
});

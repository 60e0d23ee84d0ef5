import { describe, expect, it } from 'vitest';
import { inDays, seatInput, seatSubscription, seatsNowMs } from '../../../hack/testing/seats.ts';
import { needAt, needAtRenewal } from './demand.ts';

const at = (...days: number[]) => days.map((day) => ({ atMs: inDays(day) }));
const now = (overrides: Parameters<typeof seatInput>[0]) =>
  needAt(seatInput(overrides), seatsNowMs);

describe('seats that are needed now', () => {
  it.each([
    ['the assigned', {}, 10],
    ['and who waits', { reserved: 2 }, 12],
    ['and who starts within the horizon', { starting: at(3) }, 11],
    ['not who starts after it', { starting: at(8) }, 10],
    ['who should have started already', { starting: at(-1) }, 11],
    ['the seat of who leaves before', { starting: at(5), leaving: at(4) }, 10],
    ['… at the same moment', { starting: at(5), leaving: at(5) }, 10],
    ['… not of who leaves after', { starting: at(4), leaving: at(5) }, 11],
    ['… nor of who should have left and has not', { starting: at(4), leaving: at(-1) }, 11],
    ['nobody waits for a leaver', { reserved: 1, leaving: at(1) }, 11],
    ['each seat is handed on once', { starting: at(3, 5), leaving: at(2) }, 11],
    ['the peak counts, not the end', { starting: at(1, 2), leaving: at(3, 3) }, 12],
  ])('%s', (_, demand, wanted) => {
    expect(now({ demand }).needed).toBe(wanted);
  });
});

describe('the target', () => {
  it.each([
    ['has the buffer', { buffer: { count: 2 } }, 12],
    ['is at least min', { bounds: { min: 15, max: 20 } }, 15],
    ['has its buffer within min', { bounds: { min: 12, max: 20 }, buffer: { count: 2 } }, 12],
    ['is at most max', { bounds: { min: 0, max: 11 }, buffer: { count: 2 } }, 11],
    ['never takes a seat from who has one', { bounds: { min: 0, max: 8 } }, 10],
    [
      'of an add-on is at most its base',
      { base: { now: 11, changes: [] }, buffer: { count: 2 } },
      11,
    ],
  ])('%s', (_, overrides, wanted) => {
    expect(now(overrides).target).toBe(wanted);
  });

  it('leaves who waits beyond max without', () => {
    const need = now({ bounds: { min: 0, max: 11 }, demand: { reserved: 3 } });
    expect(need).toMatchObject({ needed: 13, target: 11, beyondMax: 2 });
  });

  it('has a floor of its own: what the directory counts, and who waits', () => {
    expect(now({ demand: { consumed: 12, reserved: 2 } })).toMatchObject({ target: 12, floor: 14 });
    expect(now({ addOn: { now: 30, changes: [] } }).floor).toBe(30);
  });
});

describe('seats that are needed at a renewal', () => {
  const endMs = inDays(60);
  it.each([
    ['less who has left a day before', { leaving: at(59) }, 9],
    ['not less who leaves within the last day', { leaving: at(59.5) }, 10],
    ['and who has started by then', { starting: at(30) }, 11],
    ['and who starts within the horizon after', { starting: at(66) }, 11],
    ['not who starts later', { starting: at(68) }, 10],
  ])('%s', (_, demand, wanted) => {
    const need = needAtRenewal(seatInput({ demand }), endMs);
    expect(need.needed).toBe(wanted);
    expect(need.target).toBe(wanted);
  });

  it('of an add-on are none where its base is gone', () => {
    const base = { now: 10, changes: [{ atMs: endMs, quantity: 0 }] };
    const subscriptions = [seatSubscription({ termEndMs: endMs })];
    expect(needAtRenewal(seatInput({ base, subscriptions }), endMs)).toMatchObject({
      target: 0,
      floor: 0,
    });
    expect(needAtRenewal(seatInput({ base, subscriptions }), inDays(59)).target).toBe(10);
  });
});

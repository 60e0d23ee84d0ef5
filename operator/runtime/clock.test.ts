import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const dayMs = 86_400_000;

describe('the system clock', () => {
  it('fires a timer once, at its time', () => {
    const fire = vi.fn<() => void>();
    systemClock.setTimer(1_000, fire);
    vi.advanceTimersByTime(999);
    expect(fire).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(dayMs);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('waits longer than the 24.8 days that setTimeout can', () => {
    const fire = vi.fn<() => void>();
    systemClock.setTimer(60 * dayMs, fire);
    vi.advanceTimersByTime(59 * dayMs);
    expect(fire).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(dayMs);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('fires at once what is past, and never what was cancelled, however long it waited', () => {
    const [past, cancelled] = [vi.fn<() => void>(), vi.fn<() => void>()];
    systemClock.setTimer(-1, past);
    const timer = systemClock.setTimer(60 * dayMs, cancelled);
    vi.advanceTimersByTime(40 * dayMs);
    timer.cancel();
    vi.advanceTimersByTime(40 * dayMs);
    expect([past.mock.calls.length, cancelled.mock.calls.length]).toEqual([1, 0]);
  });

  it('ends a sleep with the reason of the signal', async () => {
    const abort = new AbortController();
    const sleep = systemClock.sleep(dayMs, abort.signal);
    abort.abort();
    await expect(sleep).rejects.toThrow('aborted');
  });
});

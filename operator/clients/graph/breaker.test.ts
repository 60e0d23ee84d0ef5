import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

function world() {
  const clock = { ms: 0 };
  const breaker = new Breaker(() => clock.ms);
  const fail = (times: number): void => {
    for (let n = 0; n < times; n += 1) breaker.note('directory', 'failed');
  };
  return { clock, breaker, fail };
}

const refused = expect.objectContaining({
  class: 'Wait',
  reason: 'GraphUnavailable',
  holdsFlow: true,
}) as Error;

describe('the breaker', () => {
  it('lets a service alone after five failures in a row, and others not', () => {
    const { breaker, fail } = world();
    fail(4);
    expect(() => breaker.admit('directory')).not.toThrow();
    fail(1);
    expect(() => breaker.admit('directory')).toThrow(refused);
    expect(() => breaker.admit('reports')).not.toThrow();
  });

  it('counts those in a row only, and not what was cut off', () => {
    const { breaker, fail } = world();
    fail(4);
    breaker.note('directory', 'answered');
    fail(4);
    breaker.note('directory', 'unknown');
    expect(() => breaker.admit('directory')).not.toThrow();
  });

  it('sends one ahead after the pause, and all when it was answered', () => {
    const { breaker, clock, fail } = world();
    fail(5);
    clock.ms = 10_000;
    expect(() => breaker.admit('directory')).not.toThrow();
    expect(() => breaker.admit('directory')).toThrow(refused);
    breaker.note('directory', 'answered');
    expect(() => breaker.admit('directory')).not.toThrow();
  });

  it('waits longer each time that the one sent ahead fails or is lost, five minutes at most', () => {
    const { breaker, clock, fail } = world();
    fail(5);
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      const since = clock.ms;
      for (;;) {
        try {
          breaker.admit('directory');
          break;
        } catch (error) {
          clock.ms += (error as { delayMs: number }).delayMs;
        }
      }
      pauses.push((clock.ms - since) / 1000);
      if (probe % 2 === 0) fail(16);
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });
});

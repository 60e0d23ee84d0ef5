import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { untilPollMs } from './schedule.ts';

const pollMs = 60_000;
const nowMs = Date.parse('2026-11-28T12:00:00Z');

describe('polls of a tenant', () => {
  it('come at its own time of each minute, never twice in a moment', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 10 * pollMs }), (uid, laterMs) => {
        const first = nowMs + untilPollMs(uid, nowMs, pollMs);
        const waitMs = untilPollMs(uid, nowMs + laterMs, pollMs);
        expect(waitMs).toBeGreaterThanOrEqual(pollMs / 10);
        expect(waitMs).toBeLessThan(1.1 * pollMs);
        expect((nowMs + laterMs + waitMs - first) % pollMs).toBe(0);
      }),
    );
  });

  it('come a poll after the last, though a timer is late or early by some milliseconds', () => {
    const atMs = nowMs + untilPollMs('some-uid', nowMs, pollMs);
    expect(untilPollMs('some-uid', atMs, pollMs)).toBe(pollMs);
    expect(untilPollMs('some-uid', atMs + 20, pollMs)).toBe(pollMs - 20);
    expect(untilPollMs('some-uid', atMs - 20, pollMs)).toBe(pollMs + 20);
  });

  it('of a thousand tenants are spread over the minute', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 1_000; i++) {
      const tenth = Math.floor((untilPollMs(`uid-${i}`, nowMs, pollMs) % pollMs) / (pollMs / 10));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(50);
    expect(Math.max(...tenths)).toBeLessThan(200);
  });
});

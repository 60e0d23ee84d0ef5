/** What can happen in a history, as fast-check makes it up. */
import * as fc from 'fast-check';

/** One of them has most of the troubles: they must meet. */
const name = fc.constantFrom('a' as const, 'a' as const, 'b' as const, 'c' as const);
const slot = fc.constantFrom(0, 1);
const hourMs = 3_600_000;

const people = [
  fc.record({
    do: fc.constant('apply' as const),
    name,
    size: fc.integer({ min: 1, max: 3 }),
    after: fc.boolean(),
    suspend: fc.constantFrom(false, false, false, true),
  }),
  fc.record({ do: fc.constant('delete' as const), name }),
  fc.record({ do: fc.constant('annotate' as const), name, value: fc.constantFrom('1', '2') }),
];
const meddle = fc.record({
  do: fc.constant('meddle' as const),
  name,
  size: fc.constantFrom(0, 99),
});
const apiFault = fc.record({
  do: fc.constant('fault' as const),
  on: fc.constantFrom(
    'PATCH toys',
    'PATCH toys/status',
    'GET toys',
    'WATCH toys',
    'GET leases',
    'PUT leases',
    'POST leases',
    'POST events',
    'WATCH',
    'GET',
    '',
  ),
  kind: fc.constantFrom(
    'refused' as const,
    'busy' as const,
    'lostBefore' as const,
    'lostAfter' as const,
    'silent' as const,
    'terminal' as const,
  ),
  times: fc.integer({ min: 1, max: 3 }),
});
const worldFault = fc.record({
  do: fc.constant('fault' as const),
  on: fc.constantFrom('world create', 'world resize', 'world remove', 'world observe', 'world'),
  kind: apiFault.map(({ kind }) => kind),
  times: fc.integer({ min: 1, max: 3 }),
});
const outage = fc.record({
  do: fc.constant('outage' as const),
  ms: fc.constantFrom(3_000, 12_000, 40_000),
  as: fc.constantFrom('lostBefore' as const, 'silent' as const),
});
const watch = fc.record({
  do: fc.constant('watch' as const),
  how: fc.constantFrom('cut', 'reset', 'garble', 'compact', 'lag'),
});
const processes = [
  fc.record({ do: fc.constant('crash' as const), slot, sends: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ do: fc.constant('stop' as const), slot }),
  fc.record({
    do: fc.constant('pause' as const),
    slot,
    sends: fc.integer({ min: 0, max: 8 }),
    ms: fc.constantFrom(2_000, 11_000, 14_000, 30_000),
  }),
  fc.record({
    do: fc.constant('jump' as const),
    slot,
    ms: fc.constantFrom(-5 * hourMs, -60_000, 60_000, 5 * hourMs),
  }),
];
const pass = fc.record({
  do: fc.constant('pass' as const),
  ms: fc.constantFrom(50, 400, 1_000, 4_000, 4_000, 20_000),
});

export const step = fc.oneof(
  { weight: 16, arbitrary: fc.oneof(...people) },
  { weight: 3, arbitrary: meddle },
  { weight: 5, arbitrary: apiFault },
  { weight: 5, arbitrary: worldFault },
  { weight: 1, arbitrary: outage },
  { weight: 3, arbitrary: watch },
  { weight: 5, arbitrary: fc.oneof(...processes) },
  { weight: 20, arbitrary: pass },
);

export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

export const setting = fc.record({
  isRecoverable: fc.boolean(),
  hasStreams: fc.boolean(),
  replicas: fc.constantFrom(1, 2),
  /** Objects that are there from the beginning. */
  objects: fc.subarray(['a', 'b', 'c'] as const),
  /** Time to take the lease and fill the caches before anything happens. */
  warmUpMs: fc.constantFrom(0, 20_000, 20_000),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

export type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never;

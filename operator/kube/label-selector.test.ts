import { expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

const labels = { shard: 'a', 'm365-operator.io/ring': 'two', empty: '' };

it.each([
  ['', true],
  ['shard=a', true],
  ['shard==a', true],
  ['shard=b', false],
  ['shard!=b', true],
  ['shard != a', false],
  ['missing!=a', true],
  ['missing=', false],
  ['empty=', true],
  ['m365-operator.io/ring in (one, two)', true],
  ['m365-operator.io/ring in (one)', false],
  ['missing in (one)', false],
  ['shard notin (a,b)', false],
  ['shard notin (b,c)', true],
  ['missing notin (b)', true],
  ['shard', true],
  ['missing', false],
  ['!missing', true],
  ['!shard', false],
  ['shard=a, m365-operator.io/ring in (one,two),!missing', true],
  ['shard=a,missing', false],
])('"%s" selects: %s', (selector, wanted) => {
  expect(parseLabelSelector(selector)(labels)).toBe(wanted);
});

it.each(['shard>1', 'a b', 'shard in a', 'shard in (a', '=a', 'shard=a b'])(
  '"%s" is refused',
  (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow('is not part of a label selector');
  },
);

import { expect, test } from 'vitest';
import { shared, shareParts } from './shared.ts';

test('equal values are one', () => {
  const one = shared({ reason: 'Ready', message: 'all is well' });
  expect(shared({ reason: 'Ready', message: 'all is well' })).toBe(one);
  expect(shared({ reason: 'Ready', message: 'it is not' })).not.toBe(one);
  expect(shared(['a'])).toBe(shared(['a']));
});

test('a text is not the list that is written like it', () => {
  const list = shared(['a']);
  expect(shared('["a"]')).toBe('["a"]');
  expect(shared(['a'])).toBe(list);
});

test('what is no object is itself', () => {
  for (const value of [undefined, null, true, 7, 'a text']) expect(shared(value)).toBe(value);
});

test('objects keep what they say, and share what others say too', () => {
  const status = (ready = 'True') => ({
    conditions: [
      { type: 'Ready', status: ready },
      { type: 'Drifted', status: 'False' },
    ],
    licenses: ['E3'],
    seats: { used: 7 },
    generation: 1,
    nothing: null,
    empty: [],
  });
  const [first, second, third] = [status(), status(), status('False')];
  for (const one of [first, second, third]) shareParts(one);
  expect(first).toEqual(status());
  expect(third).toEqual(status('False'));
  expect(second.conditions).toBe(first.conditions);
  expect(third.conditions[1]).toBe(first.conditions[1]);
  expect(second.licenses).toBe(first.licenses);
  expect(second.seats).toBe(first.seats);
  expect(second.empty).toBe(first.empty);
});

test('many values that nobody shares do not pile up, and those that are common stay common', () => {
  const common = () => shared({ sku: 'E3' });
  const seen = new Set<object>();
  for (let person = 0; person < 20_000; person++) {
    shared({ person });
    seen.add(common());
  }
  expect(seen.size).toBeLessThan(30);
});

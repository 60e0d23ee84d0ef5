/** When the directory's own counts are read once more before a pool is planned. */
import { expect, it } from 'vitest';
import { areCountsBehind } from './remote-seats.ts';

const sku = { skuId: 'sku', skuPartNumber: 'SPB', servicePlans: [], units: 9, consumedUnits: 9 };

function view(counted: object | undefined, assigned: number) {
  return {
    skus: counted === undefined ? [] : [{ ...sku, ...counted }],
    assignedUsers: () => assigned,
  };
}

it.each([
  ['as many as were bought, all with people on them', {}, 9, 9, false],
  ['idle seats', { consumedUnits: 7 }, 7, 9, false],
  ['somebody has just left his seat', {}, 8, 9, true],
  ['somebody has just got one', { consumedUnits: 8 }, 9, 9, false],
  ['more were bought', {}, 9, 10, true],
  ['some were given back', {}, 9, 8, true],
  ['none has arrived of what was bought', undefined, 0, 9, true],
  ['none was bought', undefined, 0, 0, false],
])('%s', (_, counted, assigned, bought, isBehind) => {
  expect(areCountsBehind(view(counted, assigned), { skuPartNumber: 'SPB' }, bought)).toBe(isBehind);
});

import { describe, expect, it } from 'vitest';
import {
  entraUser,
  ids,
  readyCondition,
  tenant,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import type { M365User } from '../../core/objects.ts';
import { isWaiting } from './waiting.ts';

const wants = { pools: ['premium'], usageLocation: 'DE' as const };
const seat = { pool: 'premium', tenant: tenant(), skuId: ids.sku, account: entraUser() };
const ready = (person: M365User) => withConditions(person, [readyCondition()]);
const holder = entraUser({ assignedLicenses: [{ skuId: ids.sku, disabledPlans: [] }] });

describe('a person without the licence of a pool', () => {
  it.each([
    ['that wants it waits', user({ spec: wants }), true],
    [
      'that is in order, and was not looked at since its plan got the pool, waits',
      ready(user({ spec: wants })),
      true,
    ],
    [
      'that wants another does not',
      user({ spec: { pools: ['other'], usageLocation: 'DE' } }),
      false,
    ],
    ['that is suspended does not', user({ spec: { ...wants, suspend: true } }), false],
    [
      'that others took it from, and that is left so, does not',
      ready(user({ spec: { ...wants, driftPolicy: 'Report' as const } })),
      false,
    ],
    [
      'that may be left so, and waits, does',
      user({
        spec: { ...wants, driftPolicy: 'Report' as const },
        status: { waitingFor: ['premium'] },
      }),
      true,
    ],
  ])('%s', (_, person, expected) => {
    expect(isWaiting(person, seat)).toBe(expected);
  });

  it('is none who holds it', () => {
    expect(isWaiting(user({ spec: wants }), { ...seat, account: holder })).toBe(false);
  });

  it('is left without where the tenant says so', () => {
    const rules = { default: 'Ignore' as const };
    const lenient = { ...seat, tenant: tenant({ spec: { drift: rules } }) };
    expect(isWaiting(ready(user({ spec: wants })), lenient)).toBe(false);
  });
});

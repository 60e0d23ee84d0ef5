import { describe, expect, it } from 'vitest';
import { ids, inHours, nowMs, tenant, user } from '../../../hack/testing/build.ts';
import { entraUser } from '../../../hack/testing/observed.ts';
import type { AcceptedDrift } from '../../api/drift.ts';
import { appliedRecord } from '../../core/applied-record.ts';
import type { M365User } from '../../core/objects.ts';
import { licenseField } from '../plans.ts';
import { isWaiting } from './waiting.ts';

const servicePlan = {
  servicePlanId: ids.servicePlan,
  servicePlanName: 'YAMMER',
};
const sku = { skuId: ids.sku, servicePlans: [servicePlan] };
const seat = { pool: 'premium', tenant: tenant(), sku, account: entraUser(), nowMs };
const holder = entraUser({ assignedLicenses: [{ skuId: ids.sku, disabledPlans: [] }] });

const wants = (more: Partial<M365User['spec']> = {}, status: M365User['status'] = {}) =>
  user({ spec: { pools: ['premium'], usageLocation: 'DE', ...more }, status });
/** It had the licence once, as it is declared. */
const had = {
  lastApplied: appliedRecord([licenseField('premium', []), { path: 'jobTitle', value: 'Clerk' }]),
};
const accepted = (more: Partial<AcceptedDrift> = {}): AcceptedDrift[] => [
  { field: 'licenses[premium]', reason: 'r', owner: 'o', until: inHours(1), ...more },
];

describe('a person without the licence of a pool', () => {
  it.each<readonly [string, M365User, boolean]>([
    ['that wants it waits', wants(), true],
    ['that wants another does not', wants({ pools: ['other'] }), false],
    ['that leaves later waits', wants({ leaveAt: inHours(1), seatsOnLeave: 'Free' }), true],
    ['that starts later does not', wants({ startAt: inHours(1) }), false],
    ['that starts now waits', wants({ startAt: inHours(0) }), true],
    ['that has left does not', wants({ leaveAt: inHours(0), seatsOnLeave: 'Free' }), false],
    ['that has left and keeps the seat waits', wants({ leaveAt: inHours(0) }), true],
    ['that is suspended does not', wants({ suspend: true }), false],
    ['that others took it from waits', wants({}, had), true],
    ['… and is left so under Report does not', wants({ driftPolicy: 'Report' }, had), false],
    ['… and is left so under Adopt does not', wants({ driftPolicy: 'Adopt' }, had), false],
    ['that never had it waits also under Report', wants({ driftPolicy: 'Report' }), true],
    ['that never had it waits also under Adopt', wants({ driftPolicy: 'Adopt' }), true],
    ['of which all is ignored never waits', wants({ driftPolicy: 'Ignore' }), false],
    ['that is accepted to be without does not', wants({ acceptedDrift: accepted() }, had), false],
    ['… until that ends', wants({ acceptedDrift: accepted({ until: inHours(0) }) }, had), true],
    [
      '… but for another value',
      wants({ acceptedDrift: accepted({ value: 'standard' }) }, had),
      true,
    ],
  ])('%s', (_, person, expected) => {
    expect(isWaiting(person, seat)).toBe(expected);
  });

  it('waits for it again under Report once the plan declares another form of it', () => {
    const plans = (disabledServicePlans?: string[]) =>
      tenant({
        spec: {
          plans: [{ name: 'standard', pools: ['premium'], disabledServicePlans }],
          drift: { default: 'Report' },
        },
      });
    const person = wants({ pools: undefined, plan: 'standard' }, had);
    expect(isWaiting(person, { ...seat, tenant: plans() })).toBe(false);
    expect(isWaiting(person, { ...seat, tenant: plans(['YAMMER']) })).toBe(true);
  });

  it('is none who holds it', () => {
    expect(isWaiting(wants(), { ...seat, account: holder })).toBe(false);
  });

  it('is left without where the tenant says so', () => {
    const lenient = { ...seat, tenant: tenant({ spec: { drift: { default: 'Report' } } }) };
    expect(isWaiting(wants({}, had), lenient)).toBe(false);
  });
});

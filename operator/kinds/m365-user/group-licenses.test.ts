import { describe, expect, it } from 'vitest';
import { ids, nowMs, user } from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf } from '../../../hack/testing/plan-checks.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { licenseFindings } from './license-findings.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

const wanted = {
  pool: 'premium',
  skuId: ids.sku,
  disabledPlans: ['yammer'],
  hasFreeSeat: false,
};

/** A person who has the licence, all plans on, through a group; and perhaps also an own one. */
const member = (isDirectToo: boolean): EntraUser =>
  entraUser({
    assignedLicenses: [{ skuId: ids.sku, disabledPlans: [] }],
    inheritedLicenses: [{ skuId: ids.sku, groupId: ids.group, isDirectToo }],
  });

const surplus = [{ pool: 'premium', skuId: ids.sku }];

describe('a licence that comes from a group', () => {
  const rows: readonly (readonly [string, Partial<ObservedUser>, string, readonly string[]])[] = [
    [
      'is what was wanted, with whatever plans',
      { entra: member(false), licenses: [wanted] },
      'True Provisioned',
      [],
    ],
    ['is not taken away', { entra: member(false), surplus }, 'True Provisioned', []],
    [
      'beside an own one: the own one is taken away',
      { entra: member(true), surplus },
      'False AccountDiffers',
      ['AssignLicenses'],
    ],
    [
      'beside an own one: the own one has its plans',
      { entra: member(true), licenses: [wanted] },
      'False AccountDiffers',
      ['AssignLicenses'],
    ],
  ];
  it.each(rows)('%s', (_, observed, ready, actions) => {
    const plan = planUser(user(), observedUser(observed), nowMs);
    expect([readyOf(plan), actionNames(plan)]).toEqual([ready, actions]);
  });
});

describe('findings', () => {
  const nameOf = () => 'SPB';

  it('of a person with own licences only are none', () => {
    expect(licenseFindings(entraUser(), nameOf)).toEqual([]);
  });

  it('tell a licence that is held twice', () => {
    expect(licenseFindings(member(true), nameOf)).toMatchObject([
      { license: 'SPB', reason: 'AssignedTwice' },
    ]);
  });

  it.each([
    ['CountViolation', 'no seat is free for the members of the group (assigned through a group)'],
    ['SomethingNew', 'Entra could not assign it (assigned through a group)'],
  ])('explain %s', (error, message) => {
    const entra = entraUser({ licenseErrors: [{ skuId: ids.sku, error, groupId: ids.group }] });
    expect(licenseFindings(entra, nameOf)).toEqual([{ license: 'SPB', reason: error, message }]);
  });

  it('of several groups with one error are one', () => {
    const licenseErrors = ['a', 'b'].map((groupId) => ({
      skuId: ids.sku,
      error: 'CountViolation',
      groupId,
    }));
    expect(licenseFindings(entraUser({ licenseErrors }), nameOf)).toHaveLength(1);
  });
});

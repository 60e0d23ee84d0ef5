import { describe, expect, it } from 'vitest';
import { ids, offer } from '../../../hack/testing/build.ts';
import { subscription } from '../../../hack/testing/observed.ts';
import type { CompanySubscription } from '../../clients/graph/port.ts';
import { foreignSubscriptions, matching, relatedSeats } from './subscriptions.ts';

describe('the subscriptions of a pool', () => {
  it('are those of its product, and of other SKUs that give the same seats', () => {
    const all = [
      subscription(),
      subscription({ id: 'extended', skuId: 'E002' }),
      subscription({ id: 'trial', skuId: '0009', isTrial: true }),
      subscription({ id: 'other', skuId: '0005' }),
      subscription({ id: 'elsewhere', productId: 'X' }),
    ];
    const found = matching(all, offer, new Set(['E002', '0009']));
    expect(found.map(({ id, isExtended, owner }) => [id, isExtended, owner])).toEqual([
      [ids.subscription, undefined, 'Partner'],
      ['extended', true, 'Partner'],
      ['trial', undefined, 'Partner'],
    ]);
  });
});

describe('seats that others bought', () => {
  const company = (more: Partial<CompanySubscription>): CompanySubscription => ({
    commerceSubscriptionId: ids.account,
    skuPartNumber: offer.skuPartNumber,
    totalLicenses: 4,
    status: 'Enabled',
    isTrial: false,
    ownerTenantId: undefined,
    nextLifecycleDateTime: '2027-05-01T00:00:00Z',
    ...more,
  });
  const of = (...found: readonly CompanySubscription[]) =>
    foreignSubscriptions(found, { offer, own: [subscription()], tenantId: ids.tenant });

  it.each([
    ['the customer, where nobody is named', {}, 'Customer'],
    ['the customer himself', { ownerTenantId: ids.tenant }, 'Customer'],
    ['another partner', { ownerTenantId: ids.manager }, 'Distributor'],
  ])('are of %s', (_, more, owner) => {
    expect(of(company(more))).toMatchObject([
      { id: ids.account, owner, quantity: 4, status: 'active', refundable: [] },
    ]);
  });

  it('are none of ours, and none of another product', () => {
    const ours = company({ commerceSubscriptionId: ids.subscription });
    expect(of(ours, company({ skuPartNumber: 'E5' }))).toEqual([]);
  });

  it('do not count while they are suspended', () => {
    expect(of(company({ status: 'Suspended' }))).toMatchObject([{ status: 'suspended' }]);
  });
});

describe('seats of another pool', () => {
  it('are what they are now, and what each renewal leaves of them', () => {
    const renewal = { productId: '', skuId: '', term: 'P1Y', billingCycle: 'monthly' };
    const found = relatedSeats([
      subscription({
        quantity: 5,
        commitmentEndDate: '2027-03-01T00:00:00Z',
        scheduledActions: ['TermEnd/Cancel'],
      }),
      subscription({
        quantity: 10,
        commitmentEndDate: '2027-01-01T00:00:00Z',
        nextTerm: { ...renewal, quantity: 8 },
      }),
      subscription({ quantity: 3, status: 'deleted' }),
    ]);
    expect(found).toEqual({
      now: 15,
      changes: [
        { atMs: Date.parse('2027-01-02T00:00:00Z'), quantity: 13 },
        { atMs: Date.parse('2027-03-02T00:00:00Z'), quantity: 8 },
      ],
    });
  });
});

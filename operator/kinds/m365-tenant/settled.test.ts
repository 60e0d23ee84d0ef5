import { describe, expect, it } from 'vitest';
import { ids, readyCondition, tenant, withConditions } from '../../../hack/testing/build.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { settledCommerce } from './settled.ts';

const status: M365Tenant['status'] = {
  tenantId: ids.tenant,
  initialDomain: 'contoso.onmicrosoft.com',
  agreement: { acceptedOn: '2026-01-15' },
};

const conditions = (account = 'AccountAllowed') => [
  readyCondition(),
  { ...readyCondition('CustomerFound'), type: 'CustomerReady' },
  { ...readyCondition(account), type: 'AccountReady' },
];

const setUp = (more: object = {}, account?: string) =>
  withConditions(tenant({ status: { ...status, ...more } }), conditions(account));

describe('a customer that is set up', () => {
  it('is known from status', () => {
    expect(settledCommerce(setUp())).toEqual({
      customer: { id: ids.tenant, domain: 'contoso.onmicrosoft.com' },
      agreement: { dateAgreed: '2026-01-15' },
      accountStatus: 'Allowed',
    });
  });

  it('that was connected needs no agreement', () => {
    const spec = { connect: { tenantId: ids.tenant } };
    const connected = withConditions(tenant({ spec, status }), conditions());
    expect(settledCommerce(connected)).toEqual({
      customer: { id: ids.tenant, domain: 'contoso.onmicrosoft.com' },
    });
  });

  it.each([
    ['without an id', setUp({ tenantId: undefined })],
    ['without an agreement', setUp({ agreement: undefined })],
    ['whose account is under review', setUp({}, 'AccountUnderReview')],
    ['that was never looked at', tenant({ status })],
    ['that was edited since', { ...setUp(), metadata: { ...setUp().metadata, generation: 99 } }],
  ])('%s is read', (_, resource) => {
    expect(settledCommerce(resource)).toBeUndefined();
  });
});

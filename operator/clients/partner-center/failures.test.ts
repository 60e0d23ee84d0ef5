import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from '../../../hack/simulator/seed.ts';
import { createSpec, offer } from '../../../hack/testing/build.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { NewCustomer, PartnerCenter } from './port.ts';

const startAt = '2026-09-01T09:00:00.000Z';

const northwind = DEFAULT_CUSTOMER.tenantId;

let cloud: Cloud;

let port: PartnerCenter;

let customers = 0;

beforeAll(async () => {
  cloud = await Cloud.start({ startAt });
  port = cloud.clients().partnerCenter;
});

afterAll(() => cloud.stop());

beforeEach(() => {
  cloud.simulator.faults.clear();
  // Nothing is sent for as long as Partner Center has asked to wait.
  cloud.aheadMs += 61_000;
});

const { contact, address } = createSpec;

function newCustomer(overrides: Partial<NewCustomer> = {}): NewCustomer {
  customers += 1;
  return {
    domain: `contoso${customers}.onmicrosoft.com`,
    companyName: createSpec.companyName,
    email: contact.email,
    firstName: contact.firstName,
    lastName: contact.lastName,
    language: 'de',
    culture: 'de-DE',
    address: { country: 'DE', ...address },
    ...overrides,
  };
}

const create = (customer = newCustomer(), requestId: string = crypto.randomUUID()) =>
  port.createCustomer(customer, requestId, signal);

describe('what goes wrong', () => {
  const reads: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['listCustomers', () => port.listCustomers(signal)],
    ['getCustomer', () => port.getCustomer(northwind, signal)],
    ['findCustomerByDomain', () => port.findCustomerByDomain('a.onmicrosoft.com', signal)],
    ['getCountryRules', () => port.getCountryRules('DE', signal)],
    ['checkAddress', () => port.checkAddress({ country: 'DE', ...address }, signal)],
    ['isDomainTaken', () => port.isDomainTaken('a.onmicrosoft.com', signal)],
    ['getAccountStatus', () => port.getAccountStatus(northwind, signal)],
    ['getAgreementTemplateId', () => port.getAgreementTemplateId(signal)],
    ['getAgreement', () => port.getAgreement(northwind, signal)],
    ['getCatalogItem', () => port.getCatalogItem(offer.productId, offer.skuId, 'DE', signal)],
    [
      'listAvailabilities',
      () => port.listAvailabilities(northwind, offer.productId, offer.skuId, signal),
    ],
    ['listSubscriptions', () => port.listSubscriptions(northwind, signal)],
    [
      'createCart',
      async () =>
        port.createCart(
          northwind,
          {
            catalogItemId: 'a:b:c',
            friendlyName: 'x',
            quantity: 1,
            term: 'P1Y',
            billingCycle: 'monthly',
          },
          crypto.randomUUID(),
          signal,
        ),
    ],
    [
      'changeSubscription',
      () =>
        port.changeSubscription(
          northwind,
          crypto.randomUUID(),
          { what: 'Seats', quantity: 9 },
          signal,
        ),
    ],
    [
      'consentApplication',
      () => port.consentApplication(northwind, ['Directory.Read.All'], signal),
    ],
    ['createCustomer', () => create()],
  ];

  it.each(reads)('%s waits as long as it is asked to', async (_, call) => {
    cloud.provokes('retry-inside-wait');
    cloud.fault({
      service: 'partnerCenter',
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '57' },
    });
    expect(await failureOf(call())).toMatchObject({
      class: 'Wait',
      reason: 'Throttled',
      delayMs: 57_000,
    });
  });

  it.each(reads)('%s is tried again where the connection breaks', async (_, call) => {
    cloud.provokes('new-request-id');
    cloud.fault({ service: 'partnerCenter', kind: 'reset' });
    expect(await failureOf(call())).toMatchObject({
      class: 'Transient',
      reason: 'ConnectionFailed',
    });
  });

  it.each(reads)('%s says that it is denied', async (_, call) => {
    const body = { code: 900308, description: 'no', data: [], source: 'PartnerFD' };
    cloud.fault({ service: 'partnerCenter', kind: 'status', status: 403, body });
    expect(await failureOf(call())).toMatchObject({ class: 'Wait', reason: 'PermissionDenied' });
  });
});

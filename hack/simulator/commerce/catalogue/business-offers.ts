/** Plans for up to 300 people. */
import {
  BUSINESS_PLANS,
  BUSINESS_PREMIUM_PLANS,
  BUSINESS_PREMIUM_SKU,
  listed,
  SMALL_BUSINESS,
  TRIAL,
} from './listing.ts';
import type { Offer } from './offers.ts';

export const BUSINESS_OFFERS: readonly Offer[] = [
  listed({
    item: 'CFQ7TTC0LCHC:0002',
    title: 'Microsoft 365 Business Premium',
    sku: BUSINESS_PREMIUM_SKU,
    plans: BUSINESS_PREMIUM_PLANS,
    cents: 1600,
    more: { ...SMALL_BUSINESS, upgradesTo: ['CFQ7TTC0LFLX:0001', 'CFQ7TTC0LFLZ:0002'] },
  }),
  listed({
    item: 'CFQ7TTC0LCHC:0006',
    title: 'Microsoft 365 Business Premium Trial',
    sku: BUSINESS_PREMIUM_SKU,
    plans: BUSINESS_PREMIUM_PLANS,
    cents: 0,
    more: { ...TRIAL, renewsToSkuId: '0002' },
  }),
  listed({
    item: 'CFQ7TTC0LDPB:0001',
    title: 'Microsoft 365 Business Standard',
    sku: ['f245ecc8-75af-4f8e-b61f-27d8114de5f3', 'O365_BUSINESS_PREMIUM'],
    plans: [...BUSINESS_PLANS, 'OFFICE_BUSINESS'],
    cents: 1050,
    more: { ...SMALL_BUSINESS, upgradesTo: ['CFQ7TTC0LCHC:0002', 'CFQ7TTC0LFLX:0001'] },
  }),
  listed({
    item: 'CFQ7TTC0LH18:0001',
    title: 'Microsoft 365 Business Basic',
    sku: ['3b555118-da6a-4418-894f-7df1e2096870', 'O365_BUSINESS_ESSENTIALS'],
    plans: BUSINESS_PLANS,
    cents: 500,
    more: { ...SMALL_BUSINESS, upgradesTo: ['CFQ7TTC0LDPB:0001', 'CFQ7TTC0LCHC:0002'] },
  }),
  listed({
    item: 'CFQ7TTC0LH1G:0001',
    title: 'Microsoft 365 Apps for business',
    sku: ['cdd28e44-67e3-425e-be4c-737fab2899d3', 'O365_BUSINESS'],
    plans: ['OFFICE_BUSINESS'],
    cents: 880,
    more: SMALL_BUSINESS,
  }),
];

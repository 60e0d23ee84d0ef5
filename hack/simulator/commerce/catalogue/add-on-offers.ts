/** Add-ons with the products that they need, trials, and offers of other segments. */
import {
  BUSINESS_PREMIUM_PLANS,
  BUSINESS_PREMIUM_SKU,
  ENTERPRISE_PLANS,
  listed,
  SMALL_BUSINESS,
  TRIAL,
  YEARLY_TERMS,
} from './listing.ts';
import type { Offer } from './offers.ts';

const MAIL_PLATFORMS: readonly string[] = [
  'CFQ7TTC0LCHC:0002',
  'CFQ7TTC0LDPB:0001',
  'CFQ7TTC0LH18:0001',
  'CFQ7TTC0LFLX:0001',
  'CFQ7TTC0LFLZ:0002',
  'CFQ7TTC0LF8Q:0001',
  'CFQ7TTC0LF8R:0001',
];

export const ADD_ONS_AND_SEGMENTS: readonly Offer[] = [
  listed({
    item: 'CFQ7TTC0LH0T:0001',
    title: 'Microsoft Teams Phone Standard',
    sku: ['e43b5b99-8dfb-405f-9987-dc307f34bcbd', 'MCOEV'],
    plans: ['MCOEV'],
    cents: 670,
    more: { prerequisites: MAIL_PLATFORMS, notSoldIn: ['CN', 'IN'] },
  }),
  listed({
    item: 'CFQ7TTC0MM8R:0002',
    title: 'Microsoft 365 Copilot',
    sku: ['639dec6b-bb19-468b-871c-c5c441c4b0cb', 'Microsoft_365_Copilot'],
    plans: ['M365_COPILOT_APPS'],
    cents: 2810,
    // Sold with yearly terms only, so its extended service term has no monthly price to build on.
    more: { prerequisites: MAIL_PLATFORMS, terms: YEARLY_TERMS, notSoldIn: ['CN'] },
  }),
  listed({
    item: 'CFQ7TTC0LHQD:0001',
    title: 'Microsoft Defender for Office 365 (Plan 1)',
    sku: ['4ef96642-f096-40de-a3e9-d83fb2f90211', 'ATP_ENTERPRISE'],
    plans: ['ATP_ENTERPRISE'],
    cents: 170,
  }),
  listed({
    item: 'CFQ7TTC0LFLX:0003',
    title: 'Microsoft 365 E3 Trial',
    sku: ['05e9a617-0261-4cee-bb44-138d3ef5d965', 'SPE_E3'],
    plans: [...ENTERPRISE_PLANS, 'INTUNE_A', 'AAD_PREMIUM'],
    cents: 0,
    more: { ...TRIAL, renewsToSkuId: '0001' },
  }),
  listed({
    item: 'CFQ7TTC0LFJ4:0001',
    title: 'Microsoft 365 A3 for faculty',
    sku: ['4b590615-0888-425a-a965-b3bf7789848d', 'M365EDU_A3_FACULTY'],
    plans: ENTERPRISE_PLANS,
    cents: 400,
    more: { segment: 'education', terms: YEARLY_TERMS },
  }),
  listed({
    item: 'CFQ7TTC0LCHC:0007',
    title: 'Microsoft 365 Business Premium (Nonprofit Staff Pricing)',
    sku: BUSINESS_PREMIUM_SKU,
    plans: BUSINESS_PREMIUM_PLANS,
    cents: 420,
    more: { ...SMALL_BUSINESS, segment: 'nonprofit' },
  }),
  listed({
    item: 'CFQ7TTC0LH2S:0001',
    title: 'Multi-Geo Capabilities in Microsoft 365',
    sku: ['84951599-62b7-46f3-9c9d-30551b2ad607', 'OFFICE365_MULTIGEO'],
    plans: ['OFFICE365_MULTIGEO', 'EXCHANGE_MULTIGEO'],
    cents: 170,
    more: { prerequisites: MAIL_PLATFORMS, terms: YEARLY_TERMS, basePercentMin: 5 },
  }),
];

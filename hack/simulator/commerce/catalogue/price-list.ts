/**
 * What is for sale in the simulated cloud. Product, SKU, service plan and Graph sku ids (`provisioningId`) are the true
 * ones where known (learn.microsoft.com, product names and service plan identifiers); prices are round figures.
 */
import type { Offer, OfferTerm } from './offers.ts';

const PLANS = {
  YAMMER_ENTERPRISE: '7547a3fe-08ee-4ccb-b430-5077c5041653',
  EXCHANGE_S_STANDARD: '9aaf7827-d63c-4b61-89c3-182f06f82e5c',
  EXCHANGE_S_ENTERPRISE: 'efb87545-963c-4e0d-99df-69c6916d9eb0',
  EXCHANGE_S_DESKLESS: '4a82b400-a79f-41a4-b4e2-e94f5787b113',
  EXCHANGE_S_FOUNDATION: '113feb6c-3fe4-4440-bddc-54d774bf0318',
  TEAMS1: '57ff2da0-773e-42df-b2af-ffb7a2317929',
  SHAREPOINTSTANDARD: 'c7699d2e-19aa-44de-8edf-1736da088ca1',
  SHAREPOINTENTERPRISE: '5dbe027f-2339-4123-9542-606e4d348a72',
  SHAREPOINTDESKLESS: '902b47e5-dcb2-4fdc-858b-c63a90a2bdb9',
  INTUNE_A: 'c1ec4a95-1f05-45b3-a911-aa3fa01094f5',
  AAD_PREMIUM: '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  AAD_PREMIUM_P2: 'eec0eb4f-6444-4f95-aba0-50c24d67f998',
  OFFICESUBSCRIPTION: '43de0ff5-c92c-492b-9116-175376d08c38',
  OFFICE_BUSINESS: '094e7854-93fc-4d55-b2c0-3ab5369ebdc1',
  MCOEV: '4828c8ec-dc2e-4779-b502-87ac9ce28ab7',
  BI_AZURE_P2: '70d33638-9c74-4d01-bfd3-562de28bd4ba',
  ATP_ENTERPRISE: 'f20fedf3-f3c3-43c3-8267-2bfdd51c0939',
  PROJECT_CLIENT_SUBSCRIPTION: 'fafd7243-e5c1-4a3a-9e40-495efcb1d3c3',
  VISIO_CLIENT_SUBSCRIPTION: '663a804f-1c30-4ff0-9915-9db84f0d1cea',
  M365_COPILOT_APPS: 'a62f8878-de10-42f3-b68f-6149a25ceb97',
} as const;

type PlanName = keyof typeof PLANS;

const LICENSED_TERMS: readonly OfferTerm[] = [
  { duration: 'P1M', billingCycle: 'monthly' },
  { duration: 'P1Y', billingCycle: 'monthly' },
  { duration: 'P1Y', billingCycle: 'annual' },
  { duration: 'P3Y', billingCycle: 'monthly' },
  { duration: 'P3Y', billingCycle: 'annual' },
  { duration: 'P3Y', billingCycle: 'triennial' },
];
const YEARLY_TERMS = LICENSED_TERMS.filter(({ duration }) => duration === 'P1Y');

/** Seats that the small-business plans allow in one tenant. */
const BUSINESS_SEATS_MAX = 300;
/** Where no smaller figure is published. */
const SEATS_MAX = 10_000_000;
const TRIAL_SEATS = 25;

interface Listed {
  /** `pid:sid` */
  readonly item: string;
  readonly title: string;
  readonly sku: readonly [provisioningId: string, partNumber: string];
  readonly plans: readonly PlanName[];
  readonly cents: number;
  readonly more?: Partial<Offer>;
}

function listed(entry: Listed): Offer {
  const [productId = '', skuId = ''] = entry.item.split(':');
  return {
    productId,
    skuId,
    title: entry.title,
    provisioningId: entry.sku[0],
    skuPartNumber: entry.sku[1],
    servicePlans: entry.plans.map((name) => ({
      servicePlanId: PLANS[name],
      servicePlanName: name,
    })),
    segment: 'commercial',
    minimumQuantity: 1,
    maximumQuantity: SEATS_MAX,
    pooledSeatsMax: undefined,
    isTrial: false,
    renewsToSkuId: undefined,
    prerequisites: [],
    upgradesTo: [],
    terms: LICENSED_TERMS,
    monthlyCents: entry.cents,
    isExtended: false,
    ...entry.more,
  };
}

const SMALL_BUSINESS: Partial<Offer> = {
  maximumQuantity: BUSINESS_SEATS_MAX,
  pooledSeatsMax: BUSINESS_SEATS_MAX,
};
const TRIAL: Partial<Offer> = {
  isTrial: true,
  maximumQuantity: TRIAL_SEATS,
  terms: [{ duration: 'P1M', billingCycle: 'none' }],
};
const BUSINESS_PLANS: readonly PlanName[] = [
  'EXCHANGE_S_STANDARD',
  'TEAMS1',
  'SHAREPOINTSTANDARD',
  'YAMMER_ENTERPRISE',
];
const ENTERPRISE_PLANS: readonly PlanName[] = [
  'EXCHANGE_S_ENTERPRISE',
  'TEAMS1',
  'SHAREPOINTENTERPRISE',
  'OFFICESUBSCRIPTION',
  'YAMMER_ENTERPRISE',
];
const BUSINESS_PREMIUM_SKU = ['cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', 'SPB'] as const;
const BUSINESS_PREMIUM_PLANS: readonly PlanName[] = [
  ...BUSINESS_PLANS,
  'OFFICE_BUSINESS',
  'INTUNE_A',
  'AAD_PREMIUM',
];

const BUSINESS_OFFERS: readonly Offer[] = [
  listed({
    item: 'CFQ7TTC0LCHC:0002',
    title: 'Microsoft 365 Business Premium',
    sku: BUSINESS_PREMIUM_SKU,
    plans: BUSINESS_PREMIUM_PLANS,
    cents: 1700,
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

const ENTERPRISE_OFFERS: readonly Offer[] = [
  listed({
    item: 'CFQ7TTC0LFLX:0001',
    title: 'Microsoft 365 E3',
    sku: ['05e9a617-0261-4cee-bb44-138d3ef5d965', 'SPE_E3'],
    plans: [...ENTERPRISE_PLANS, 'INTUNE_A', 'AAD_PREMIUM'],
    cents: 3400,
    more: { upgradesTo: ['CFQ7TTC0LFLZ:0002'] },
  }),
  listed({
    item: 'CFQ7TTC0LFLZ:0002',
    title: 'Microsoft 365 E5',
    sku: ['06ebc4ee-1bb5-47dd-8120-11324bc54e06', 'SPE_E5'],
    plans: [
      ...ENTERPRISE_PLANS,
      'INTUNE_A',
      'AAD_PREMIUM',
      'AAD_PREMIUM_P2',
      'MCOEV',
      'BI_AZURE_P2',
    ],
    cents: 5370,
  }),
  listed({
    item: 'CFQ7TTC0LH05:0001',
    title: 'Microsoft 365 F3',
    sku: ['66b55226-6b4f-492c-910c-a3b7a3c9d993', 'SPE_F1'],
    plans: ['EXCHANGE_S_DESKLESS', 'SHAREPOINTDESKLESS', 'TEAMS1', 'INTUNE_A', 'YAMMER_ENTERPRISE'],
    cents: 750,
  }),
  listed({
    item: 'CFQ7TTC0LF8Q:0001',
    title: 'Office 365 E1',
    sku: ['18181a46-0d4e-45cd-891e-60aabd171b4e', 'STANDARDPACK'],
    plans: BUSINESS_PLANS,
    cents: 780,
    more: { upgradesTo: ['CFQ7TTC0LF8R:0001', 'CFQ7TTC0LFLX:0001'] },
  }),
  listed({
    item: 'CFQ7TTC0LF8R:0001',
    title: 'Office 365 E3',
    sku: ['6fd2c87f-b296-42f0-b197-1e91e994b900', 'ENTERPRISEPACK'],
    plans: ENTERPRISE_PLANS,
    cents: 2050,
    more: { upgradesTo: ['CFQ7TTC0LFLX:0001'] },
  }),
  listed({
    item: 'CFQ7TTC0LGZT:0001',
    title: 'Microsoft 365 Apps for enterprise',
    sku: ['c2273bd0-dff7-4215-9ef5-2c7bcfb06425', 'OFFICESUBSCRIPTION'],
    plans: ['OFFICESUBSCRIPTION'],
    cents: 1120,
  }),
];

const STANDALONE_OFFERS: readonly Offer[] = [
  listed({
    item: 'CFQ7TTC0LH16:0001',
    title: 'Exchange Online (Plan 1)',
    sku: ['4b9405b0-7788-4568-add1-99614e613b69', 'EXCHANGESTANDARD'],
    plans: ['EXCHANGE_S_STANDARD'],
    cents: 340,
    more: { upgradesTo: ['CFQ7TTC0LH1P:0001'] },
  }),
  listed({
    item: 'CFQ7TTC0LH1P:0001',
    title: 'Exchange Online (Plan 2)',
    sku: ['19ec0d23-8335-4cbd-94ac-3050e30712fa', 'EXCHANGEENTERPRISE'],
    plans: ['EXCHANGE_S_ENTERPRISE'],
    cents: 670,
  }),
  listed({
    item: 'CFQ7TTC0LFLS:0002',
    title: 'Microsoft Entra ID P1',
    sku: ['078d2b04-f1bd-4111-bbd4-b4b1b354cef4', 'AAD_PREMIUM'],
    plans: ['AAD_PREMIUM', 'EXCHANGE_S_FOUNDATION'],
    cents: 510,
  }),
  listed({
    item: 'CFQ7TTC0LFK5:0001',
    title: 'Microsoft Entra ID P2',
    sku: ['84a661c4-e949-4bd2-a560-ed7766fcaf2b', 'AAD_PREMIUM_P2'],
    plans: ['AAD_PREMIUM_P2', 'EXCHANGE_S_FOUNDATION'],
    cents: 760,
  }),
  listed({
    item: 'CFQ7TTC0LCH4:0009',
    title: 'Microsoft Intune Plan 1',
    sku: ['061f9ace-7d42-4136-88ac-31dc755f143f', 'INTUNE_A'],
    plans: ['INTUNE_A', 'EXCHANGE_S_FOUNDATION'],
    cents: 670,
  }),
  listed({
    item: 'CFQ7TTC0HL8W:0001',
    title: 'Power BI Pro',
    sku: ['f8a1db68-be16-40ed-86d5-cb42ce701560', 'POWER_BI_PRO'],
    plans: ['BI_AZURE_P2', 'EXCHANGE_S_FOUNDATION'],
    cents: 840,
  }),
  listed({
    item: 'CFQ7TTC0HD32:0002',
    title: 'Visio Plan 2',
    sku: ['c5928f49-12ba-48f7-ada3-0d743a3601d5', 'VISIOCLIENT'],
    plans: ['VISIO_CLIENT_SUBSCRIPTION', 'EXCHANGE_S_FOUNDATION'],
    cents: 1260,
  }),
  listed({
    item: 'CFQ7TTC0HDB0:0002',
    title: 'Planner and Project Plan 3',
    sku: ['53818b1b-4a27-454b-8896-0dba576410e6', 'PROJECTPROFESSIONAL'],
    plans: ['PROJECT_CLIENT_SUBSCRIPTION', 'EXCHANGE_S_FOUNDATION'],
    cents: 2530,
  }),
];

const MAIL_PLATFORMS: readonly string[] = [
  'CFQ7TTC0LCHC:0002',
  'CFQ7TTC0LDPB:0001',
  'CFQ7TTC0LH18:0001',
  'CFQ7TTC0LFLX:0001',
  'CFQ7TTC0LFLZ:0002',
  'CFQ7TTC0LF8Q:0001',
  'CFQ7TTC0LF8R:0001',
];

const ADD_ONS_AND_SEGMENTS: readonly Offer[] = [
  listed({
    item: 'CFQ7TTC0LH0T:0001',
    title: 'Microsoft Teams Phone Standard',
    sku: ['e43b5b99-8dfb-405f-9987-dc307f34bcbd', 'MCOEV'],
    plans: ['MCOEV'],
    cents: 670,
    more: { prerequisites: MAIL_PLATFORMS },
  }),
  listed({
    item: 'CFQ7TTC0MM8R:0002',
    title: 'Microsoft 365 Copilot',
    sku: ['639dec6b-bb19-468b-871c-c5c441c4b0cb', 'Microsoft_365_Copilot'],
    plans: ['M365_COPILOT_APPS'],
    cents: 2810,
    // Sold with yearly terms only, so its extended service term has no monthly price to build on.
    more: { prerequisites: MAIL_PLATFORMS, terms: YEARLY_TERMS },
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
];

/** Everything that is for sale. */
export const OFFERS: readonly Offer[] = [
  ...BUSINESS_OFFERS,
  ...ENTERPRISE_OFFERS,
  ...STANDALONE_OFFERS,
  ...ADD_ONS_AND_SEGMENTS,
];

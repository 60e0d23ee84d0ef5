/**
 * How offers are written down. Product, SKU, service plan and Graph sku ids (`provisioningId`) are the true ones where
 * known (learn.microsoft.com, product names and service plan identifiers); prices are round figures.
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
  OFFICE365_MULTIGEO: '735c1d98-dd3f-4818-b4ed-c8052e18e62d',
  EXCHANGE_MULTIGEO: '897d51f1-2cfa-4848-9b30-469149f5e68e',
  RMS_S_PREMIUM: '6c57d4b6-3b23-47a5-9bc9-69f17b4947b3',
  CPC_2: '545e3611-3af8-49a5-9a0a-b7867968f4b0',
  M365_COPILOT_APPS: 'a62f8878-de10-42f3-b68f-6149a25ceb97',
} as const;

export type PlanName = keyof typeof PLANS;

const LICENSED_TERMS: readonly OfferTerm[] = [
  { duration: 'P1M', billingCycle: 'monthly' },
  { duration: 'P1Y', billingCycle: 'monthly' },
  { duration: 'P1Y', billingCycle: 'annual' },
  { duration: 'P3Y', billingCycle: 'monthly' },
  { duration: 'P3Y', billingCycle: 'annual' },
  { duration: 'P3Y', billingCycle: 'triennial' },
];
export const YEARLY_TERMS = LICENSED_TERMS.filter(({ duration }) => duration === 'P1Y');

export const MONTHLY_BILLED = LICENSED_TERMS.filter(
  ({ duration, billingCycle }) => duration !== 'P3Y' && billingCycle === 'monthly',
);

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

/** An offer with what most offers have. */
export function listed(entry: Listed): Offer {
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
    notSoldIn: [],
    basePercentMin: 0,
    terms: LICENSED_TERMS,
    monthlyCents: entry.cents,
    isExtended: false,
    ...entry.more,
  };
}

export const SMALL_BUSINESS: Partial<Offer> = {
  maximumQuantity: BUSINESS_SEATS_MAX,
  pooledSeatsMax: BUSINESS_SEATS_MAX,
};
export const TRIAL: Partial<Offer> = {
  isTrial: true,
  maximumQuantity: TRIAL_SEATS,
  terms: [{ duration: 'P1M', billingCycle: 'none' }],
};
export const BUSINESS_PLANS: readonly PlanName[] = [
  'EXCHANGE_S_STANDARD',
  'TEAMS1',
  'SHAREPOINTSTANDARD',
  'YAMMER_ENTERPRISE',
];
export const ENTERPRISE_PLANS: readonly PlanName[] = [
  'EXCHANGE_S_ENTERPRISE',
  'TEAMS1',
  'SHAREPOINTENTERPRISE',
  'OFFICESUBSCRIPTION',
  'YAMMER_ENTERPRISE',
];
export const BUSINESS_PREMIUM_SKU = ['cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', 'SPB'] as const;
export const BUSINESS_PREMIUM_PLANS: readonly PlanName[] = [
  ...BUSINESS_PLANS,
  'OFFICE_BUSINESS',
  'INTUNE_A',
  'AAD_PREMIUM',
];

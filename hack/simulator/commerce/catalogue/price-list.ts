/** What is for sale in the simulated cloud. */
import { ADD_ONS_AND_SEGMENTS } from './add-on-offers.ts';
import { BUSINESS_OFFERS } from './business-offers.ts';
import { ENTERPRISE_OFFERS } from './enterprise-offers.ts';
import type { Offer } from './offers.ts';
import { STANDALONE_OFFERS } from './standalone-offers.ts';

export const OFFERS: readonly Offer[] = [
  ...BUSINESS_OFFERS,
  ...ENTERPRISE_OFFERS,
  ...STANDALONE_OFFERS,
  ...ADD_ONS_AND_SEGMENTS,
];

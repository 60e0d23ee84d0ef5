/** Products, SKUs and availabilities, for a country and for one customer (partner-center.md 4). */
import type { ApiResponse } from '../../world.ts';
import { marketOf } from '../contract.ts';
import type { Customer } from '../customers/customer.ts';
import { requireCustomer } from '../customers/customers.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { attributes, collection, link, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { type Availability, availabilitiesOf } from './availabilities.ts';
import { findOffer, type Offer, type Segment } from './offers.ts';
import { OFFERS } from './price-list.ts';
import { currencyOf, symbolOf } from './prices.ts';

const TARGET_VIEWS = new Set(
  [
    'Azure',
    'AzureReservations',
    'AzureReservationsVM',
    'AzureReservationsSQL',
    'AzureReservationsCosmosDb',
    'MicrosoftAzure',
    'OnlineServices',
    'Software',
    'SoftwareSUSELinux',
    'SoftwarePerpetual',
    'SoftwareSubscriptions',
    'SpecializedOffers',
    'MarketplaceSaaS',
  ].map((view) => view.toLowerCase()),
);
const SEGMENTS: readonly Segment[] = ['commercial', 'education', 'government', 'nonprofit'];

/** Where the caller looks from: a country and the segments he may see. */
interface View {
  readonly country: string;
  readonly segments: ReadonlySet<Segment>;
  /** `/customers/{id}` or nothing, for links. */
  readonly root: string;
  readonly query: string;
}

function viewOf(exchange: Exchange): View {
  const { query } = exchange.request;
  if (exchange.params.customerId !== undefined) {
    const customer = requireCustomer(exchange);
    return {
      country: customer.billingProfile.defaultAddress.country,
      segments: askedSegments(query.get('targetSegment'), customerSegments(customer)),
      root: `/customers/${customer.id}`,
      query: '',
    };
  }
  const country = query.get('country')?.toUpperCase() ?? '';
  if (marketOf(country) === undefined) {
    throw invalidInput(`Query parameter 'country' is required as ISO 3166-1 code: '${country}'.`);
  }
  const everyone = new Set(SEGMENTS.filter((segment) => segment !== 'nonprofit'));
  return {
    country,
    segments: askedSegments(query.get('targetSegment'), everyone),
    root: '',
    query: `?country=${country}`,
  };
}

function askedSegments(asked: string | null, visible: ReadonlySet<Segment>): ReadonlySet<Segment> {
  if (asked === null) {
    return visible;
  }
  const segment = SEGMENTS.find((known) => known === asked.toLowerCase());
  if (segment === undefined) {
    throw new CommerceFault(403, 400030, `Access to target segment '${asked}' is not allowed.`);
  }
  return new Set([segment]);
}

/** Which segments a customer may buy follows from the qualifications (partner-center.md 3.6). */
export function customerSegments(customer: Customer): ReadonlySet<Segment> {
  const segments = new Set<Segment>(['commercial']);
  for (const { qualification, vettingStatus } of customer.qualifications) {
    if (qualification === 'Education' && vettingStatus !== 'Denied') {
      segments.add('education');
    }
    if (qualification === 'GovernmentCommunityCloud' && vettingStatus !== 'Denied') {
      segments.add('government');
    }
    if (qualification === 'Nonprofit') {
      segments.add('nonprofit');
    }
  }
  return segments;
}

export function listProducts(exchange: Exchange): ApiResponse {
  const target = exchange.request.query.get('targetView')?.toLowerCase();
  if (target === undefined) {
    throw invalidInput("Query parameter 'targetView' is required.");
  }
  if (!TARGET_VIEWS.has(target)) {
    throw new CommerceFault(403, 400036, `Access to target view '${target}' is not allowed.`);
  }
  const view = viewOf(exchange);
  const shown = target === 'onlineservices' ? OFFERS.filter(isVisible(view)) : [];
  const items = [...Map.groupBy(shown, ({ productId }) => productId).values()].map((offers) =>
    productToWire(offers, view),
  );
  return { status: 200, body: collection(items, `${view.root}/products${view.query}`) };
}

function isVisible(view: View): (offer: Offer) => boolean {
  return ({ segment, notSoldIn }) =>
    view.segments.has(segment) && !notSoldIn.includes(view.country);
}

export function getProduct(exchange: Exchange): ApiResponse {
  const view = viewOf(exchange);
  return { status: 200, body: productToWire(requireProduct(exchange, view), view) };
}

function requireProduct(exchange: Exchange, view: View): readonly Offer[] {
  const productId = exchange.params.productId ?? '';
  const offers = OFFERS.filter((offer) => offer.productId === productId).filter(isVisible(view));
  if (offers.length === 0) {
    throw new CommerceFault(404, 400013, `Product ${productId} was not found.`);
  }
  return offers;
}

function productToWire(offers: readonly Offer[], view: View): Record<string, unknown> {
  const main = offers.find(({ isTrial }) => !isTrial) ?? offers[0];
  const uri = `${view.root}/products/${main?.productId}`;
  return {
    id: main?.productId,
    title: main?.title,
    description: main?.title,
    productType: { id: 'OnlineServicesNCE', displayName: 'OnlineServicesNCE' },
    isMicrosoftProduct: true,
    publisherName: 'Microsoft Corporation',
    links: { skus: link(`${uri}/skus${view.query}`), self: link(`${uri}${view.query}`) },
    attributes: attributes('Product'),
  };
}

export function listSkus(exchange: Exchange): ApiResponse {
  const view = viewOf(exchange);
  const items = requireProduct(exchange, view).map((offer) => skuToWire(offer, view));
  const uri = `${view.root}/products/${exchange.params.productId}/skus${view.query}`;
  return { status: 200, body: collection(items, uri) };
}

export function getSku(exchange: Exchange): ApiResponse {
  const view = viewOf(exchange);
  return { status: 200, body: skuToWire(requireSku(exchange), view) };
}

/** By id also the SKUs of the extended service term, which no list shows. */
function requireSku(exchange: Exchange): Offer {
  const { productId = '', skuId = '' } = exchange.params;
  if (!OFFERS.some((offer) => offer.productId === productId)) {
    throw new CommerceFault(404, 400013, `Product ${productId} was not found.`);
  }
  const offer = findOffer(productId, skuId);
  if (offer === undefined) {
    throw new CommerceFault(404, 400018, `Sku ${skuId} of product ${productId} was not found.`);
  }
  return offer;
}

function skuToWire(offer: Offer, view: View): Record<string, unknown> {
  const uri = `${view.root}/products/${offer.productId}/skus/${offer.skuId}`;
  return {
    id: offer.skuId,
    productId: offer.productId,
    title: offer.title,
    description: offer.title,
    minimumQuantity: offer.minimumQuantity,
    maximumQuantity: offer.maximumQuantity,
    isTrial: offer.isTrial,
    supportedBillingCycles: [...new Set(offer.terms.map(({ billingCycle }) => billingCycle))],
    purchasePrerequisites: ['MicrosoftCustomerAgreement'],
    inventoryVariables: [],
    provisioningVariables: [],
    dynamicAttributes: present({
      isMicrosoftProduct: true,
      hasConstraints: offer.pooledSeatsMax !== undefined,
      isAddon: offer.prerequisites.length > 0,
      prerequisiteSkus: offer.prerequisites,
      upgradeTargetOffers: offer.upgradesTo,
      provisioningId: offer.provisioningId,
      billingType: 'license',
      isSoftwareAssuranceApplicable: false,
      conversionInstructions: conversionsOf(offer),
    }),
    links: {
      availabilities: link(`${uri}/availabilities${view.query}`),
      self: link(`${uri}${view.query}`),
    },
    attributes: attributes('Sku'),
  };
}

/** Upgrades at once or at renewal, for each term (partner-center.md 4.2). */
function conversionsOf({ terms, upgradesTo }: Offer): readonly unknown[] | undefined {
  if (upgradesTo.length === 0) {
    return undefined;
  }
  const allowed = terms.map(({ duration, billingCycle }) => ({
    termDuration: duration,
    billingPlan: billingCycle,
  }));
  const termTransferRules = ['Immediate', 'Scheduled'].map((transferTiming) => ({
    transferTiming,
    allowedTransferToTermDurationAndBilling: allowed,
  }));
  const conversionOptions = upgradesTo.map((transferToId) => ({ transferToId, termTransferRules }));
  return [{ applicableTermIds: [], conversionOptions }];
}

export function listAvailabilities(exchange: Exchange): ApiResponse {
  const view = viewOf(exchange);
  const offer = requireSku(exchange);
  const items = isVisible(view)(offer)
    ? availabilitiesOf(exchange.world, offer, view.country).map((item) =>
        availabilityToWire(item, view),
      )
    : [];
  const uri = `${view.root}/products/${offer.productId}/skus/${offer.skuId}/availabilities`;
  return { status: 200, body: collection(items, `${uri}${view.query}`) };
}

export function getAvailability(exchange: Exchange): ApiResponse {
  const view = viewOf(exchange);
  const id = exchange.params.availabilityId ?? '';
  const found = availabilitiesOf(exchange.world, requireSku(exchange), view.country).find(
    (availability) => availability.id === id,
  );
  if (found === undefined) {
    throw new CommerceFault(404, 400019, `Availability ${id} was not found.`);
  }
  return { status: 200, body: availabilityToWire(found, view) };
}

function availabilityToWire(availability: Availability, view: View): Record<string, unknown> {
  const { offer } = availability;
  const currency = currencyOf(availability.country);
  const uri = `${view.root}/products/${offer.productId}/skus/${offer.skuId}/availabilities`;
  return present({
    id: availability.id,
    productId: offer.productId,
    skuId: offer.skuId,
    catalogItemId: `${offer.productId}:${offer.skuId}:${availability.id}`,
    defaultCurrency: { code: currency, symbol: symbolOf(currency) },
    segment: offer.segment,
    country: availability.country,
    isPurchasable: !offer.isExtended,
    isRenewable: true,
    renewalInstructions: [
      {
        applicableTermIds: [],
        renewalOptions: [
          {
            renewToId: `${offer.productId}:${offer.renewsToSkuId ?? offer.skuId}`,
            isAutoRenewable: true,
          },
        ],
      },
    ],
    terms: availability.terms.map(({ duration, billingCycle }) => ({
      id: `${availability.id}-${duration}-${billingCycle}`,
      duration,
      description: `${duration} term, billed ${billingCycle}`,
      billingCycle,
      // The catalogue still says one day; the window that counts is 168 hours (partner-center.md 4.3).
      cancellationPolicies: [
        { refundOptions: [{ sequenceId: 0, type: 'Full', expiresAfter: 'P1D' }] },
      ],
    })),
    links: { self: link(`${uri}/${availability.id}${view.query}`) },
    attributes: attributes('Availability'),
  });
}

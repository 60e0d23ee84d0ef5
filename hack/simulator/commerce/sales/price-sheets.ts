/** Price sheet and offer matrix as CSV (partner-center.md 4.5). They take a token for `https://api.partner.microsoft.com`. */
import type { ApiRequest, ApiResponse } from '../../world.ts';
import { authorize } from '../access.ts';
import { extendedSkuId, findOffer, itemOf, type Offer } from '../catalogue/offers.ts';
import { OFFERS } from '../catalogue/price-list.ts';
import { currencyOf, toUnits, unitPriceMinor } from '../catalogue/prices.ts';
import { marketOf } from '../contract.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import type { Scope } from '../routing.ts';
import { type BillingCycle, cycleMonths, iso, TERM_MONTHS, type Term } from '../terms.ts';

const AUDIENCE = 'https://api.partner.microsoft.com';
const PATH = /^\/v1\.0\/sales\/(pricesheets|offermatrix)\((.*)\)\/\$value$/i;
/** This world sells licences only: the other sheets have no rows. */
const VIEWS = [
  'updatedlicensebased',
  'licensebasedest',
  'azure_consumption',
  'azure_reservations',
  'marketplace',
  'software',
];
/** Part of the retail price that a partner pays. */
const PARTNER_SHARE = 0.8;

type Cell = string | number;

/** The sheet; undefined where the path names none. */
export function salesAnswer(scope: Scope, request: ApiRequest): ApiResponse | undefined {
  const [, sheet, args] = PATH.exec(decodeURIComponent(request.path)) ?? [];
  if (sheet === undefined || args === undefined || request.method !== 'GET') {
    return undefined;
  }
  authorize(scope.world, scope.directory, request, { auth: 'app+user', audience: AUDIENCE });
  const named = new Map(
    [...args.matchAll(/(\w+)='([^']*)'/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value,
    ]),
  );
  const rows =
    sheet.toLowerCase() === 'pricesheets' ? priceSheet(scope, request, named) : offerMatrix(named);
  const headers = { 'content-type': 'application/octet-stream' };
  return { status: 200, headers, body: `${rows.map(toCsv).join('\r\n')}\r\n` };
}

function toCsv(row: readonly Cell[]): string {
  return row
    .map((cell) =>
      /[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell,
    )
    .join(',');
}

const PRICE_COLUMNS = [
  'ProductTitle',
  'ProductId',
  'SkuId',
  'SkuTitle',
  'Publisher',
  'SkuDescription',
  'UnitOfMeasure',
  'TermDuration',
  'BillingPlan',
  'Market',
  'Currency',
  'UnitPrice',
  'PricingTierRangeMin',
  'PricingTierRangeMax',
  'EffectiveStartDate',
  'EffectiveEndDate',
  'Tags',
  'ERP Price',
];

/** @throws CommerceFault 404 for the future: no change is announced; 400/2000 for wrong arguments */
function priceSheet(
  { world }: Scope,
  { query }: ApiRequest,
  named: ReadonlyMap<string, string>,
): readonly (readonly Cell[])[] {
  const market = named.get('market')?.toUpperCase() ?? '';
  const view = named.get('pricesheetview')?.toLowerCase() ?? '';
  if (marketOf(market) === undefined || !VIEWS.includes(view)) {
    throw invalidInput(`There is no price sheet of market '${market}' and view '${view}'.`);
  }
  const startMs = sheetMonth(query, world.clock.nowMs());
  const offers = offersOf(view).filter(({ notSoldIn }) => !notSoldIn.includes(market));
  return [PRICE_COLUMNS, ...offers.flatMap((offer) => priceRows(offer, market, startMs))];
}

/** First midnight of the month that the timeline names. */
function sheetMonth(query: URLSearchParams, nowMs: number): number {
  const timeline = query.get('timeline')?.toLowerCase() ?? 'current';
  if (timeline === 'future') {
    throw new CommerceFault(404, 2000, 'No future prices are announced.');
  }
  return readMonth(timeline === 'history' ? (query.get('month') ?? '') : monthText(nowMs));
}

function offersOf(view: string): readonly Offer[] {
  if (view === 'updatedlicensebased') {
    return OFFERS;
  }
  return view === 'licensebasedest'
    ? OFFERS.flatMap(({ productId, skuId }) => findOffer(productId, extendedSkuId(skuId)) ?? [])
    : [];
}

/** The price is that of the whole term. */
function priceRows(offer: Offer, market: string, startMs: number): readonly (readonly Cell[])[] {
  const currency = currencyOf(market);
  return offer.terms.map(({ duration, billingCycle }) => {
    const minor = termPriceMinor(offer, duration, billingCycle, currency);
    return [
      offer.title,
      offer.productId,
      offer.skuId,
      offer.title,
      'Microsoft Corporation',
      offer.title,
      '1 License',
      duration,
      billingCycle.charAt(0).toUpperCase() + billingCycle.slice(1),
      market,
      currency,
      toUnits(minor, currency),
      '',
      '',
      iso(startMs),
      '9999-12-31T00:00:00.000Z',
      '',
      toUnits(Math.round(minor / PARTNER_SHARE), currency),
    ];
  });
}

function termPriceMinor(offer: Offer, term: Term, cycle: BillingCycle, currency: string): number {
  const cycles = TERM_MONTHS[term] / cycleMonths(cycle);
  return unitPriceMinor(offer, term, cycle, currency) * cycles;
}

const MATRIX_COLUMNS = [
  'ProductId',
  'SkuId',
  'ProvisioningId',
  'ProvisioningString',
  'MinLicenses',
  'MaxLicenses',
  'AssetOwnershipLimit',
  'AssetOwnershipLimitType',
  'ProductSkuPreRequisites',
  'ProductSkuConversion',
  'AllowedCountries',
];

function offerMatrix(named: ReadonlyMap<string, string>): readonly (readonly Cell[])[] {
  readMonth(named.get('month') ?? '');
  const rows = OFFERS.map((offer) => [
    offer.productId,
    offer.skuId,
    offer.provisioningId,
    offer.skuPartNumber,
    offer.minimumQuantity,
    offer.maximumQuantity,
    // One trial of an offer for each customer.
    offer.isTrial ? 1 : '',
    offer.isTrial ? 'Tenant' : '',
    offer.prerequisites.join(';'),
    offer.isTrial
      ? itemOf({ productId: offer.productId, skuId: offer.renewsToSkuId ?? '' })
      : offer.upgradesTo.join(';'),
    offer.notSoldIn.length === 0 ? 'All' : `All except ${offer.notSoldIn.join(' ')}`,
  ]);
  return [MATRIX_COLUMNS, ...rows];
}

function monthText(ms: number): string {
  return iso(ms).slice(0, 7).replace('-', '');
}

/** `202609` -> its first midnight. */
function readMonth(text: string): number {
  const [, year, month] = /^(\d{4})(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined || month === undefined) {
    throw invalidInput(`A month is written as YYYYMM: '${text}'.`);
  }
  return Date.UTC(Number(year), Number(month) - 1, 1);
}

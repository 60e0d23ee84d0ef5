/** Reading invoices and their reconciliation lines (partner-center.md 7.1, 7.2). */
import type { ApiResponse } from '../../world.ts';
import { findOffer } from '../catalogue/offers.ts';
import { symbolOf, toUnits } from '../catalogue/prices.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { attributes, collection, link, page, present, readFilter } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf } from '../state.ts';
import { addMonths, iso, parseDate, startOfDay } from '../terms.ts';
import type { Invoice, LedgerEntry } from './entry.ts';
import { entriesOf, invoiceKey, monthOf, unbilledEntries } from './invoices.ts';

const LINE_ITEMS_MAX = 2000;

/** The newest first. */
function invoicesOf({ world, partner }: Exchange): readonly Invoice[] {
  return [...commerceOf(world).invoices.values()]
    .filter(({ partnerTenantId }) => partnerTenantId === partner.tenantId)
    .toReversed();
}

/** `size` and `offset` are ignored for modern invoices (partner-center.md 1.8). */
export function listInvoices(exchange: Exchange): ApiResponse {
  const matches = invoiceFilter(exchange.request.query);
  const items = invoicesOf(exchange).filter(matches).map(invoiceToWire);
  return { status: 200, body: collection(items, '/invoices') };
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  equals: (a, b) => a === b,
  notequals: (a, b) => a !== b,
  greaterthan: (a, b) => a > b,
  greaterthanorequals: (a, b) => a >= b,
  lessthan: (a, b) => a < b,
  lessthanorequals: (a, b) => a <= b,
};

/** On the invoice date only (partner-center.md 7.1). */
function invoiceFilter(query: URLSearchParams): (invoice: Invoice) => boolean {
  const filter = readFilter(query);
  if (filter === undefined) {
    return () => true;
  }
  const day = parseDate(filter.value);
  const compare = COMPARISONS[filter.operator];
  const isDate = filter.field.replaceAll('_', '') === 'invoicedate';
  if (!isDate || day === undefined || compare === undefined) {
    throw invalidInput(`Filter on ${filter.field} with ${filter.operator} is not supported.`);
  }
  return ({ invoicedMs }) => compare(startOfDay(invoicedMs), startOfDay(day));
}

export function getInvoice(exchange: Exchange): ApiResponse {
  return { status: 200, body: invoiceToWire(requireInvoice(exchange)) };
}

function requireInvoice(exchange: Exchange): Invoice {
  const id = exchange.params.invoiceId ?? '';
  const key = invoiceKey(exchange.partner.tenantId, id);
  const invoice = commerceOf(exchange.world).invoices.get(key);
  if (invoice === undefined) {
    throw new CommerceFault(404, 2000, `Invoice ${id} was not found.`);
  }
  return invoice;
}

function invoiceToWire(invoice: Invoice): Record<string, unknown> {
  const { currency } = invoice;
  return {
    id: invoice.id,
    invoiceDate: iso(invoice.invoicedMs),
    billingPeriodStartDate: iso(invoice.startMs),
    billingPeriodEndDate: iso(invoice.endMs - 1000),
    totalCharges: toUnits(invoice.totalMinor, currency),
    paidAmount: 0,
    currencyCode: currency,
    currencySymbol: symbolOf(currency),
    invoiceDetails: [
      {
        invoiceLineItemType: 'billing_line_items',
        billingProvider: 'one_time',
        links: {
          self: link(
            `/invoices/${invoice.id}/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&size=${LINE_ITEMS_MAX}`,
          ),
        },
        attributes: attributes('InvoiceDetail'),
      },
    ],
    documentType: 'invoice',
    invoiceType: 'Recurring',
    links: { self: link(`/invoices/${invoice.id}`) },
    attributes: attributes('Invoice'),
  };
}

export function listLineItems(exchange: Exchange): ApiResponse {
  requireBillingLines(exchange);
  const invoice = requireInvoice(exchange);
  return linePage(exchange, entriesOf(commerceOf(exchange.world).ledger, invoice), invoice.id);
}

/** The open month, or with `period=previous` the last one while it is not invoiced. */
export function listUnbilled(exchange: Exchange): ApiResponse {
  requireBillingLines(exchange);
  const period = exchange.request.query.get('period');
  if (period !== 'current' && period !== 'previous') {
    throw invalidInput(`Query parameter 'period' must be current or previous: '${period}'.`);
  }
  const thisMonth = monthOf(exchange.world.clock.nowMs());
  const startMs = period === 'current' ? thisMonth : addMonths(thisMonth, -1);
  const partnerTenantId = exchange.partner.tenantId;
  const entries = unbilledEntries(exchange.world, { partnerTenantId, startMs });
  return linePage(exchange, entries, undefined);
}

/** This world sells licences only, so there are no usage lines and no legacy (office) lines. */
function requireBillingLines({ request }: Exchange): void {
  const provider = request.query.get('provider')?.toLowerCase();
  const type = request.query.get('invoicelineitemtype')?.toLowerCase();
  if (provider !== 'onetime' || type !== 'billinglineitems') {
    throw invalidInput(
      `Line items need provider=onetime and invoicelineitemtype=billinglineitems: '${provider}', '${type}'.`,
    );
  }
}

function linePage(
  exchange: Exchange,
  entries: readonly LedgerEntry[],
  invoiceNumber: string | undefined,
): ApiResponse {
  const items = entries.map((entry) => lineToWire(exchange, entry, invoiceNumber));
  return { status: 200, body: page(items, exchange.request, LINE_ITEMS_MAX) };
}

function lineToWire(
  exchange: Exchange,
  entry: LedgerEntry,
  invoiceNumber: string | undefined,
): Record<string, unknown> {
  const amount = toUnits(entry.amountMinor, entry.currency);
  const { quantity } = entry;
  const title = findOffer(entry.productId, entry.skuId)?.title;
  return present({
    ...whoBought(exchange, entry),
    ...whenBought(exchange, entry),
    invoiceNumber,
    productId: entry.productId,
    skuId: entry.skuId,
    availabilityId: entry.availabilityId,
    productName: title,
    skuName: title,
    publisherName: 'Microsoft Corporation',
    chargeType: entry.chargeType,
    termAndBillingCycle: `${entry.termDuration} ${entry.billingCycle}`,
    billingFrequency: entry.billingCycle,
    quantity,
    billableQuantity: quantity,
    unitPrice: toUnits(entry.unitPriceMinor, entry.pricingCurrency),
    effectiveUnitPrice: toUnits(entry.effectiveUnitMinor, entry.pricingCurrency),
    subtotal: amount,
    taxTotal: 0,
    totalForCustomer: amount,
    currency: entry.currency,
    pricingCurrency: entry.pricingCurrency,
    pcToBCExchangeRate: entry.exchangeRate,
    pcToBCExchangeRateDate: iso(entry.atMs),
    promotionId: entry.promotion?.id,
    priceAdjustmentDescription:
      entry.promotion === undefined ? undefined : `["${entry.promotion.percent}.0% Promotion"]`,
    productQualifiers: qualifiersOf(entry),
    creditReasonCode: entry.creditReason,
    chargeStartDate: iso(entry.chargeStartMs),
    chargeEndDate: iso(entry.chargeEndMs - 1000),
    attributes: attributes('OneTimeInvoiceLineItem'),
  });
}

/** Set for add-ons and trials only (partner-center.md 7.2). */
function qualifiersOf({ productId, skuId, isTrial }: LedgerEntry): readonly string[] | undefined {
  const isAddOn = (findOffer(productId, skuId)?.prerequisites.length ?? 0) > 0;
  const qualifiers = [...(isAddOn ? ['Addon'] : []), ...(isTrial ? ['Trial'] : [])];
  return qualifiers.length === 0 ? undefined : qualifiers;
}

function whoBought(exchange: Exchange, entry: LedgerEntry): Record<string, unknown> {
  const customer = commerceOf(exchange.world).customers.get(entry.customerId);
  return {
    partnerId: entry.partnerTenantId,
    mpnId: exchange.partner.mpnId,
    customerId: entry.customerId,
    customerName: customer?.billingProfile.companyName,
    customerDomainName: customer?.domain,
    customerCountry: customer?.billingProfile.defaultAddress.country,
  };
}

/** 0 where the partner sold it himself. */
function resellerMpnId({ partner }: Exchange, { partnerId }: LedgerEntry): number {
  return partnerId === partner.mpnId ? 0 : Number(partnerId);
}

function whenBought(exchange: Exchange, entry: LedgerEntry): Record<string, unknown> {
  const { orders, subscriptions } = commerceOf(exchange.world);
  return {
    orderId: entry.orderId,
    alternateId: entry.orderId,
    orderDate: isoOrNothing(orders.get(entry.orderId)?.createdMs),
    subscriptionId: entry.subscriptionId,
    subscriptionDescription: subscriptions.get(entry.subscriptionId)?.friendlyName,
    subscriptionStartDate: iso(entry.termStartMs),
    subscriptionEndDate: iso(entry.termEndMs - 1000),
    resellerMpnId: resellerMpnId(exchange, entry),
  };
}

function isoOrNothing(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : iso(ms);
}

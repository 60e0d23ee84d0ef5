/**
 * Invoices made from the ledger: one per partner and calendar month, there from the 6th of the next one
 * (partner-center.md 7.1, 7.2). Nothing is stored: an invoice follows from ledger and clock.
 */
import type { ApiResponse } from '../../world.ts';
import { findOffer } from '../catalogue/offers.ts';
import { symbolOf, toUnits } from '../catalogue/prices.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { attributes, collection, link, page, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf, type LedgerEntry } from '../state.ts';
import { addMonths, DAY_MS, iso } from '../terms.ts';

const INVOICE_DAY = 6;
const LINE_ITEMS_MAX = 2000;

interface Invoice {
  readonly id: string;
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  readonly invoiceMs: number;
  readonly entries: readonly LedgerEntry[];
}

function monthOf(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function entriesByMonth(exchange: Exchange): Map<number, LedgerEntry[]> {
  const { partner, world } = exchange;
  const entries = commerceOf(world).ledger.filter(
    ({ partnerTenantId }) => partnerTenantId === partner.tenantId,
  );
  return Map.groupBy(entries, ({ atMs }) => monthOf(atMs));
}

/** The newest first. */
function invoicesOf(exchange: Exchange): readonly Invoice[] {
  const now = exchange.world.clock.nowMs();
  return [...entriesByMonth(exchange)]
    .map(([startMs, entries]) => {
      const endMs = addMonths(startMs, 1);
      const invoiceMs = endMs + (INVOICE_DAY - 1) * DAY_MS;
      return { id: invoiceId(exchange, startMs), startMs, endMs, invoiceMs, entries };
    })
    .filter(({ invoiceMs }) => invoiceMs <= now)
    .sort((a, b) => b.startMs - a.startMs);
}

/** `G` marks modern invoices; then nine digits from partner and month. */
function invoiceId(exchange: Exchange, startMs: number): string {
  const partner = Number.parseInt(exchange.partner.tenantId.replaceAll(/\D/g, '').slice(0, 4), 10);
  const month = new Date(startMs).toISOString().slice(2, 7).replace('-', '');
  return `G${String(Number.isNaN(partner) ? 0 : partner).padStart(5, '0')}${month}`;
}

/** `size` and `offset` are ignored for modern invoices (partner-center.md 1.8). */
export function listInvoices(exchange: Exchange): ApiResponse {
  const items = invoicesOf(exchange).map((invoice) => invoiceToWire(exchange, invoice));
  return { status: 200, body: collection(items, '/invoices') };
}

export function getInvoice(exchange: Exchange): ApiResponse {
  return { status: 200, body: invoiceToWire(exchange, requireInvoice(exchange)) };
}

function requireInvoice(exchange: Exchange): Invoice {
  const id = exchange.params.invoiceId ?? '';
  const invoice = invoicesOf(exchange).find((known) => known.id === id);
  if (invoice === undefined) {
    throw new CommerceFault(404, 2000, `Invoice ${id} was not found.`);
  }
  return invoice;
}

function invoiceToWire(exchange: Exchange, invoice: Invoice): Record<string, unknown> {
  const { currency } = exchange.partner;
  const total = invoice.entries.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return {
    id: invoice.id,
    invoiceDate: iso(invoice.invoiceMs),
    billingPeriodStartDate: iso(invoice.startMs),
    billingPeriodEndDate: iso(invoice.endMs - 1000),
    totalCharges: toUnits(total, currency),
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
  return linePage(exchange, invoice.entries, invoice.id);
}

/** The open month, or with `period=previous` the last one while it is not invoiced. */
export function listUnbilled(exchange: Exchange): ApiResponse {
  requireBillingLines(exchange);
  const period = exchange.request.query.get('period');
  if (period !== 'current' && period !== 'previous') {
    throw invalidInput(`Query parameter 'period' must be current or previous: '${period}'.`);
  }
  const thisMonth = monthOf(exchange.world.clock.nowMs());
  const month = period === 'current' ? thisMonth : addMonths(thisMonth, -1);
  const isInvoiced = invoicesOf(exchange).some(({ startMs }) => startMs === month);
  const entries = isInvoiced ? [] : (entriesByMonth(exchange).get(month) ?? []);
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
  const price = toUnits(entry.unitPriceMinor, entry.pricingCurrency);
  const title = findOffer(entry.productId, entry.skuId)?.title;
  const quantity = entry.amountMinor < 0 ? -entry.quantity : entry.quantity;
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
    unitPrice: price,
    effectiveUnitPrice: price,
    subtotal: amount,
    taxTotal: 0,
    totalForCustomer: amount,
    currency: entry.currency,
    pricingCurrency: entry.pricingCurrency,
    chargeStartDate: iso(entry.chargeStartMs),
    chargeEndDate: iso(entry.chargeEndMs - 1000),
    attributes: attributes('OneTimeInvoiceLineItem'),
  });
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

function whenBought(exchange: Exchange, entry: LedgerEntry): Record<string, unknown> {
  const { orders, subscriptions } = commerceOf(exchange.world);
  const subscription = subscriptions.get(entry.subscriptionId);
  return {
    orderId: entry.orderId,
    alternateId: entry.orderId,
    orderDate: isoOrNothing(orders.get(entry.orderId)?.createdMs),
    subscriptionId: entry.subscriptionId,
    subscriptionStartDate: isoOrNothing(subscription?.termStartMs),
    subscriptionEndDate: isoOrNothing(subscription?.termEndMs),
    // No indirect reseller in this world.
    resellerMpnId: 0,
  };
}

function isoOrNothing(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : iso(ms);
}

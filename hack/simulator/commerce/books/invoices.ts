/** An invoice for each partner and calendar month, made on the 6th of the next one (partner-center.md 7.1). */

import type { TaskKind, World } from '../../world.ts';
import type { Scope } from '../routing.ts';
import { commerceOf, requirePartner } from '../state.ts';
import { addMonths, DAY_MS } from '../terms.ts';
import { notify } from '../webhooks/outbox.ts';
import type { Invoice, LedgerEntry } from './entry.ts';

/** The real day is about the 6th to the 8th. */
const INVOICE_DAY = 6;

interface Month {
  readonly partnerTenantId: string;
  readonly startMs: number;
}

const INVOICE: TaskKind<Month> = { name: 'commerce.invoice' };

export function registerInvoices({ world }: Scope): void {
  world.clock.on(INVOICE, (month) => {
    const commerce = commerceOf(world);
    commerce.openMonths.delete(keyOf(month));
    const invoice = makeInvoice(world, month);
    commerce.invoices.set(invoiceKey(invoice.partnerTenantId, invoice.id), invoice);
    notify(world, invoice.partnerTenantId, {
      name: 'invoice-ready',
      resourcePath: `/invoices/${invoice.id}`,
      resourceName: 'invoice',
    });
  });
}

/** The running month of this partner has charges: it will be invoiced. */
export function expectInvoice(world: World, partnerTenantId: string): void {
  const { openMonths } = commerceOf(world);
  const month = { partnerTenantId, startMs: monthOf(world.clock.nowMs()) };
  if (!openMonths.has(keyOf(month))) {
    openMonths.add(keyOf(month));
    world.clock.schedule(addMonths(month.startMs, 1) + (INVOICE_DAY - 1) * DAY_MS, INVOICE, month);
  }
}

/** Two partners may have an invoice of one number. */
export function invoiceKey(partnerTenantId: string, id: string): string {
  return `${partnerTenantId}|${id}`;
}

function keyOf({ partnerTenantId, startMs }: Month): string {
  return `${partnerTenantId}|${startMs}`;
}

export function monthOf(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function makeInvoice(world: World, { partnerTenantId, startMs }: Month): Invoice {
  const { ledger } = commerceOf(world);
  const endMs = addMonths(startMs, 1);
  const range = { partnerTenantId, from: indexAt(ledger, startMs), to: indexAt(ledger, endMs) };
  return {
    ...range,
    id: invoiceId(partnerTenantId, startMs),
    startMs,
    endMs,
    invoicedMs: world.clock.nowMs(),
    currency: requirePartner(world, partnerTenantId).currency,
    totalMinor: entriesOf(ledger, range).reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  };
}

/** Nine digits from partner and month. */
function invoiceId(partnerTenantId: string, startMs: number): string {
  const partner = Number.parseInt(partnerTenantId.replaceAll(/\D/g, '').slice(0, 4), 10);
  const month = new Date(startMs).toISOString().slice(2, 7).replace('-', '');
  return `G${String(Number.isNaN(partner) ? 0 : partner).padStart(5, '0')}${month}`;
}

/** Entries of one partner, from his invoice or from a month that is not invoiced yet. */
export function entriesOf(
  ledger: readonly LedgerEntry[],
  range: Pick<Invoice, 'partnerTenantId' | 'from' | 'to'>,
): readonly LedgerEntry[] {
  return ledger
    .slice(range.from, range.to)
    .filter(({ partnerTenantId }) => partnerTenantId === range.partnerTenantId);
}

/** What the open month of this start has so far; nothing where it is invoiced. */
export function unbilledEntries(world: World, month: Month): readonly LedgerEntry[] {
  const { ledger, openMonths } = commerceOf(world);
  if (!openMonths.has(keyOf(month))) {
    return [];
  }
  const to = indexAt(ledger, addMonths(month.startMs, 1));
  return entriesOf(ledger, { ...month, from: indexAt(ledger, month.startMs), to });
}

/** Index of the first entry at or after this time. */
function indexAt(ledger: readonly LedgerEntry[], ms: number): number {
  let [low, high] = [0, ledger.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ledger[middle]?.atMs ?? 0) < ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The books of random years: ledger = invoices = sum of lines, and each line is what was held on its days. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Business, type Held, someStart, step, wanted } from '../random-business.ts';
import { commerceOf } from '../state.ts';
import { DAY_MS } from '../terms.ts';
import type { TestCloud } from '../test-world.ts';
import type { LedgerEntry } from './entry.ts';

const LINES = 'provider=onetime&invoicelineitemtype=billinglineitems';

/** Seats that the ledger charges, by subscription and day. */
function chargedSeats(ledger: readonly LedgerEntry[]): Held {
  const charged: Held = new Map();
  for (const { subscriptionId, quantity, chargeStartMs, chargeEndMs } of ledger) {
    for (let day = chargeStartMs; day < chargeEndMs; day += DAY_MS) {
      const key = `${subscriptionId} ${day}`;
      charged.set(key, (charged.get(key) ?? 0) + quantity);
    }
  }
  return charged;
}

interface Line {
  readonly subtotal: number;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly effectiveUnitPrice: number;
  readonly pcToBCExchangeRate: number;
}

function linesOf(cloud: TestCloud, url: string): readonly Line[] {
  const { items } = cloud.send('GET', `${url}?${LINES}&period=current`).json;
  return items as unknown as readonly Line[];
}

function cents(lines: readonly Line[]): number {
  return lines.reduce((sum, { subtotal }) => sum + Math.round(subtotal * 100), 0);
}

function checkBooks({ cloud, held }: Business): void {
  const { ledger } = commerceOf(cloud.world);
  const charged = chargedSeats(ledger);
  for (const [key, seats] of held) expect([key, charged.get(key) ?? 0]).toEqual([key, seats]);

  const invoices = cloud.send('GET', '/v1/invoices').json.items as unknown as readonly {
    readonly id: string;
    readonly totalCharges: number;
  }[];
  const invoiced = invoices.map(({ id, totalCharges }) => {
    const lines = linesOf(cloud, `/v1/invoices/${id}/lineitems`);
    expect([id, cents(lines)]).toEqual([id, Math.round(totalCharges * 100)]);
    for (const { subtotal, quantity, effectiveUnitPrice, unitPrice, ...line } of lines) {
      const perSeat = Math.floor(effectiveUnitPrice * line.pcToBCExchangeRate * 100 + 1e-6);
      expect(Math.round(subtotal * 100) + 0).toBe(perSeat * quantity + 0);
      expect(effectiveUnitPrice).toBeLessThanOrEqual(unitPrice);
    }
    return Math.round(totalCharges * 100);
  });
  const open = cents(linesOf(cloud, '/v1/invoices/unbilled/lineitems'));
  const booked = ledger.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  expect(invoiced.reduce((sum, amount) => sum + amount, open)).toBe(booked);
}

it('hold over random years of purchases, changes and renewals', () => {
  const currency = fc.constantFrom('EUR', 'CHF', 'SEK');
  const steps = fc.array(step, { minLength: 10, maxLength: 40 });
  fc.assert(
    fc.property(someStart, currency, wanted, steps, (startAt, paidIn, first, rest) => {
      const business = new Business(startAt, paidIn);
      for (const next of [{ do: 'buy', wanted: first } as const, ...rest]) business.take(next);
      business.wait(400);
      // To a day on which the month before is invoiced.
      const day = new Date(business.cloud.world.clock.nowMs()).getUTCDate();
      business.wait(day < 10 ? 10 - day : 0);
      checkBooks(business);
    }),
    { numRuns: 40 },
  );
});

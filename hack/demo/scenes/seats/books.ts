/** What Microsoft has charged, by the ledger that the invoices are made of. */
import { commerceOf } from '../../../simulator/commerce/index.ts';
import { addMonths, startOfDay } from '../../../simulator/commerce/terms.ts';
import type { World } from '../../../simulator/world.ts';
import { start } from './customers.ts';

/** 00:00 UTC: Microsoft charges a month when it begins. */
export function monthStartMs(month: number): number {
  return addMonths(startOfDay(Date.parse(start)), month);
}

/** In minor units, of this customer in this month, credits taken off. */
export function chargedIn(world: World, tenantId: string, month: number): number {
  return sumOf(linesOf(world, tenantId, month));
}

/** What the month itself was charged when it began, before anything changed in it. */
export function chargedAtStart(world: World, tenantId: string, month: number): number {
  const lines = linesOf(world, tenantId, month);
  return sumOf(lines.filter(({ chargeType }) => ['cycleCharge', 'renew'].includes(chargeType)));
}

function linesOf(world: World, tenantId: string, month: number) {
  const { ledger } = commerceOf(world);
  return ledger.filter(
    ({ customerId, atMs }) =>
      customerId === tenantId && atMs >= monthStartMs(month) && atMs < monthStartMs(month + 1),
  );
}

function sumOf(lines: readonly { readonly amountMinor: number }[]): number {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

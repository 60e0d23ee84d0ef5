/** The minimum of partner-center.md 13, row by row. */
import { describe, expect, it } from 'vitest';
import { BOOK_ROWS } from './checklist/partner-center-books.ts';
import { CUSTOMER_ROWS } from './checklist/partner-center-customers.ts';
import { PURCHASE_ROWS } from './checklist/partner-center-purchases.ts';
import { REQUEST_ROWS } from './checklist/partner-center-requests.ts';
import { TIME_ROWS } from './checklist/partner-center-time.ts';

const PROOFS = [...REQUEST_ROWS, ...CUSTOMER_ROWS, ...PURCHASE_ROWS, ...TIME_ROWS, ...BOOK_ROWS];
const ROWS = Array.from({ length: 15 }, (_, index) => index + 1);

describe('the checklist of partner-center.md 13', () => {
  it('is walked whole', () => {
    expect([...new Set(PROOFS.map(({ row }) => row))]).toEqual(ROWS);
  });

  it.each(PROOFS)('row $row: $words ($source)', async ({ proof }) => {
    expect.hasAssertions();
    await proof();
  });
});

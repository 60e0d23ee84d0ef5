/** Money in integer minor units. Pure. */

/** Margin as a share of the revenue, e.g. "20.0"; "0.0" where nothing comes in and nothing is spent. */
export function marginPercent(cost: number, revenue: number): string {
  if (revenue === 0) return cost === 0 ? '0.0' : '-100.0';
  // Tenths of a percent in integers first: 0.1 is no binary fraction.
  return (Math.round(((revenue - cost) * 1000) / revenue) / 10).toFixed(1);
}

/**
 * The most idle seats that keep the margin at or above the floor: with n assigned seats at cost C and price R,
 * (n·R − (n+b)·C) / (n·R) ≥ m  ⇔  b ≤ (n·(R·(1−m) − C)) / C.
 */
export function affordableIdleSeats(options: {
  readonly assigned: number;
  readonly cost: number;
  readonly price: number;
  readonly floorPercent: number;
}): number {
  const { assigned, cost, price, floorPercent } = options;
  if (cost === 0) return Number.MAX_SAFE_INTEGER;
  const hundredths = assigned * (price * (100 - floorPercent) - cost * 100);
  return Math.max(0, Math.floor(hundredths / (cost * 100)));
}

/** "16.00 EUR" */
export function formatMoney(minorUnits: number, currency: string): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
      .maximumFractionDigits ?? 2;
  return `${(minorUnits / 10 ** digits).toFixed(digits)} ${currency}`;
}

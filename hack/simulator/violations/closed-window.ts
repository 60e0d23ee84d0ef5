import { member, type Rule, remember } from './rule.ts';
import { patchedIn, shownIn } from './subscription-reads.ts';

interface Window {
  readonly quantity: number;
  readonly cancellableUntilMs: number;
  readonly batches: readonly { readonly quantity: number; readonly untilMs: number }[];
  /** When the client was last told the time: at this read. */
  readonly readMs: number;
}

/** Refusals of what comes too late (partner-center.md 15, ruling 7). */
const TOO_LATE: ReadonlySet<unknown> = new Set([900213, 800090, 900117, 900214, 900257]);

/** Only where the client could know it: where the window had closed when it last read the subscription. */
export const closedWindow: Rule<Map<string, Window>> = {
  name: 'closed-window',
  says: 'Seats are dropped, and subscriptions cancelled, only inside the windows that the subscription shows (partner-center.md 6.4).',
  begin: () => new Map(),
  look(windows, sight) {
    const patched = patchedIn(sight);
    const known = patched === undefined ? undefined : windows.get(patched);
    for (const { key, resource } of shownIn(sight)) {
      remember(windows, key, windowOf(resource, sight.atMs));
    }
    if (known === undefined || !TOO_LATE.has(member(sight.answer.body, 'code'))) return undefined;
    const { body } = sight.request;
    if (member(body, 'status') === 'deleted') {
      return known.cancellableUntilMs > known.readMs ? undefined : 'cancelled after the window';
    }
    const open = known.batches.filter(({ untilMs }) => untilMs > known.readMs);
    const droppable = open.reduce((sum, { quantity }) => sum + quantity, 0);
    const dropped = known.quantity - Number(member(body, 'quantity'));
    return dropped > droppable ? `${dropped} seats dropped, ${droppable} could be` : undefined;
  },
};

function windowOf(resource: unknown, readMs: number): Window {
  const details = member(member(resource, 'refundableQuantity'), 'details');
  return {
    quantity: Number(member(resource, 'quantity')),
    cancellableUntilMs: dateOf(member(resource, 'cancellationAllowedUntilDate')),
    batches: (Array.isArray(details) ? (details as unknown[]) : []).map((batch) => ({
      quantity: Number(member(batch, 'quantity')),
      untilMs: dateOf(member(batch, 'allowedUntilDateTime')),
    })),
    readMs,
  };
}

function dateOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : 0;
}

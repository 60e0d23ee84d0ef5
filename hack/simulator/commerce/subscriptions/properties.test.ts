/** What holds for subscriptions at every moment of random years. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dumpWorld, loadWorld } from '../../rooms.ts';
import { Business, someStart, step, wanted } from '../random-business.ts';
import { commerceOf } from '../state.ts';
import { WINDOW_MS } from '../terms.ts';
import { type TestCloud, testCloud, update } from '../test-world.ts';

/** Never longer than 168 hours, never for more seats than there are. */
function checkWindows({ world }: TestCloud): void {
  const now = world.clock.nowMs();
  for (const subscription of commerceOf(world).subscriptions.values()) {
    const { quantity, extended, refundBatches } = subscription;
    const open = refundBatches.filter(({ allowedUntilMs }) => allowedUntilMs > now);
    const refundable = open.reduce((sum, batch) => sum + batch.quantity, 0);
    expect(quantity).toBeGreaterThan(0);
    expect(open.every(({ allowedUntilMs }) => allowedUntilMs <= now + WINDOW_MS)).toBe(true);
    expect(refundable).toBeLessThanOrEqual(quantity);
    const until = subscription.cancellationAllowedUntilMs ?? 0;
    expect(extended || until <= now + WINDOW_MS).toBe(true);
  }
}

/** What is sent back as it was read changes nothing. */
function checkFullReplace({ cloud, customer }: Business): void {
  for (const { id } of commerceOf(cloud.world).subscriptions.values()) {
    const url = `/v1/customers/${customer}/subscriptions/${id}`;
    const before = cloud.send('GET', url).body;
    update(cloud, url, {});
    expect(cloud.send('GET', url).body).toEqual(before);
  }
}

const DIRECTORY_STATUS: Readonly<Record<string, string>> = {
  active: 'Enabled',
  expired: 'Warning',
  suspended: 'Suspended',
  disabled: 'Suspended',
  deleted: 'Deleted',
};

function checkDirectory({ world, directory }: TestCloud): void {
  for (const { id, quantity, status } of commerceOf(world).subscriptions.values()) {
    expect(directory.subscriptions.get(id)).toMatchObject({
      seats: quantity,
      status: DIRECTORY_STATUS[status],
    });
  }
}

it('hold at every moment: windows, full replace, seats of the directory, a saved world', () => {
  const steps = fc.array(step, { minLength: 10, maxLength: 30 });
  fc.assert(
    fc.property(someStart, wanted, steps, (startAt, first, rest) => {
      const business = new Business(startAt, 'EUR');
      for (const next of [{ do: 'buy', wanted: first } as const, ...rest]) {
        business.take(next);
        checkWindows(business.cloud);
        checkFullReplace(business);
        checkDirectory(business.cloud);
      }
      const saved = dumpWorld(business.cloud.world);
      const other = testCloud({ startAt });
      loadWorld(other.world, saved);
      expect(dumpWorld(other.world)).toEqual(saved);
    }),
    { numRuns: 20 },
  );
});

/** Rows 10 and 11 of partner-center.md 13: what needs time to pass. */
import { expect } from 'vitest';
import { commerceOf } from '../commerce/state.ts';
import {
  buyer,
  catalogItem,
  subscribe,
  type TestCloud,
  testCloud,
  update,
} from '../commerce/test-world.ts';
import { moveTo, type Row, shop } from './partner-center-row.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MONTHLY = { termDuration: 'P1M' };
const CANCEL = [{ scheduleType: 'TermEnd', actionType: 'Cancel' }];

function read(cloud: TestCloud, url: string): Record<string, unknown> {
  return { ...cloud.send('GET', url).json };
}

export const TIME_ROWS: readonly Row[] = [
  {
    row: 10,
    words: 'refundable batches for 168 hours, prorated',
    source: '6.4, ruling 1',
    proof: () => {
      const { cloud, subscription } = shop({ quantity: 10 });
      cloud.world.clock.advance(3 * DAY_MS);
      update(cloud, subscription, { quantity: 12 });
      cloud.world.clock.advance(4 * DAY_MS);
      expect(update(cloud, subscription, { quantity: 9 }).json.code).toBe(800090);
      expect(update(cloud, subscription, { quantity: 10 }).status).toBe(200);
      const credit = commerceOf(cloud.world).ledger.at(-2)!;
      // 23 days of September are left.
      const perSeat = Math.floor((1600 * 23) / 30);
      expect(credit).toMatchObject({ chargeType: 'removeQuantity', amountMinor: -12 * perSeat });
    },
  },
  {
    row: 10,
    words: 'cancelled inside the window only: 900213',
    source: '6.4, ruling 7',
    proof: () => {
      const { cloud, subscription } = shop();
      cloud.world.clock.advance(168 * HOUR_MS - 1);
      expect(read(cloud, subscription)).toMatchObject({ actions: ['Edit', 'Cancel'] });
      cloud.world.clock.advance(1);
      const late = update(cloud, subscription, { status: 'deleted' });
      expect(late).toMatchObject({ status: 400, json: { code: 900213 } });
    },
  },
  {
    row: 10,
    words: 'renewal from 00:00 UTC of the day after, 409 meanwhile',
    source: '6.4',
    proof: () => {
      const { cloud, subscription } = shop(MONTHLY);
      moveTo(cloud, '2026-10-01T00:00:00Z');
      const busy = update(cloud, subscription, { quantity: 11 });
      expect(busy).toMatchObject({ status: 409, json: { code: 800082 } });
      cloud.world.clock.advance(cloud.world.settings.renewalMs);
      expect(read(cloud, subscription)).toMatchObject({
        commitmentEndDate: '2026-10-31T00:00:00Z',
        refundableQuantity: { totalQuantity: 10 },
      });
    },
  },
  {
    row: 10,
    words: 'scheduled instructions are carried out, and cleared by a mid-term change',
    source: '6.4, ruling 4',
    proof: () => {
      const { cloud, subscription } = shop({ termDuration: 'P1M' });
      const product = {
        productId: 'CFQ7TTC0LCHC',
        skuId: '0002',
        billingCycle: 'monthly',
        termDuration: 'P1M',
      };
      const scheduledNextTermInstructions = { product, quantity: 4 };
      update(cloud, subscription, { scheduledNextTermInstructions });
      update(cloud, subscription, { quantity: 11, scheduledNextTermInstructions });
      expect(read(cloud, subscription)).not.toHaveProperty('scheduledNextTermInstructions');
      update(cloud, subscription, { scheduledNextTermInstructions });
      moveTo(cloud, '2026-10-01T02:00:00Z');
      expect(read(cloud, subscription)).toMatchObject({ quantity: 4 });
    },
  },
  {
    row: 10,
    words: 'full-replace PATCH',
    source: '6.3, ruling 3',
    proof: () => {
      const { cloud, subscription } = shop();
      const answer = cloud.send('PATCH', subscription, { friendlyName: 'renamed' });
      expect(answer).toMatchObject({
        status: 200,
        json: { friendlyName: 'renamed', autoRenewEnabled: false, quantity: 10, status: 'active' },
      });
    },
  },
  {
    row: 10,
    words: 'suspension: auto-renew off, seats suspended, quantity locked, billing goes on',
    source: '6.4',
    proof: () => {
      const { cloud, subscription } = shop();
      update(cloud, subscription, { status: 'suspended' });
      expect(read(cloud, subscription)).toMatchObject({ autoRenewEnabled: false });
      expect(read(cloud, subscription)).not.toHaveProperty('refundableQuantity');
      expect(update(cloud, subscription, { quantity: 11 }).json.code).toBe(800091);
      const [seats] = cloud.directory.subscriptions.values();
      expect(seats).toMatchObject({ status: 'Suspended' });
      moveTo(cloud, '2026-10-01T00:00:00Z');
      expect(commerceOf(cloud.world).ledger.at(-1)).toMatchObject({ chargeType: 'cycleCharge' });
    },
  },
  {
    row: 10,
    words: 'EST: auto-renew off alone becomes a paid monthly term, +3 %',
    source: '6.6',
    proof: () => {
      const { cloud, subscription } = shop(MONTHLY);
      update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: [] });
      moveTo(cloud, '2026-10-01T02:00:00Z');
      expect(read(cloud, subscription)).toMatchObject({ status: 'active', termDuration: 'P1M' });
      const { unitPriceMinor } = commerceOf(cloud.world).ledger.at(-1)!;
      expect(unitPriceMinor).toBe(Math.round(1600 * 1.2 * 1.03));
    },
  },
  {
    row: 10,
    words: 'Cancel at term end: deleted at once',
    source: '6.6',
    proof: () => {
      const { cloud, subscription } = shop(MONTHLY);
      update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: CANCEL });
      moveTo(cloud, '2026-10-01T00:00:00Z');
      expect(read(cloud, subscription)).toMatchObject({ status: 'deleted' });
      expect(update(cloud, subscription, { quantity: 11 }).json.code).toBe(2011);
    },
  },
  {
    row: 10,
    words: 'expired, disabled, deleted',
    source: '6.4',
    proof: () => {
      const cloud = testCloud({ startAt: '2026-03-01T09:00:00Z' });
      const subscription = subscribe(cloud, buyer(cloud), MONTHLY);
      update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: [] });
      const steps = [];
      for (const iso of ['2026-04-01', '2026-05-01', '2026-07-30']) {
        moveTo(cloud, `${iso}T00:00:00Z`);
        const [seats] = cloud.directory.subscriptions.values();
        steps.push([read(cloud, subscription)['status'], seats?.status]);
      }
      expect(steps).toEqual([
        ['expired', 'Warning'],
        ['disabled', 'Suspended'],
        ['deleted', 'Deleted'],
      ]);
    },
  },
  {
    row: 10,
    words: '202 with Location, then the change',
    source: '6.3',
    proof: () => {
      const { cloud, subscription } = shop();
      commerceOf(cloud.world).slowUpdateMs = 1000;
      const answer = update(cloud, subscription, { quantity: 11 });
      expect(answer).toMatchObject({ status: 202, headers: { Location: subscription } });
      cloud.world.clock.advance(1000);
      expect(read(cloud, subscription)).toMatchObject({ quantity: 11 });
    },
  },
  {
    row: 10,
    words: 'the counter of updates: 900311',
    source: '1.10, 6.4',
    proof: () => {
      const cloud = testCloud({ settings: { throttleFactor: Infinity } });
      const subscription = subscribe(cloud, buyer(cloud));
      for (let count = 0; count < 1200; count += 1) {
        update(cloud, subscription, { friendlyName: `name ${count}` });
      }
      const refused = update(cloud, subscription, { friendlyName: 'one more' });
      expect(refused).toMatchObject({ status: 400, json: { code: 900311 } });
    },
  },
  {
    row: 11,
    words: 'transitions with events Started, then Completed',
    source: '6.5',
    proof: () => {
      const cloud = testCloud();
      const customer = buyer(cloud);
      const source = subscribe(cloud, customer, { sku: 'CFQ7TTC0LDPB:0001' });
      const started = cloud.send('POST', `${source}/transitions`, {
        toCatalogItemId: catalogItem(cloud, customer, 'CFQ7TTC0LCHC:0002', 'P1Y'),
        transitionType: 'transition_only',
      });
      expect(started.body).toMatchObject({ events: [{ status: 'Started' }] });
      const done = cloud.send('GET', `${source}/transitions`).json.items[0];
      expect(done).toMatchObject({ events: [{ status: 'Started' }, { status: 'Completed' }] });
    },
  },
];

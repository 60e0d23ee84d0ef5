import { describe, expect, it } from 'vitest';
import { offer } from '../../../hack/testing/build.ts';
import { signal } from '../../../hack/testing/cloud.ts';
import { catalog } from './catalog.ts';
import type { PartnerCenterConnection } from './connection.ts';

/** Answers with these, one after the other, when it is told to. */
function world(...answers: readonly (object | Error | undefined)[]) {
  const clock = { ms: 0 };
  const waiting: (() => void)[] = [];
  let asked = 0;
  const find = (): Promise<unknown> => {
    const answer = answers[asked];
    asked += 1;
    return new Promise((resolve, reject) => {
      waiting.push(() => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  };
  const connection = { options: { nowMs: () => clock.ms }, find };
  const part = catalog(connection as unknown as PartnerCenterConnection);
  return {
    clock,
    item: () => part.getCatalogItem(offer.productId, offer.skuId, 'DE', signal),
    answer: () => waiting.shift()?.(),
    asked: () => asked,
  };
}

const item = { productId: offer.productId };

describe('an item of the catalogue', () => {
  it('is asked for once, for all who want it meanwhile and for an hour', async () => {
    const { item: get, answer, asked, clock } = world(item, item);
    const all = [get(), get(), get()];
    answer();
    expect(await Promise.all(all)).toEqual([item, item, item]);
    clock.ms += 59 * 60_000;
    await get();
    expect(asked()).toBe(1);
    clock.ms += 60_000;
    const again = get();
    answer();
    await again;
    expect(asked()).toBe(2);
  });

  it('that is not sold is so for all who asked, and is asked for again', async () => {
    const { item: get, answer, asked } = world(undefined, item);
    const both = [get(), get()];
    answer();
    expect(await Promise.all(both)).toEqual([undefined, undefined]);
    const again = get();
    answer();
    expect(await again).toEqual(item);
    expect(asked()).toBe(2);
  });

  it('is asked for by the next where the one before failed', async () => {
    const { item: get, answer, asked } = world(new Error('cut off'), item);
    const first = get();
    const second = get();
    answer();
    await expect(first).rejects.toThrow('cut off');
    await expect.poll(asked).toBe(2);
    answer();
    expect(await second).toEqual(item);
  });
});

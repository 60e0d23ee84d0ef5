import { describe, expect, it } from 'vitest';
import { subscription } from '../../../hack/testing/build.ts';
import { KnownSubscriptions } from './known-subscriptions.ts';

function world() {
  const clock = { ms: 1_000 };
  const known = new KnownSubscriptions(() => clock.ms);
  return { clock, known };
}

const one = [subscription()];

describe('subscriptions that were read', () => {
  it('serve whoever takes them of that age, and nobody else', async () => {
    const { clock, known } = world();
    await known.learn('a', () => Promise.resolve(one));
    expect(await known.of('a', 1)).toEqual(one);
    expect([known.of('a', 0), known.of('b', 1)]).toEqual([undefined, undefined]);
    clock.ms += 60_000;
    expect(known.of('a', 60_000)).toBeUndefined();
    expect(await known.of('a', 60_001)).toEqual(one);
  });

  it('serve while they are being read, and not where that fails', async () => {
    const { known } = world();
    const failing = known.learn('a', () => Promise.reject(new Error('no answer')));
    const sharing = known.of('a', 1);
    await expect(failing).rejects.toThrow('no answer');
    await expect(sharing).rejects.toThrow('no answer');
    expect(known.of('a', 1)).toBeUndefined();
  });

  it('are forgotten with our own change, also by a read that began before it', async () => {
    const { known } = world();
    const reading = known.learn('a', () => Promise.resolve(one));
    known.forget('a');
    await reading;
    expect(known.of('a', 60_000)).toBeUndefined();
  });
});

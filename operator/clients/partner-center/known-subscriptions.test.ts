import { describe, expect, it } from 'vitest';
import { subscription } from '../../../hack/testing/observed.ts';
import { KnownSubscriptions } from './known-subscriptions.ts';

function world() {
  const clock = { ms: 1_000 };
  const known = new KnownSubscriptions(() => clock.ms);
  return { clock, known };
}

const one = [subscription()];

describe('subscriptions that were read', () => {
  it('serve whoever takes them from then on, and nobody else', async () => {
    const { clock, known } = world();
    const { ms: readMs } = clock;
    await known.learn('a', () => Promise.resolve(one));
    clock.ms += 60_000;
    expect(await known.since('a', readMs)).toEqual(one);
    expect([known.since('a', readMs + 1), known.since('b', readMs)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('serve while they are being read, and not where that fails', async () => {
    const { known } = world();
    const failing = known.learn('a', () => Promise.reject(new Error('no answer')));
    const sharing = known.since('a', 0);
    await expect(failing).rejects.toThrow('no answer');
    await expect(sharing).rejects.toThrow('no answer');
    expect(known.since('a', 0)).toBeUndefined();
  });

  it('are forgotten with our own change, also by a read that began before it', async () => {
    const { known } = world();
    const reading = known.learn('a', () => Promise.resolve(one));
    known.forget('a');
    await reading;
    expect(known.since('a', 0)).toBeUndefined();
  });
});

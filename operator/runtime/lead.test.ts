import { describe, expect, it } from 'vitest';
import { settle } from '../../hack/testing/clock.ts';
import { lead } from './lead.ts';

class Stage {
  readonly done: string[] = [];
  readonly tried = Promise.withResolvers<undefined>();
  readonly acquired = Promise.withResolvers<undefined>();
  readonly parentsSynced = Promise.withResolvers<undefined>();
  readonly synced = Promise.withResolvers<undefined>();
  readonly lost = new AbortController();
  readonly stop = new AbortController();

  run(): Promise<void> {
    const { tried, acquired, lost, stop } = this;
    const lease = {
      tried: tried.promise,
      acquire: () => acquired.promise,
      acquiredAtMs: 7,
      keep: () =>
        new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve())),
      lost: lost.signal,
    };
    const tell = (what: string) => () => void this.done.push(what);
    const standing = {
      lease,
      start: tell('lists'),
      parentsSynced: this.parentsSynced.promise,
      synced: this.synced.promise,
      fresh: (sinceMs: number) => Promise.resolve(tell(`fresh since ${sinceMs}`)()),
    };
    const work = { prepare: tell('prepares'), start: tell('works') };
    const load = () => {
      tell('loads')();
      return work;
    };
    return lead(standing, load, stop.signal);
  }

  async after(...steps: readonly { resolve: (value: undefined) => void }[]): Promise<string[]> {
    for (const step of steps) step.resolve(undefined);
    await settle();
    return this.done.splice(0);
  }
}

describe('who leads', () => {
  it('prepares as soon as the parents are known, and works when all are', async () => {
    const stage = new Stage();
    const running = stage.run();
    expect(await stage.after()).toEqual([]);
    expect(await stage.after(stage.tried)).toEqual(['lists', 'loads']);
    expect(await stage.after(stage.acquired)).toEqual([]);
    expect(await stage.after(stage.parentsSynced)).toEqual(['prepares']);
    expect(await stage.after(stage.synced)).toEqual(['fresh since 7', 'works']);
    stage.stop.abort();
    await running;
  });

  it('does neither while another leads', async () => {
    const stage = new Stage();
    const running = stage.run();
    const { tried, parentsSynced, synced, acquired } = stage;
    expect(await stage.after(tried, parentsSynced, synced)).toEqual(['lists', 'loads']);
    expect(await stage.after(acquired)).toEqual(['prepares', 'fresh since 7', 'works']);
    stage.stop.abort();
    await running;
  });

  it('does not begin where the lease was lost meanwhile', async () => {
    const stage = new Stage();
    const running = stage.run();
    await stage.after(stage.tried, stage.acquired, stage.parentsSynced);
    stage.lost.abort();
    expect(await stage.after(stage.synced)).toEqual(['fresh since 7']);
    stage.stop.abort();
    await running;
  });
});

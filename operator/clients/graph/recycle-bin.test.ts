import { describe, expect, it } from 'vitest';
import { entraUser } from '../../../hack/testing/observed.ts';
import { RecycleBin } from './recycle-bin.ts';

const bob = entraUser({ id: 'b', userPrincipalName: 'Bob@contoso.example' });

function start() {
  const state = { nowMs: 1_000_000, reads: 0, fails: false };
  const bin = new RecycleBin({
    nowMs: () => state.nowMs,
    graph: {
      listDeletedUsers: () => {
        state.reads += 1;
        if (state.fails) return Promise.reject(new Error('down'));
        return Promise.resolve([
          { user: entraUser({ id: 'a' }), owner: undefined, deletedAtMs: 0 },
        ]);
      },
    },
  });
  return { bin, state, users: () => bin.users(new AbortController().signal) };
}

describe('the recycle bin of a view', () => {
  it('is read once for all who ask, as long as nobody is removed', async () => {
    const { state, users } = start();
    await Promise.all([users(), users()]);
    state.nowMs += 24 * 60 * 60_000;
    expect((await users()).map(({ user }) => user.id)).toEqual(['a']);
    expect(state.reads).toBe(1);
  });

  it('is read again after somebody was removed, until it can lag no more', async () => {
    const { bin, state, users } = start();
    await users();
    bin.noteRemoved(bob);
    await users();
    expect(state.reads).toBe(2);
    state.nowMs += 1_000;
    await users();
    expect(state.reads).toBe(2);
    state.nowMs += 60_000;
    await users();
    state.nowMs += 60_000;
    await users();
    expect(state.reads).toBe(3);
  });

  it('holds nobody who lives again', async () => {
    const { bin, users } = start();
    await users();
    bin.noteLive(entraUser({ id: 'a' }));
    expect(await users()).toEqual([]);
  });

  it('tells whom it may not show yet, for a minute', () => {
    const { bin, state } = start();
    bin.noteRemoved(bob);
    expect([bin.isRemovedLately('b'), bin.isRemovedLately('a')]).toEqual([true, false]);
    expect(bin.isRemovedLately('bob@contoso.EXAMPLE')).toBe(true);
    state.nowMs += 60_000;
    expect(bin.isRemovedLately('b')).toBe(false);
    bin.noteRemoved(bob);
    bin.noteLive(bob);
    expect(bin.isRemovedLately('b')).toBe(false);
  });

  it('is asked again after a read that failed', async () => {
    const { state, users } = start();
    state.fails = true;
    await expect(users()).rejects.toThrow('down');
    state.fails = false;
    expect(await users()).toHaveLength(1);
  });

  it('is asked again after a read that failed while somebody came back', async () => {
    const { bin, state, users } = start();
    state.fails = true;
    const failed = users();
    bin.noteLive(bob);
    await expect(failed).rejects.toThrow('down');
    state.fails = false;
    expect(await users()).toHaveLength(1);
  });
});

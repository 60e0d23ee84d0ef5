/** From one controller to the next and back. With a real one: hack/integration/active-directory-connection.test.ts. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeController } from '../../../hack/testing/fake-controller.ts';
import { Connection } from './connection.ts';
import type { Session } from './session.ts';
import { replace } from './wire.ts';

const signal = new AbortController().signal;
const minute = 60_000;
let nowMs: number;
let first: FakeController;
let second: FakeController;
let connection: Connection;
/** How each controller's last try ended. */
let known: Map<string, boolean>;
let exchanges: string[];

beforeEach(async () => {
  nowMs = 1_000_000;
  known = new Map();
  exchanges = [];
  first = await new FakeController('dc1').start();
  second = await new FakeController('dc2').start();
  connection = new Connection({
    ...(await FakeController.options(first, second)),
    nowMs: () => nowMs,
    observe: () => undefined,
    mayWrite: () => true,
    watch: {
      tried: (controller, isUp) => known.set(controller, isUp),
      took: (controller) => exchanges.push(controller),
      forgotten: (controllers) => {
        for (const controller of controllers) known.delete(controller);
      },
    },
  });
});

afterEach(async () => {
  await connection.close();
  await Promise.all([first.stop(), second.stop()]);
});

const used = (): Promise<string> =>
  connection.use(signal, (session) => Promise.resolve(session.controller));

/** What a call finds at its end: tries of other controllers that it brought about have ended, too. */
async function usedLater(): Promise<string> {
  nowMs += minute;
  const binds = first.binds + second.binds;
  await used();
  await vi.waitFor(() => expect(first.binds + second.binds).toBeGreaterThan(binds));
  await vi.waitFor(() => expect(first.open + second.open).toBe(1));
  return used();
}

async function write(): Promise<void> {
  await connection.use(signal, (session) =>
    session.modify({ operation: 'Write', dn: 'CN=x' }, [replace('title', 'x')], signal),
  );
}

/** The first controller fails, the second takes over. */
async function failOver(): Promise<void> {
  expect(await used()).toBe(first.url);
  await vi.waitFor(() => expect(known.size).toBe(2));
  await first.stop();
  await vi.waitFor(async () => expect(await used()).toBe(second.url));
}

describe('the health of each controller', () => {
  it('is known from the first call on, of those that are not needed too', async () => {
    await second.stop();
    expect(await used()).toBe(first.url);
    const expected = new Map([
      [first.url, true],
      [second.url, false],
    ]);
    await vi.waitFor(() => expect(known).toEqual(expected));
  });

  it('is asked for once a minute, however many calls there are', async () => {
    await used();
    await vi.waitFor(() => expect(second.binds).toBe(1));
    await vi.waitFor(() => expect(second.open).toBe(0));
    nowMs += minute - 1;
    await Promise.all([used(), used(), used()]);
    nowMs += 1;
    await Promise.all([used(), used(), used()]);
    await vi.waitFor(() => expect(second.binds).toBe(2));
    expect(first.binds).toBe(1);
  });

  it('is forgotten at the end', async () => {
    await used();
    await vi.waitFor(() => expect(known.size).toBe(2));
    await connection.close();
    expect(known.size).toBe(0);
  });

  it('comes with the duration of every exchange', async () => {
    await used();
    await connection.use(signal, (session) =>
      session.search({ operation: 'X', base: 'DC=x', scope: 'base', attributes: ['cn'] }, signal),
    );
    // Bind, root, customers OU, search.
    expect(exchanges.filter((controller) => controller === first.url)).toHaveLength(4);
  });
});

describe('a password that the next controller refuses', () => {
  it('is not tried there again and again, and the pinned controller is worked with', async () => {
    second.bindCode = 49;
    await used();
    await vi.waitFor(() => expect(known.get(second.url)).toBe(false));
    nowMs += 4 * minute;
    expect(await used()).toBe(first.url);
    nowMs += minute;
    expect(await used()).toBe(first.url);
    await vi.waitFor(() => expect(second.binds).toBe(2));
  });
});

describe('the first controller', () => {
  it('is gone back to when it was well twice in a row', async () => {
    await failOver();
    expect(known.get(first.url)).toBe(false);
    await first.start();
    expect(await usedLater()).toBe(second.url);
    expect(known.get(first.url)).toBe(true);
    expect(await usedLater()).toBe(first.url);
    expect(second.open).toBe(0);
  });

  it('is not gone back to while it is down, or has not caught up with the others', async () => {
    await failOver();
    nowMs += minute;
    expect(await used()).toBe(second.url);
    await first.start();
    first.root = { isSynchronized: ['FALSE'] };
    for (const _ of [1, 2, 3]) expect(await usedLater()).toBe(second.url);
    first.root = {};
    expect(await usedLater()).toBe(first.url);
  });

  it('is not gone back to within a minute of a write: it may not know of it yet', async () => {
    await failOver();
    await first.start();
    await usedLater();
    nowMs += 1;
    await write();
    nowMs -= 1;
    expect(await usedLater()).toBe(second.url);
    expect(await usedLater()).toBe(first.url);
  });

  it('is gone back to by calls that begin then: those under way end where they began', async () => {
    await failOver();
    await first.start();
    await usedLater();
    const answer = Promise.withResolvers<readonly []>();
    second.answer = () => answer.promise;
    const search = (session: Session) =>
      session.search({ operation: 'X', base: 'DC=x', scope: 'base', attributes: ['cn'] }, signal);
    const underWay = connection.use(signal, async (session) => {
      await search(session);
      return session.controller;
    });
    await vi.waitFor(() => expect(second.searches).toHaveLength(1));
    nowMs += minute;
    await used();
    await vi.waitFor(async () => expect(await used()).toBe(first.url));
    expect(second.open).toBe(1);
    answer.resolve([]);
    expect(await underWay).toBe(second.url);
    await vi.waitFor(() => expect(second.open).toBe(0));
  });
});

describe('the end', () => {
  it('lets calls finish that are under way', async () => {
    const answer = Promise.withResolvers<readonly []>();
    first.answer = () => answer.promise;
    const underWay = connection.use(signal, (session) =>
      session.search({ operation: 'X', base: 'DC=x', scope: 'base', attributes: ['cn'] }, signal),
    );
    await vi.waitFor(() => expect(first.searches).toHaveLength(1));
    const closed = connection.close();
    await expect(used()).rejects.toMatchObject({ reason: 'ConnectionClosed' });
    answer.resolve([]);
    expect(await underWay).toEqual([]);
    await closed;
    await vi.waitFor(() => expect(first.open + second.open).toBe(0));
  });
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from './processes.ts';

const drawn = vi.hoisted(() => vi.fn<(min: number, end: number) => number>());

vi.mock('node:crypto', async (actual) => {
  const crypto = await actual<typeof import('node:crypto')>();
  drawn.mockImplementation((min, end) => crypto.randomInt(min, end));
  return { ...crypto, randomInt: drawn };
});

const server = createServer();

afterEach(() => {
  server.close();
});

describe('a free port', () => {
  it('is none that another listens on, and none that an outgoing connection is given', async () => {
    const taken = await freePort();
    server.listen(taken, '127.0.0.1');
    await once(server, 'listening');
    drawn.mockClear();
    drawn.mockReturnValueOnce(taken);
    const port = await freePort();
    expect(drawn.mock.results[0]?.value).toBe(taken);
    expect(port).not.toBe(taken);
    expect(port).toBeLessThan(32_768);
  });
});

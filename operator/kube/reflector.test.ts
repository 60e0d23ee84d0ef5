import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FakeClock, settle } from '../../hack/testing/clock.ts';
import { RecordedLog } from '../../hack/testing/engine.ts';
import { FakeApiServer } from '../../hack/testing/fake-api-server.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { ObjectCache } from './cache.ts';
import { Reflector } from './reflector.ts';
import { KubeTransport } from './transport.ts';

const info = { group: 'testing', version: 'v1', kind: 'Toy', plural: 'toys' };

let server: FakeApiServer;
let clock: FakeClock;
let cache: ObjectCache;
let log: RecordedLog;
let transport: KubeTransport;
let stop: AbortController;
let running: Promise<void>;
let reflector: Reflector;
let told: string[];

/** What the server holds: name → resource version. */
let objects: Record<string, number>;
let listVersion: number;

function object(name: string, version: number): object {
  return { metadata: { name, namespace: 'n', uid: `u-${name}`, resourceVersion: String(version) } };
}

function answerList(): void {
  server.answer = (_, response) => {
    const items = Object.entries(objects).map(([name, version]) => object(name, version));
    response.end(JSON.stringify({ metadata: { resourceVersion: String(listVersion) }, items }));
  };
}

beforeEach(async () => {
  server = new FakeApiServer();
  clock = new FakeClock();
  cache = new ObjectCache();
  log = new RecordedLog();
  stop = new AbortController();
  told = [];
  objects = { a: 1, b: 2 };
  listVersion = 10;
  answerList();
  const metrics = testMetrics();
  transport = new KubeTransport(await server.start(), { clock, metrics });
  const sink = cache.sink('Toy', undefined);
  const options = { info, namespace: undefined, labelSelector: 'shard=1', sink };
  reflector = new Reflector(options, { transport, clock, log, metrics });
  cache.subscribe(({ key, old, new: now, initial }) => {
    const what = now === undefined ? 'gone' : old === undefined ? 'new' : 'changed';
    told.push(`${what} ${key.split('/')[2] ?? ''}${initial ? ' (first)' : ''}`);
  });
});

afterEach(async () => {
  stop.abort();
  await running;
  await transport.close();
  await server.stop();
});

function run(): void {
  running = reflector.run(stop.signal);
}

function waits(): readonly number[] {
  return clock.waitingUntil().map((at) => at - clock.nowMs());
}

/** How long the reflector waits now. The watchdog of a watch waits longer than any back-off. */
async function backoffMs(): Promise<number> {
  await eventually(() => waits().some((ms) => ms <= 60_000));
  return Math.min(...waits());
}

async function passBackoff(): Promise<void> {
  await clock.advance(await backoffMs());
}

function send(watch: number, ...lines: readonly (object | string)[]): void {
  for (const line of lines) {
    server.watches[watch]?.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }
}

const event = (type: string, name: string, version: number) => ({
  type,
  object: object(name, version),
});
const names = () =>
  cache
    .list('Toy')
    .map((r) => r.metadata.name)
    .toSorted()
    .join();
const watching = (count: number) => eventually(() => server.watches.length === count);

describe('the reflector', () => {
  it('lists, then watches from there, with bookmarks and a time-out', async () => {
    run();
    await reflector.synced;
    await watching(1);
    expect(told).toEqual(['new a (first)', 'new b (first)']);
    const [list] = server.requestsTo('list');
    const [watch] = server.requestsTo('watch');
    expect(list?.path).toBe('/apis/testing/v1/toys');
    expect(list?.query.get('limit')).toBe('500');
    expect(Object.fromEntries(watch?.query ?? [])).toMatchObject({
      resourceVersion: '10',
      allowWatchBookmarks: 'true',
      labelSelector: 'shard=1',
    });
    const seconds = Number(watch?.query.get('timeoutSeconds'));
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThan(600);
  });

  it('follows pages', async () => {
    server.answer = ({ query }, response) => {
      const page = Number(query.get('continue') ?? '0');
      const more = page < 3 ? { continue: String(page + 1) } : {};
      const metadata = { resourceVersion: '10', ...more };
      response.end(JSON.stringify({ metadata, items: [object(`p${String(page)}`, 1)] }));
    };
    run();
    await reflector.synced;
    expect(names()).toBe('p0,p1,p2,p3');
  });

  it('starts the list over when its place was lost in the middle', async () => {
    let lists = 0;
    server.answer = ({ query }, response) => {
      if (query.get('continue') === null) lists += 1;
      if (query.get('continue') !== null && lists === 1) {
        response.writeHead(410).end(JSON.stringify({ reason: 'Expired', message: 'too old' }));
        return;
      }
      const more = lists === 1 ? { continue: 'x' } : {};
      response.end(
        JSON.stringify({ metadata: { resourceVersion: '10', ...more }, items: [object('a', 1)] }),
      );
    };
    run();
    await eventually(() => server.requests.length === 2);
    await passBackoff();
    await reflector.synced;
    expect(names()).toBe('a');
  });

  it('takes events in, also where a chunk ends within a line or a character', async () => {
    run();
    await watching(1);
    const line = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'c', namespace: 'n', uid: 'u-c', resourceVersion: '11', labels: { l: 'zoë' } } } })}\n`,
    );
    for (const byte of line) server.watches[0]?.write(Buffer.from([byte]));
    send(0, event('MODIFIED', 'a', 12), event('DELETED', 'b', 13));
    await eventually(() => told.length === 5);
    expect(told.slice(2)).toEqual(['new c', 'changed a', 'gone b']);
    expect(cache.get('Toy/n/c')?.metadata.labels).toEqual({ l: 'zoë' });
  });

  it('goes on where a cut connection left it, without a list', async () => {
    run();
    await watching(1);
    send(0, event('ADDED', 'c', 11), {
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: '20' } },
    });
    await eventually(() => told.length === 3);
    server.watches[0]?.write('{"type":"ADDED","object":{"meta');
    server.watches[0]?.destroy();
    await watching(2);
    expect(server.requestsTo('watch')[1]?.query.get('resourceVersion')).toBe('20');
    expect(server.requestsTo('list')).toHaveLength(1);
  });

  it('goes on at once after the server ended a watch in time', async () => {
    run();
    await watching(1);
    send(0, event('ADDED', 'c', 11));
    await eventually(() => told.length === 3);
    server.watches[0]?.end();
    await watching(2);
    expect(server.requestsTo('watch')[1]?.query.get('resourceVersion')).toBe('11');
  });

  it.each([
    [
      'an ERROR event',
      (): void => send(0, { type: 'ERROR', object: { code: 410, reason: 'Expired' } }),
    ],
    ['a line that is not JSON', (): void => send(0, '{"type": nonsense')],
    ['an object without a name', (): void => send(0, { type: 'ADDED', object: {} })],
    ['an unknown event', (): void => send(0, { type: 'SURPRISE', object: object('z', 11) })],
  ])('lists again after %s, and finds what was deleted meanwhile', async (_, misbehave) => {
    run();
    await watching(1);
    objects = { a: 1, c: 30 };
    listVersion = 31;
    misbehave();
    await passBackoff();
    await watching(2);
    expect(names()).toBe('a,c');
    expect(told.slice(2)).toEqual(['gone b', 'new c']);
    expect(server.requestsTo('watch')[1]?.query.get('resourceVersion')).toBe('31');
  });

  it('lists again when the watch itself is answered with 410', async () => {
    server.answerWatch = (_, response) => {
      server.answerWatch = undefined;
      response.writeHead(410).end('{}');
    };
    run();
    await eventually(() => server.requestsTo('watch').length === 1);
    await passBackoff();
    await watching(1);
    expect(server.requestsTo('list')).toHaveLength(2);
  });

  it('never gives up: failing lists wait longer and longer, up to half a minute', async () => {
    server.answer = (_, response) => response.writeHead(500).end('{"message":"down"}');
    run();
    const waits: number[] = [];
    for (let i = 1; i <= 9; i++) {
      await eventually(() => server.requests.length === i && clock.waitingUntil().length === 1);
      const [next = 0] = clock.waitingUntil();
      waits.push(next - clock.nowMs());
      await clock.advance(next - clock.nowMs());
    }
    for (const [i, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual(Math.min(30_000, 800 * 2 ** i));
      expect(ms).toBeLessThanOrEqual(Math.min(30_000, 1_600 * 2 ** i));
    }
    answerList();
    await passBackoff();
    await reflector.synced;
    expect(names()).toBe('a,b');
  });

  it('waits longer and longer while watches are refused, and keeps what it has', async () => {
    server.answerWatch = (_, response) => response.writeHead(500).end('{"message":"down"}');
    run();
    for (let i = 1; i <= 5; i++) {
      await eventually(() => server.requestsTo('watch').length === i);
      expect(await backoffMs()).toBeGreaterThanOrEqual(800 * 2 ** (i - 1));
      await passBackoff();
    }
    expect(server.requestsTo('list')).toHaveLength(1);
  });

  it('takes a watch that is silent for too long for dead', async () => {
    run();
    await watching(1);
    await eventually(() => clock.waitingUntil().length === 1);
    await clock.advance(149_000);
    expect(server.watches).toHaveLength(1);
    send(0, event('ADDED', 'c', 11));
    await eventually(() => told.length === 3);
    await clock.advance(149_000);
    expect(server.watches).toHaveLength(1);
    await clock.advance(1_000);
    await watching(2);
  });

  it('does not spin when every watch ends at once', async () => {
    server.answerWatch = (_, response) => response.end();
    run();
    await backoffMs();
    expect(server.requestsTo('watch')).toHaveLength(1);
    server.answerWatch = undefined;
    await passBackoff();
    await watching(1);
  });

  it('ends when it is told to, in the middle of a watch', async () => {
    run();
    await watching(1);
    stop.abort();
    await running;
    await eventually(() => server.watches[0]?.destroyed === true);
    expect(waits()).toEqual([]);
  });

  it('says what to do where the kind is not known', async () => {
    server.answer = (_, response) => response.writeHead(404).end('{}');
    run();
    const warnings = () => log.lines.filter(({ level }) => level === 'warn');
    await eventually(() => warnings().length > 0);
    expect(warnings()[0]?.message).toContain('install the CRDs');
  });

  it('believes an API server that went back to an older state', async () => {
    run();
    await watching(1);
    send(0, event('MODIFIED', 'a', 90));
    await eventually(() => told.length === 3);
    objects = { a: 5, c: 6 };
    listVersion = 7;
    send(0, { type: 'ERROR', object: { code: 410 } });
    await passBackoff();
    await watching(2);
    expect(told.slice(3)).toEqual(['gone b', 'changed a', 'new c']);
    expect(server.requestsTo('watch')[1]?.query.get('resourceVersion')).toBe('7');
  });

  it('lists again for whoever needs a newer list, at once, and only then', async () => {
    run();
    await watching(1);
    const now = clock.monotonicMs();
    await reflector.fresh(now);
    expect(server.requestsTo('list')).toHaveLength(1);
    await clock.advance(1);
    objects = { a: 1, b: 2, c: 12 };
    listVersion = 12;
    await reflector.fresh(now + 1);
    expect([names(), server.requestsTo('list').length]).toEqual(['a,b,c', 2]);
  });
});

describe('the reflector, where lists come as a stream', () => {
  const bookmark = (version: number, annotations = {}) => ({
    type: 'BOOKMARK',
    object: { metadata: { resourceVersion: String(version), annotations } },
  });
  const end = { 'k8s.io/initial-events-end': 'true' };

  beforeEach(() => {
    server.hasStreams = true;
  });

  it('takes the first list in as it comes, and goes on with the same stream', async () => {
    run();
    await watching(1);
    send(0, event('ADDED', 'a', 1), bookmark(3), event('ADDED', 'b', 2));
    await eventually(() => told.length === 2);
    expect([told, reflector.isSynced]).toEqual([['new a (first)', 'new b (first)'], false]);
    send(0, bookmark(10, end), event('ADDED', 'c', 11));
    await eventually(() => told.length === 3);
    expect([told.slice(2), reflector.isSynced]).toEqual([['new c'], true]);
    expect(server.requests).toHaveLength(1);
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toMatchObject({
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
    server.watches[0]?.end();
    await watching(2);
    expect(server.requests[1]?.query.get('resourceVersion')).toBe('11');
  });

  it('comes when it is told to while the API server prepares the storage of new CRDs', async () => {
    server.answerWatch = (_, response) => {
      if (server.requests.length === 4) server.answerWatch = undefined;
      response.writeHead(429, { 'retry-after': '1' }).end('{"message":"storage is initializing"}');
    };
    run();
    for (let i = 1; i <= 4; i++) {
      await eventually(() => server.requests.length === i);
      expect(Math.round((await backoffMs()) / 500)).toBeOneOf([2, 3]);
      await passBackoff();
    }
    await watching(1);
    send(0, bookmark(10, end));
    await reflector.synced;
  });

  it('asks for all of it again when it is cut off in the middle, and believes it', async () => {
    run();
    await watching(1);
    send(0, event('ADDED', 'a', 90), event('ADDED', 'b', 91));
    await eventually(() => told.length === 2);
    server.watches[0]?.destroy();
    await passBackoff();
    await watching(2);
    expect(server.requests[1]?.query.get('sendInitialEvents')).toBe('true');
    send(1, event('ADDED', 'a', 5), bookmark(7, end));
    await reflector.synced;
    expect(told.slice(2)).toEqual(['gone b', 'changed a (first)']);
  });

  it('takes a later list in as a whole, with what was deleted while it did not watch', async () => {
    run();
    await watching(1);
    send(0, event('ADDED', 'a', 1), event('ADDED', 'b', 2), bookmark(10, end));
    await reflector.synced;
    send(0, { type: 'ERROR', object: { code: 410 } });
    await passBackoff();
    await watching(2);
    send(1, event('ADDED', 'b', 12));
    await settle(20);
    expect(told).toHaveLength(2);
    send(1, bookmark(20, end));
    await eventually(() => told.length === 4);
    expect(told.slice(2)).toEqual(['gone a', 'changed b']);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { type ObjectKey, objectKey, type Resource } from '../core/resource.ts';
import { ObjectCache } from './cache.ts';
import type { Sink } from './reflector.ts';
import { isOlder } from './wire.ts';

let cache: ObjectCache;
let sink: Sink;
let told: string[];

function at(
  version: number | string,
  more: { name?: string; uid?: string; refers?: string } = {},
): Resource {
  const { name = 'a', uid = 'u1', refers } = more;
  const metadata = {
    name,
    namespace: 'n',
    uid,
    resourceVersion: String(version),
    generation: 1,
    creationTimestamp: '',
  };
  return { apiVersion: 'v1', kind: 'Toy', metadata, spec: { refers } };
}

const key = (name: string): ObjectKey => objectKey('Toy', 'n', name);
const version = (name = 'a') => cache.get(key(name))?.metadata.resourceVersion;

beforeEach(() => {
  cache = new ObjectCache();
  cache.indexReferences('Toy', ({ spec }) => {
    const { refers } = spec as { refers?: string };
    return refers === undefined ? [] : [key(refers)];
  });
  sink = cache.sink('Toy', undefined);
  told = [];
  cache.subscribe(({ old, new: now, initial }) => {
    const from = old === undefined ? '' : `${old.metadata.uid}@${old.metadata.resourceVersion}`;
    const to = now === undefined ? '' : `${now.metadata.uid}@${now.metadata.resourceVersion}`;
    told.push(`${from}>${to}${initial ? ' first' : ''}`);
  });
});

describe('the cache', () => {
  it('shows our own write at once, and does not tell of it twice', () => {
    sink.replace([at(5)], '5');
    cache.wrote(at(7));
    sink.upsert(at(6));
    sink.upsert(at(7));
    expect(version()).toBe('7');
    expect(told).toEqual(['>u1@5 first', 'u1@5>u1@7']);
  });

  it('knows who refers to whom also where that is registered after objects have come', () => {
    const late = new ObjectCache();
    late.sink('Toy', undefined).replace([{ ...at(5), spec: { refers: 'b' } }], '5');
    expect(late.keysReferencing(key('b'))).toEqual([]);
    late.indexReferences('Toy', () => [key('b')]);
    expect(late.keysReferencing(key('b'))).toEqual([key('a')]);
  });

  it('does not go back by a list that is older than our write', () => {
    sink.replace([at(5)], '5');
    cache.wrote(at(12));
    sink.replace([at(9)], '10');
    expect(version()).toBe('12');
  });

  it('keeps what we wrote after a list was made that lacks it, and drops what it had before', () => {
    sink.replace([at(5), at(6, { name: 'b' })], '6');
    cache.wrote(at(12));
    sink.replace([], '10');
    expect([version('a'), version('b')]).toEqual(['12', undefined]);
  });

  it('does not bring back what is gone by a late answer', () => {
    sink.replace([at(5)], '5');
    sink.remove(at(8));
    cache.wrote(at(7));
    expect(version()).toBe(undefined);
  });

  it('does not take an answer for an object of the same name that is another one', () => {
    sink.replace([at(5)], '5');
    sink.upsert(at(9, { uid: 'u2' }));
    cache.wrote(at(7));
    sink.remove(at(8));
    expect(cache.get(key('a'))?.metadata.uid).toBe('u2');
    expect(told.at(-1)).toBe('u1@5>u2@9');
  });

  it('replaces only what its list-watch covers', () => {
    sink.replace([at(5)], '5');
    cache.sink('Toy', 'other').replace([], '9');
    expect(version()).toBe('5');
    cache.sink('Toy', 'n').replace([], '9');
    expect(version()).toBe(undefined);
  });

  it('tells later subscribers of everything that is there', () => {
    sink.replace([at(5), at(6, { name: 'b' })], '6');
    const seen: ObjectKey[] = [];
    const end = cache.subscribe((change) => void seen.push(change.key));
    end();
    sink.upsert(at(9));
    expect(seen).toEqual([key('a'), key('b')]);
  });

  it('knows who refers to whom, as it changes', () => {
    sink.replace([at(5, { refers: 'x' }), at(6, { name: 'b', refers: 'x' })], '6');
    const names = (name: string) => cache.referencing(key(name), 'Toy').map((r) => r.metadata.name);
    expect(names('x')).toEqual(['a', 'b']);
    expect(cache.referencing(key('x'), 'Other')).toEqual([]);
    sink.upsert(at(7, { refers: 'y' }));
    sink.remove(at(8, { name: 'b' }));
    expect([names('x'), names('y')]).toEqual([[], ['a']]);
  });
});

describe('resource versions', () => {
  it.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['18446744073709551614', '18446744073709551615', true],
  ])('%s is older than %s: %s', (a, b, expected) => {
    expect(isOlder(a, b)).toBe(expected);
  });
});

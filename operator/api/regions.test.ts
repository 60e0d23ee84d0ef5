import { describe, expect, it } from 'vitest';
import { markets, marketsOf, referenceMarket, regionNames } from './regions.ts';

describe('markets', () => {
  it('are ISO codes, each at most once in a region, sorted and once in the list of all', () => {
    for (const region of regionNames) {
      const all = marketsOf(region);
      expect(all.every((code) => /^[A-Z]{2}$/.test(code))).toBe(true);
      expect(new Set(all).size).toBe(all.length);
    }
    expect(markets).toEqual([...new Set(regionNames.flatMap((name) => marketsOf(name)))].sort());
  });

  it.each([
    ['DE', 'Europe'],
    ['CH', 'Europe'],
    ['US', 'UnitedStates'],
    ['JP', 'Japan'],
    ['ZA', 'MiddleEastCentralEasternEurope'],
    ['MX', 'LatinAmericaCaribbean'],
    ['NZ', 'NewZealand'],
  ] as const)('%s is sold to from %s, and from nowhere else', (country, region) => {
    const sellers = regionNames.filter((name) => marketsOf(name).includes(country));
    expect(sellers).toEqual([region]);
  });

  // partner-center.md 2.2 counts them.
  it.each([
    ['Africa', 47],
    ['AsiaPacific', 18],
    ['Australia', 21],
    ['Canada', 2],
    ['Europe', 45],
    ['LatinAmericaCaribbean', 51],
    ['MiddleEastCentralEasternEurope', 44],
    ['UnitedStates', 5],
  ] as const)('of %s are %i', (region, count) => {
    expect(marketsOf(region)).toHaveLength(count);
  });

  it('leave out countries that nobody sells to', () => {
    for (const code of ['RU', 'KP', 'XX']) expect(markets).not.toContain(code);
  });
});

describe('the market by which a catalogue is checked', () => {
  it.each(regionNames)('is one of %s', (region) => {
    expect(marketsOf(region)).toContain(referenceMarket(region, marketsOf(region)));
  });

  it('is one of those allowed', () => {
    expect(referenceMarket('Europe', ['AT', 'CH'])).toBe('AT');
    expect(referenceMarket('Europe', ['AT', 'DE'])).toBe('DE');
  });
});

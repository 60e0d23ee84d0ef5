import { describe, expect, it } from 'vitest';
import { timeZones } from './time-zones.ts';

function isKnown(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

describe('time zones', () => {
  it('are all known to the program, which has to reckon in them', () => {
    expect(timeZones.filter((name) => !isKnown(name))).toEqual([]);
  });

  it('lack none that the program knows', () => {
    expect(Intl.supportedValuesOf('timeZone').filter((name) => !timeZones.includes(name))).toEqual(
      [],
    );
  });

  it('have the names of today and of yesterday', () => {
    expect(timeZones).toEqual(
      expect.arrayContaining(['UTC', 'Europe/Berlin', 'Europe/Kyiv', 'Europe/Kiev']),
    );
    expect(timeZones).not.toContain('Europe/Atlantis');
  });
});

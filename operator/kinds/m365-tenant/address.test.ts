import { describe, expect, it } from 'vitest';
import { createSpec } from '../../../hack/testing/build.ts';
import { addressProblem, cultureOf } from './address.ts';

describe('the address of a company', () => {
  const rules = {
    isStateRequired: true,
    states: ['NW', 'BY'],
    isPostalCodeRequired: true,
    postalCodePattern: '^[0-9]{5}$',
    isCityRequired: true,
    languages: ['de', 'en'],
    cultures: ['de-DE', 'en-US'],
  };
  const create = (overrides: Partial<typeof createSpec.address>, language = 'de') => ({
    ...createSpec,
    language,
    address: { ...createSpec.address, state: 'NW', ...overrides },
  });

  it.each([
    ['is fine', create({}), undefined],
    ['lacks its state', create({ state: undefined }), /state is required/],
    ['has a state of nowhere', create({ state: 'XX' }), /"XX" is none of DE: NW, BY/],
    ['lacks its postal code', create({ postalCode: undefined }), /postalCode is required/],
    ['has a postal code of another form', create({ postalCode: 'SW1A' }), /does not have the form/],
    ['has a language that is not offered', create({}, 'fr'), /"fr" is not offered in DE: de, en/],
    ['has a regional language', create({}, 'de-DE'), undefined],
  ])('%s', (_, declared, wanted) => {
    const problem = addressProblem(declared, rules);
    if (wanted === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(wanted);
  });

  it('leaves a pattern that JavaScript cannot read to Partner Center', () => {
    expect(addressProblem(create({}), { ...rules, postalCodePattern: '(?i)[' })).toBeUndefined();
    expect(addressProblem(create({}), { ...rules, postalCodePattern: undefined })).toBeUndefined();
  });

  it.each([
    ['de', ['de-DE'], 'de-DE'],
    ['en', ['de-DE', 'en-US'], 'en-US'],
    ['fr', ['de-DE', 'en-US'], 'de-DE'],
    ['de', [], 'de-DE'],
    ['de-AT', ['de-DE'], 'de-AT'],
  ])('has language %s and offered cultures %j: %s', (language, cultures, wanted) => {
    expect(cultureOf(create({}, language), { ...rules, cultures })).toBe(wanted);
  });
});

/** Address rules by market (partner-center.md 2.3, 2.5). Markets without a row here have no patterns. */
import { culturesOf, marketOf } from '../contract.ts';

interface CountryRules {
  readonly isStateRequired: boolean;
  readonly states: readonly string[];
  readonly isPostalCodeRequired: boolean;
  /** .NET and JavaScript read it alike. */
  readonly postalCodeRegex: string;
  readonly isCityRequired: boolean;
  readonly isVatIdSupported: boolean;
  readonly vatIdRegex: string | undefined;
  readonly taxIdSample: string | undefined;
  readonly phoneNumberRegex: string;
  readonly callingCode: string;
  readonly registrationNumber: { readonly regex: string; readonly sample: string } | undefined;
}

/** Registration and phone number are mandatory here (partner-center.md 2.5). */
const REGISTERED = new Set(
  'AE AM AZ BR BY HU IN IQ KG KZ MD MM PL RU SA SS TH TJ TR UA UZ VE VN ZA'.split(' '),
);
/** Where no format is known: some letters and digits. */
const ANY_REGISTRATION = { regex: '^[A-Za-z0-9./-]{4,25}$', sample: '1234567890' };

const US_STATES =
  'AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY';
const CA_PROVINCES = 'AB BC MB NB NL NS NT NU ON PE QC SK YT';
const AU_STATES = 'ACT NSW NT QLD SA TAS VIC WA';
const BR_STATES =
  'AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO';
const IN_STATES =
  'AN AP AR AS BR CG CH DD DL GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OR PB PY RJ SK TN TR TS UP UT WB';

interface Row {
  readonly postal: string;
  readonly vat?: string;
  readonly vatSample?: string;
  readonly phone: string;
  readonly calling: string;
  readonly states?: string;
  readonly registration?: { readonly regex: string; readonly sample: string };
}

const ROWS: Readonly<Record<string, Row>> = {
  DE: {
    postal: '^\\d{5}$',
    vat: '^DE\\d{9}$',
    vatSample: 'DE123456789',
    phone: '^(\\+?49|0)?[1-9]\\d{4,13}$',
    calling: '49',
  },
  AT: {
    postal: '^\\d{4}$',
    vat: '^ATU\\d{8}$',
    vatSample: 'ATU12345678',
    phone: '^(\\+?43|0)?[1-9]\\d{3,12}$',
    calling: '43',
  },
  CH: {
    postal: '^\\d{4}$',
    vat: '^CHE-?\\d{3}\\.?\\d{3}\\.?\\d{3}( ?(MWST|TVA|IVA))?$',
    vatSample: 'CHE-123.456.789',
    phone: '^(\\+?41|0)?[1-9]\\d{8}$',
    calling: '41',
  },
  FR: {
    postal: '^\\d{5}$',
    vat: '^FR[A-Z0-9]{2}\\d{9}$',
    vatSample: 'FR12345678901',
    phone: '^(\\+?33|0)?[1-9]\\d{8}$',
    calling: '33',
  },
  GB: {
    postal: '^[A-Za-z]{1,2}\\d[A-Za-z\\d]? ?\\d[A-Za-z]{2}$',
    vat: '^GB(\\d{9}|\\d{12})$',
    vatSample: 'GB123456789',
    phone: '^(\\+?44|0)?[1-9]\\d{8,9}$',
    calling: '44',
  },
  NL: {
    postal: '^\\d{4} ?[A-Za-z]{2}$',
    vat: '^NL\\d{9}B\\d{2}$',
    vatSample: 'NL123456789B01',
    phone: '^(\\+?31|0)?[1-9]\\d{8}$',
    calling: '31',
  },
  US: {
    postal: '^\\d{5}(-\\d{4})?$',
    phone: '^(\\+?1)?[2-9]\\d{9}$',
    calling: '1',
    states: US_STATES,
  },
  CA: {
    postal: '^[A-Za-z]\\d[A-Za-z] ?\\d[A-Za-z]\\d$',
    phone: '^(\\+?1)?[2-9]\\d{9}$',
    calling: '1',
    states: CA_PROVINCES,
  },
  AU: { postal: '^\\d{4}$', phone: '^(\\+?61|0)?[2-478]\\d{8}$', calling: '61', states: AU_STATES },
  IN: {
    postal: '^[1-9]\\d{5}$',
    phone: '^(\\+?91|0)?[6-9]\\d{9}$',
    calling: '91',
    states: IN_STATES,
    registration: { regex: '^[A-Z]{5}\\d{4}[A-Z]$', sample: 'ABCDE1234F' },
  },
  BR: {
    postal: '^\\d{5}-?\\d{3}$',
    phone: '^(\\+?55|0)?[1-9]\\d{9,10}$',
    calling: '55',
    states: BR_STATES,
    registration: {
      regex: '^(\\d{11}|\\d{14}|\\d{2}\\.\\d{3}\\.\\d{3}/\\d{4}-\\d{2})$',
      sample: '12345678000195',
    },
  },
  PL: {
    postal: '^\\d{2}-\\d{3}$',
    vat: '^PL\\d{10}$',
    vatSample: 'PL1234567890',
    phone: '^(\\+?48)?[1-9]\\d{8}$',
    calling: '48',
    registration: { regex: '^\\d{10}$', sample: '1234567890' },
  },
};

/** Markets without a row: no patterns that could refuse a real address. */
const ANYWHERE: Row = { postal: '^.{0,10}$', phone: '^\\+?\\d{5,15}$', calling: '' };

/** Undefined for a market where CSP does not sell. */
export function rulesOf(country: string): CountryRules | undefined {
  if (marketOf(country) === undefined) {
    return undefined;
  }
  const row: Row = ROWS[country] ?? ANYWHERE;
  const states = row.states?.split(' ') ?? [];
  const { registration = ANY_REGISTRATION } = row;
  return {
    isStateRequired: states.length > 0,
    states,
    isPostalCodeRequired: row !== ANYWHERE,
    postalCodeRegex: row.postal,
    isCityRequired: true,
    isVatIdSupported: row.vat !== undefined,
    vatIdRegex: row.vat,
    taxIdSample: row.vatSample,
    phoneNumberRegex: row.phone,
    callingCode: row.calling,
    registrationNumber: REGISTERED.has(country) ? registration : undefined,
  };
}

/** The answer of countryvalidationrules, in the newer shape with plain lists. */
export function rulesToWire(country: string, rules: CountryRules): Record<string, unknown> {
  const cultures = culturesOf(country);
  return {
    iso2Code: country,
    defaultCulture: cultures[0] ?? 'en-US',
    isStateRequired: rules.isStateRequired,
    supportedStatesList: rules.states,
    supportedLanguagesList: [...new Set(cultures.map((culture) => culture.slice(0, 2)))],
    supportedCulturesList: cultures,
    isPostalCodeRequired: rules.isPostalCodeRequired,
    postalCodeRegex: rules.postalCodeRegex,
    isCityRequired: rules.isCityRequired,
    isVatIdSupported: rules.isVatIdSupported,
    taxIdFormat: rules.vatIdRegex ?? null,
    taxIdSample: rules.taxIdSample ?? null,
    vatIdRegex: rules.vatIdRegex ?? null,
    phoneNumberRegex: rules.phoneNumberRegex,
    isTaxIdSupported: rules.isVatIdSupported,
    isTaxIdOptional: true,
    countryCallingCodesList: rules.callingCode === '' ? [] : [rules.callingCode],
    customerOrganizationRegistrationNumberRegex: rules.registrationNumber?.regex ?? null,
    customerOrganizationRegistrationNumberSample: rules.registrationNumber?.sample ?? null,
    customerOrganizationRegistrationNumberRequired: rules.registrationNumber !== undefined,
    customerOrganizationPhoneNumberRequired: rules.registrationNumber !== undefined,
  };
}

/**
 * The CSP regions and their markets. A partner tenant belongs to one region and sells to its markets only; elsewhere
 * Partner Center refuses with 403 code 2030. Source: Microsoft's "CSP program regional authorization overview"
 * (page of 2023-08-17); `spec.markets` of a PartnerConnection overrides it where Microsoft has moved on.
 */
const table = {
  Africa:
    'AO BJ BW BF BI CM CV CF TD KM CG CD CI DJ GQ ER ET PF GA GM GH GN GW KE LR MG MW ML MU YT NA NC NE NG RE RW ST SN SC SL SO SS SH TZ TG UG ZM',
  AsiaPacific: 'BD BT BN KH HK ID LA MO MY MV MM NP PH SG LK TH TL VN',
  Australia: 'AU CX CC CK FJ TF HM KI MH FM NR NU NF PW PG PN SB TK TO TV WF',
  Brazil: 'BR',
  Canada: 'CA PM',
  China: 'CN',
  Europe:
    'AX AD AT BE BV BG HR CY CZ DK EE FO FI FR DE GI GR GL GG HU IS IE IM IT JE LV LI LT LU MT MC NL NO PL PT RO SM SK SI ES SJ SE CH GB VA',
  India: 'IN',
  Japan: 'JP',
  Korea: 'KR',
  LatinAmericaCaribbean:
    'AI AQ AG AR AW BS BB BZ BM BO BQ VG KY CL CO CR CW DM DO EC SV FK GF GD GP GT GY HT HN JM MQ MX MS NI PA PY PE PR BL KN LC MF VC SX GS SR TT TC UY VE VI',
  MiddleEastCentralEasternEurope:
    'AF AL DZ AM AZ BH BA IO EG GE IQ IL JO KZ XK KW KG LB LS LY MR MD MN ME MA MZ MK OM PK PS QA SA RS ZA SZ TJ TN TR TM UA AE UZ YE ZW',
  NewZealand: 'NZ WS VU',
  Taiwan: 'TW',
  UnitedStates: 'AS GU MP US UM',
} as const;

export type Region = keyof typeof table;

export const regionNames = Object.keys(table) as [Region, ...Region[]];

/** ISO 3166-1 alpha-2 codes of a region's markets. */
export function marketsOf(region: Region): readonly string[] {
  return table[region].split(' ');
}

/** Every market of every region, sorted. */
export const markets = regionNames.flatMap((region) => marketsOf(region)).sort() as [
  string,
  ...string[],
];

/** A large market of each region: where the catalogue is looked at before any tenant says which country matters. */
const largeMarkets: Readonly<Record<Region, string>> = {
  Africa: 'KE',
  AsiaPacific: 'SG',
  Australia: 'AU',
  Brazil: 'BR',
  Canada: 'CA',
  China: 'CN',
  Europe: 'DE',
  India: 'IN',
  Japan: 'JP',
  Korea: 'KR',
  LatinAmericaCaribbean: 'MX',
  MiddleEastCentralEasternEurope: 'AE',
  NewZealand: 'NZ',
  Taiwan: 'TW',
  UnitedStates: 'US',
};

/** The market by which a connection's catalogue is checked. */
export function referenceMarket(region: Region, allowed: readonly string[]): string {
  const large = largeMarkets[region];
  return allowed.includes(large) ? large : (allowed[0] ?? large);
}

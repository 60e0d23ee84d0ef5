/** The published contract: models, enums, endpoints and regions of `contract/partner-center-models.json`. */
import { readFileSync } from 'node:fs';

interface FieldSpec {
  readonly type: string;
}

interface ContractFile {
  readonly models: Readonly<
    Record<
      string,
      {
        readonly fields: Readonly<Record<string, FieldSpec>>;
        readonly addedAfterSdk?: Readonly<Record<string, FieldSpec>>;
      }
    >
  >;
  readonly enums: Readonly<Record<string, { readonly wire: readonly string[] }>>;
  readonly cspRegions: {
    readonly regions: readonly {
      readonly region: string;
      readonly markets: readonly {
        readonly iso2: string;
        readonly currencies: readonly string[];
      }[];
    }[];
  };
  readonly cultures: { readonly byIso2: Readonly<Record<string, readonly string[]>> };
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly method: string;
  /** `/v1/customers/{customerId}` */
  readonly path: string;
  /** `app+user`, or `app|app+user` with remarks. */
  readonly auth: string;
}

const CONTRACT = JSON.parse(
  readFileSync(new URL('../contract/partner-center-models.json', import.meta.url), 'utf8'),
) as ContractFile;

/** Endpoints that the text names and the file omits (partner-center.md 15.8). */
const NAMED_BY_TEXT: readonly Endpoint[] = [
  { method: 'GET', path: '/auditactivity/v1/auditrecords/{id}', auth: 'app|app+user' },
  { method: 'GET', path: '/v1/agreementtemplates/{templateId}/document', auth: 'app+user' },
  { method: 'POST', path: '/v1/sandboxIndirectReseller', auth: 'app|app+user' },
  { method: 'DELETE', path: '/v1/sandboxIndirectReseller/{resellerId}', auth: 'app|app+user' },
];

export const ENDPOINTS: readonly Endpoint[] = [...CONTRACT.endpoints, ...NAMED_BY_TEXT];

/** Members and their types; undefined for a model the contract does not have. */
export function modelFields(model: string): Readonly<Record<string, FieldSpec>> | undefined {
  const spec = CONTRACT.models[model];
  return spec === undefined ? undefined : { ...spec.fields, ...spec.addedAfterSdk };
}

/** Wire values of an enum; empty for one that the contract does not have. */
export function enumValues(name: string): readonly string[] {
  return CONTRACT.enums[name]?.wire ?? [];
}

export function culturesOf(country: string): readonly string[] {
  return CONTRACT.cultures.byIso2[country] ?? [];
}

const MARKETS = new Map(
  CONTRACT.cspRegions.regions.flatMap(({ region, markets }) =>
    markets.map((market) => [market.iso2, { region, currency: market.currencies.at(-1) ?? 'EUR' }]),
  ),
);

/** Region and price-list currency of a market; undefined where CSP does not sell (partner-center.md 2.2). */
export function marketOf(
  country: string,
): { readonly region: string; readonly currency: string } | undefined {
  return MARKETS.get(country);
}

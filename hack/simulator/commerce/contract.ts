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
        readonly objectType?: string;
      }
    >
  >;
  readonly enums: Readonly<
    Record<
      string,
      { readonly wire: readonly string[]; readonly numeric?: Readonly<Record<string, string>> }
    >
  >;
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
  /** Names of query parameters; one that is not confirmed ends with `?`. */
  readonly query?: readonly string[];
}

const CONTRACT = JSON.parse(
  readFileSync(new URL('../contract/partner-center-models.json', import.meta.url), 'utf8'),
) as ContractFile;

/** Endpoints that the text names and the file omits (partner-center.md 15.8). */
const NAMED_BY_TEXT: readonly Endpoint[] = [
  { method: 'GET', path: '/auditactivity/v1/auditrecords/{id}', auth: 'app|app+user' },
  {
    method: 'GET',
    path: '/v1/agreementtemplates/{templateId}/document',
    auth: 'app+user',
    query: ['language', 'country'],
  },
  { method: 'POST', path: '/v1/sandboxIndirectReseller', auth: 'app|app+user' },
  { method: 'DELETE', path: '/v1/sandboxIndirectReseller/{resellerId}', auth: 'app|app+user' },
];

/** Query parameters that the text names and the file omits (partner-center.md 1.8, 3.5, 4.1, 7.1, 15.8). */
const QUERY_BY_TEXT: Readonly<Record<string, readonly string[]>> = {
  '/v1/auditrecords': ['seekOperation'],
  '/v1/invoices': ['filter'],
  '/v1/invoices/{invoiceId}/lineitems': ['seekOperation', 'currencycode', 'period'],
  '/v1/products': ['reservationScope'],
  '/v1/customers/{customerId}/products': ['targetSegment', 'reservationScope'],
  '/v1/customers/{customerId}/products/{productId}/skus': ['targetSegment'],
  '/v1/customers/{customerId}/products/{productId}/skus/{skuId}/availabilities': ['targetSegment'],
  '/v1/customers/relationshiprequests': [
    'indirectCloudSolutionProviderId',
    'indirectResellerId',
    'dualRoleIndirectRelationship',
  ],
};

export const ENDPOINTS: readonly Endpoint[] = [...CONTRACT.endpoints, ...NAMED_BY_TEXT].map(
  (endpoint) => ({
    ...endpoint,
    query: [
      ...(endpoint.query ?? []).map((name) => name.replace(/\?$/, '')),
      ...(endpoint.method === 'GET' ? (QUERY_BY_TEXT[endpoint.path] ?? []) : []),
    ],
  }),
);

const SEATS = { type: 'integer' };

/** Members that the text names and the file omits (partner-center.md 3.6, 4.2, 4.6). */
const MEMBERS_BY_TEXT: Readonly<Record<string, Readonly<Record<string, FieldSpec>>>> = {
  CustomerQualificationV2: { vettingCreatedDate: { type: 'string(date-time)' } },
  PromotionEligibilityError: {
    minimumRequiredSeats: SEATS,
    maximumRequiredSeats: SEATS,
    availableSeats: SEATS,
  },
  // With a link to the availabilities.
  Sku: { links: { type: 'object' } },
};

/** Members and their types; undefined for a model the contract does not have. */
export function modelFields(model: string): Readonly<Record<string, FieldSpec>> | undefined {
  const spec = CONTRACT.models[model];
  return spec === undefined
    ? undefined
    : { ...spec.fields, ...spec.addedAfterSdk, ...MEMBERS_BY_TEXT[model] };
}

/** Wire values of an enum; empty for one that the contract does not have. */
export function enumValues(name: string): readonly string[] {
  return CONTRACT.enums[name]?.wire ?? [];
}

/** Numbers of an enum, where it has some. */
export function enumNumbers(name: string): readonly number[] {
  return Object.values(CONTRACT.enums[name]?.numeric ?? {}).map(Number);
}

/** `attributes.objectType` of a model; undefined where it has none. */
export function objectTypeOf(model: string): string | undefined {
  return CONTRACT.models[model]?.objectType;
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

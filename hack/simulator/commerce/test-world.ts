/** A partner, a clock that only tests move, and a small honest directory (fake-directory.ts). */
import { createWorld } from '../create-world.ts';
import type {
  ApiRequest,
  ApiResponse,
  Caller,
  Partner,
  Service,
  Settings,
  World,
} from '../world.ts';
import { AUDIENCE } from './access.ts';
import { FakeDirectory } from './fake-directory.ts';
import { createPartnerCenter } from './index.ts';
import { responseProblems } from './response-problems.ts';
import { matchEndpoint } from './routing.ts';
import { iso } from './terms.ts';

export const PARTNER = '11111111-1111-4111-8111-111111111111';
const APP = '22222222-2222-4222-8222-222222222222';
const USER = '33333333-3333-4333-8333-333333333333';
export const START = '2026-09-01T09:00:00Z';

export const APP_CALLER: Caller = {
  tenantId: PARTNER,
  appId: APP,
  audience: AUDIENCE,
  kind: 'app',
  roles: [],
  scopes: [],
  mfa: false,
};
export const USER_CALLER: Caller = {
  ...APP_CALLER,
  kind: 'user',
  userId: USER,
  userPrincipalName: 'operator@partner.example',
  scopes: ['user_impersonation'],
  mfa: true,
};

export interface Call {
  readonly caller?: Caller | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokenError?: ApiRequest['tokenError'];
}

export interface TestCloud {
  readonly world: World;
  readonly directory: FakeDirectory;
  /** `send('GET', '/v1/customers?size=2')` as the partner's user with MFA, unless told otherwise. */
  send(method: string, url: string, body?: unknown, call?: Call): Answer;
}

export interface Answer extends ApiResponse {
  readonly json: Json;
}

/** The members of answers that tests walk through; which of them an answer has is what the tests are about. */
export interface Json {
  readonly id: string;
  readonly code: number;
  readonly status: string;
  readonly title: string;
  readonly domain: string;
  readonly duration: string;
  readonly etag: string;
  readonly password: string;
  readonly catalogItemId: string;
  readonly chargeType: string;
  readonly continuationToken: string;
  readonly operationId: string;
  readonly operationType: string;
  readonly postalCodeRegex: string;
  readonly subscriptionId: string;
  readonly quantity: number;
  readonly totalCount: number;
  readonly items: Json[];
  readonly headers: Json[];
  readonly lineItems: Json[];
  readonly orders: Json[];
  readonly terms: Json[];
  readonly attributes: Json;
  readonly companyProfile: Json;
  readonly defaultCurrency: Json;
  readonly error: Json;
  readonly links: Json;
  readonly next: Json;
  readonly userCredentials: Json;
}

export function testCloud(
  options: { settings?: Partial<Settings>; partner?: Partial<Partner>; startAt?: string } = {},
): TestCloud {
  const directory = new FakeDirectory();
  const { startAt = START, settings = {} } = options;
  const world = createWorld({ frozen: true, startAt, settings }, directory);
  world.partners.set(PARTNER, partnerWith(options.partner ?? {}));
  const send = testCloudOf(world, createPartnerCenter(world, directory));
  return { world, directory, send };
}

/** Sends requests to a Partner Center, and checks what it answers. */
export function testCloudOf(world: World, service: Service): TestCloud['send'] {
  return (method, url, body, call = {}) => {
    const { pathname, searchParams } = new URL(url, AUDIENCE);
    const answer = service({
      origin: AUDIENCE,
      method,
      path: pathname,
      query: searchParams,
      headers: { ...newIds(world), ...call.headers },
      body,
      caller: 'caller' in call ? call.caller : USER_CALLER,
      tokenError: call.tokenError,
    });
    requirePublished(method, pathname, answer);
    return { ...answer, json: (answer.body ?? {}) as Json };
  };
}

/** Every answer of every test is as the contract says. @throws Error */
function requirePublished(method: string, path: string, answer: ApiResponse): void {
  const endpoint = matchEndpoint(method, path)?.endpoint;
  // The certificate of webhooks is no resource of the contract.
  if (endpoint === undefined && answer.status < 400) return;
  const name = endpoint === undefined ? `${method} ${path}` : `${method} ${endpoint.path}`;
  const problems = responseProblems(name, answer.status, answer.body);
  if (problems.length > 0) {
    throw new Error(`${name} ${answer.status}: ${problems.join('; ')}`);
  }
}

function partnerWith(changes: Partial<Partner>): Partner {
  return {
    tenantId: PARTNER,
    name: 'Partner',
    region: 'Europe',
    country: 'DE',
    currency: 'EUR',
    mpnId: '1234567',
    environment: 'Production',
    registeredAppIds: new Set([APP]),
    ...changes,
  };
}

function newIds(world: World): Record<string, string> {
  return { 'ms-requestid': world.random.uuid(), 'ms-correlationid': world.random.uuid() };
}

export const ADDRESS = {
  country: 'DE',
  city: 'Berlin',
  addressLine1: 'Musterstrasse 1',
  postalCode: '10115',
  firstName: 'Erika',
  lastName: 'Muster',
};

export function newCustomer(
  domain = 'contoso.onmicrosoft.com',
  address: Readonly<Record<string, string>> = ADDRESS,
): Record<string, Record<string, unknown>> {
  return {
    companyProfile: { domain },
    billingProfile: {
      email: 'billing@contoso.example',
      culture: 'de-DE',
      language: 'de',
      companyName: 'Contoso GmbH',
      defaultAddress: address,
    },
  };
}

export const CONTACT = { firstName: 'Erika', lastName: 'Muster', email: 'erika@contoso.example' };

export function newAgreement(dateAgreed = START): Record<string, unknown> {
  return {
    primaryContact: CONTACT,
    templateId: '117a77b0-9360-443b-8795-c6dedc750cf9',
    dateAgreed,
    type: 'MicrosoftCustomerAgreement',
  };
}

/** A customer that may buy: created, allowed, agreement confirmed. Returns its id. */
export function buyer(cloud: TestCloud, domain?: string): string {
  const { id } = cloud.send('POST', '/v1/customers', newCustomer(domain)).json;
  cloud.send(
    'POST',
    `/v1/customers/${id}/agreements`,
    newAgreement(iso(cloud.world.clock.nowMs())),
  );
  return id;
}

export const PREMIUM = 'CFQ7TTC0LCHC:0002';

/** Today's `pid:sid:aid` for this term. */
export function catalogItem(cloud: TestCloud, customer: string, sku: string, term: string): string {
  const [product, id] = sku.split(':');
  const url = `/v1/customers/${customer}/products/${product}/skus/${id}/availabilities`;
  const { items } = cloud.send('GET', url).json;
  const found = items.find(({ terms }) => terms.some(({ duration }) => duration === term));
  return String(found?.catalogItemId);
}

export interface Wanted {
  readonly sku?: string;
  readonly quantity?: number;
  readonly termDuration?: string;
  readonly billingCycle?: string;
  readonly [more: string]: unknown;
}

export function newCart(cloud: TestCloud, customer: string, ...wanted: readonly Wanted[]): unknown {
  return {
    partnerOnRecordAttestationAccepted: true,
    lineItems: wanted.map(
      ({
        sku = PREMIUM,
        quantity = 10,
        termDuration = 'P1Y',
        billingCycle = 'monthly',
        ...more
      }) => ({
        catalogItemId: catalogItem(cloud, customer, sku, termDuration),
        quantity,
        termDuration,
        billingCycle,
        ...more,
      }),
    ),
  };
}

/** Buys by cart and checkout; the checkout answer. */
export function buy(cloud: TestCloud, customer: string, ...wanted: readonly Wanted[]): Answer {
  const url = `/v1/customers/${customer}/carts`;
  const cart = cloud.send('POST', url, newCart(cloud, customer, ...wanted)).json;
  return cloud.send('POST', `${url}/${cart.id}/checkout`);
}

/** Buys one line and returns the path of its subscription. */
export function subscribe(cloud: TestCloud, customer: string, wanted: Wanted = {}): string {
  const { orders } = buy(cloud, customer, wanted).json;
  const id = orders[0]?.lineItems[0]?.subscriptionId;
  return `/v1/customers/${customer}/subscriptions/${id}`;
}

/** Reads, changes, sends everything back: the way a careful client does it. */
export function update(
  cloud: TestCloud,
  subscription: string,
  changes: Readonly<Record<string, unknown>>,
): Answer {
  const read = cloud.send('GET', subscription).json;
  return cloud.send('PATCH', subscription, { ...read, ...changes });
}

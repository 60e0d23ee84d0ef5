/** Every route answers with success once, and as published: what `send` checks of each answer. */
import { expect, it } from 'vitest';
import { ROLES } from './access.ts';
import { ROUTES } from './routes.ts';
import { matchEndpoint } from './routing.ts';
import {
  ADDRESS,
  type Answer,
  catalogItem,
  newAgreement,
  newCart,
  newCustomer,
  PREMIUM,
  testCloud,
} from './test-world.ts';

const SKU = '/products/CFQ7TTC0LCHC/skus/0002';
const LINES = 'provider=onetime&invoicelineitemtype=billinglineitems';

/** A sandbox, where customers and orders can be taken back; its user has every role at customers. */
class Walk {
  readonly cloud = testCloud({ partner: { environment: 'Sandbox' } });
  readonly visited = new Set<string>();

  constructor() {
    for (const role of Object.values(ROLES)) this.cloud.directory.roles.add(role);
    this.cloud.directory.people.push({
      id: 'u1',
      userPrincipalName: 'a@contoso.onmicrosoft.com',
      displayName: 'A',
      givenName: undefined,
      surname: undefined,
      usageLocation: 'DE',
      isFederated: false,
      isDeleted: false,
      deletedAt: undefined,
      licenses: [{ skuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', disabledPlans: [] }],
    });
  }

  go(method: string, url: string, body?: unknown, headers = {}): Answer['json'] {
    const answer = this.cloud.send(method, url, body, { headers });
    const path = url.split('?')[0] ?? '';
    if (answer.status < 300) {
      this.visited.add(`${method} ${matchEndpoint(method, path)?.endpoint.path}`);
      return answer.json;
    }
    throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  get(...urls: readonly string[]): void {
    for (const url of urls) this.go('GET', url);
  }
}

function customers(walk: Walk): string {
  const { id } = walk.go('POST', '/v1/customers', newCustomer());
  const root = `/v1/customers/${id}`;
  walk.cloud.world.clock.advance(60_000);
  walk.go('HEAD', '/v1/domains/contoso.onmicrosoft.com');
  walk.go('POST', '/v1/validations/address', ADDRESS);
  walk.go('POST', `${root}/agreements`, newAgreement());
  walk.go('POST', `${root}/qualifications`, {
    qualification: 'Education',
    educationSegment: 'K12',
  });
  walk.go('POST', `${root}/applicationconsents`, {
    applicationId: 'x',
    applicationGrants: [{ enterpriseApplicationId: 'y', scope: 'Directory.Read.All' }],
  });
  const profile = walk.go('GET', `${root}/profiles/billing`);
  const etag = { 'if-match': `"${profile.attributes.etag}"` };
  walk.go('PUT', `${root}/profiles/billing`, profile, etag);
  walk.go('PATCH', root, { allowDelegatedAccess: false });
  const template = walk.go('GET', '/v1/agreements').items[0] as unknown as { templateId: string };
  walk.get(
    '/v1/countryvalidationrules/DE',
    '/v1/customers',
    '/v1/customers/relationshiprequests',
    root,
    `${root}/profiles/company`,
    `${root}/organization`,
    `${root}/customDomains`,
    `${root}/qualifications`,
    `/v1/agreementtemplates/${template.templateId}/document`,
    `${root}/agreements?agreementType=*`,
    `${root}/directSignedMicrosoftCustomerAgreementStatus`,
    `${root}/validationStatus?type=account`,
  );
  return id;
}

function catalogue(walk: Walk, customer: string): void {
  const root = `/v1/customers/${customer}`;
  const aid = catalogItem(walk.cloud, customer, PREMIUM, 'P1Y').split(':')[2];
  walk.get(
    '/v1/products?country=DE&targetView=OnlineServices',
    '/v1/products/CFQ7TTC0LCHC?country=DE',
    '/v1/products/CFQ7TTC0LCHC/skus?country=DE',
    `/v1${SKU}?country=DE`,
    `/v1${SKU}/availabilities?country=DE`,
    `/v1${SKU}/availabilities/${aid}?country=DE`,
    `${root}/products?targetView=OnlineServices`,
    `${root}/products/CFQ7TTC0LCHC/skus`,
    `${root}${SKU}/availabilities`,
  );
  const [promotion] = walk.go('GET', '/v1/productpromotions?country=DE&segment=commercial').items;
  walk.get(`/v1/productpromotions/${promotion!.id}?country=DE`);
  const item = { quantity: 5, termDuration: 'P1Y', billingCycle: 'annual' };
  const catalogItemId = catalogItem(walk.cloud, customer, PREMIUM, 'P1Y');
  const items = [{ ...item, catalogItemId }];
  walk.go('POST', `${root}/promotionEligibilities`, { items });
}

/** @returns the path of a subscription */
function purchases(walk: Walk, customer: string): string {
  const root = `/v1/customers/${customer}`;
  const sku = 'CFQ7TTC0LDPB:0001';
  const body = newCart(walk.cloud, customer, { sku });
  const { id } = walk.go('POST', `${root}/carts`, body);
  const cart = walk.go('GET', `${root}/carts/${id}`);
  walk.go('PUT', `${root}/carts/${id}`, { ...cart, links: undefined });
  const [order] = walk.go('POST', `${root}/carts/${id}/checkout`).orders;
  const second = walk.go('POST', `${root}/orders`, {
    partnerOnRecordAttestationAccepted: true,
    billingCycle: 'monthly',
    lineItems: [
      {
        offerId: catalogItem(walk.cloud, customer, PREMIUM, 'P1Y'),
        quantity: 1,
        termDuration: 'P1Y',
      },
    ],
  });
  walk.get(
    `${root}/orders`,
    `${root}/orders/${order!.id}?include_price=true`,
    `${root}/orders/${order!.id}/provisioningstatus`,
  );
  walk.go('PATCH', `${root}/orders/${second.id}`, { ...second, status: 'cancelled' });
  return `${root}/subscriptions/${order!.lineItems[0]!.subscriptionId}`;
}

function subscriptions(walk: Walk, customer: string, subscription: string): void {
  const root = `/v1/customers/${customer}`;
  const read = walk.go('GET', subscription);
  walk.go('PATCH', subscription, { ...read, quantity: 11 });
  const contact = { supportTenantId: customer, supportMpnId: '1', name: 'Help' };
  walk.go('PUT', `${subscription}/supportcontact`, contact);
  walk.go('POST', `${subscription}/transitions`, {
    toCatalogItemId: catalogItem(walk.cloud, customer, PREMIUM, 'P1Y'),
    transitionType: 'transition_only',
  });
  walk.go('POST', `${root}/users/u1/licenseupdates`, { licensesToRemove: ['x'] });
  walk.get(
    `${root}/subscriptions`,
    `${root}/subscriptions/customTermEndDates?term_duration=P1Y`,
    `${subscription}/addons`,
    `${subscription}/provisioningstatus`,
    `${subscription}/supportcontact`,
    `${subscription}/transitionEligibilities`,
    `${subscription}/transitions`,
    `${root}/subscribedskus`,
    `${root}/users`,
    `${root}/users/u1`,
    `${root}/users/u1/licenses`,
    `${root}/analytics/licenses/deployment`,
    `${root}/analytics/licenses/usage`,
    `${root}/managedservices`,
  );
}

function partners(walk: Walk, customer: string): void {
  const { id } = walk.go('POST', '/v1/sandboxIndirectReseller');
  const hook = { WebhookUrl: 'http://127.0.0.1:1/', WebhookEvents: ['test-created'] };
  walk.go('POST', '/webhooks/v1/registration', hook);
  walk.go('PUT', '/webhooks/v1/registration', hook);
  const { correlationId } = walk.go('POST', '/webhooks/v1/registration/validationEvents') as {
    readonly correlationId?: string;
  };
  walk.get(
    '/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf',
    `/v1/customers/${customer}/relationships`,
    `/v1/compliance/csp/agreementstatus?tenantId=${id}`,
    '/v1/profiles/mpn',
    '/webhooks/v1/registration',
    '/webhooks/v1/registration/events',
    `/webhooks/v1/registration/validationEvents/${correlationId}`,
  );
  walk.go('DELETE', `/v1/sandboxIndirectReseller/${id}`);
}

function books(walk: Walk): void {
  walk.get(`/v1/invoices/unbilled/lineitems?${LINES}&currencycode=eur&period=current`);
  const record = walk.go('GET', '/v1/auditrecords').items[0];
  walk.get(`/auditactivity/v1/auditrecords/${record!.id}`);
  walk.cloud.world.clock.advance(40 * 86_400_000);
  const [invoice] = walk.go('GET', '/v1/invoices').items;
  walk.get(`/v1/invoices/${invoice!.id}`, `/v1/invoices/${invoice!.id}/lineitems?${LINES}`);
}

it('answers every route with success, as published', () => {
  const walk = new Walk();
  const customer = customers(walk);
  catalogue(walk, customer);
  const subscription = purchases(walk, customer);
  subscriptions(walk, customer, subscription);
  partners(walk, customer);
  books(walk);
  walk.go('PATCH', subscription, { ...walk.go('GET', subscription), status: 'suspended' });
  walk.go('DELETE', `/v1/customers/${customer}`);
  expect([...ROUTES.keys()].filter((route) => !walk.visited.has(route))).toEqual([]);
});

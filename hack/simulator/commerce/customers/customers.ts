/** Customers as a partner sees them: list, read, billing profile, end of the relationship (partner-center.md 3). */
import type { ApiResponse } from '../../world.ts';
import { ROLES, requireDelegatedRole } from '../access.ts';
import { recordAudit } from '../audit.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { type Json, readBody, requireObject, requireText, text } from '../request-body.ts';
import { attributes, collection, link, page, readFilter } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf, ordersOf, subscriptionsOf } from '../state.ts';
import { setStatus } from '../subscriptions/directory-seats.ts';
import { readAddress } from './addresses.ts';
import type { BillingProfile, Customer, Relationship } from './customer.ts';

/**
 * The customer of the path.
 * @throws CommerceFault 404/60003 unknown tenant, 403/20002 no relationship with this partner.
 */
export function requireCustomer(exchange: Exchange): Customer {
  const id = (exchange.params.customerId ?? '').toLowerCase();
  const customer = commerceOf(exchange.world).customers.get(id);
  if (customer === undefined) {
    throw new CommerceFault(404, 60003, `Tenant ${id} was not found.`);
  }
  if (relationshipOf(customer, exchange.partner.tenantId) === undefined) {
    throw new CommerceFault(403, 20002, `There is no commerce relationship with customer ${id}.`);
  }
  return customer;
}

function relationshipOf(customer: Customer, partnerTenantId: string): Relationship | undefined {
  const relationship = customer.relationships.get(partnerTenantId);
  return relationship?.ended === false ? relationship : undefined;
}

export function listCustomers(exchange: Exchange): ApiResponse {
  const now = exchange.world.clock.nowMs();
  const matches = customerFilter(exchange);
  const items = [...commerceOf(exchange.world).customers.values()]
    .filter((customer) => {
      const relationship = relationshipOf(customer, exchange.partner.tenantId);
      return relationship !== undefined && relationship.listedFromMs <= now && matches(customer);
    })
    .map(listedCustomer);
  const body = page(items, exchange.request);
  return { status: 200, body: { ...body, attributes: attributes('SeekBasedResourceCollection') } };
}

function customerFilter({ request, partner }: Exchange): (customer: Customer) => boolean {
  const filter = readFilter(request.query);
  if (filter === undefined) {
    return () => true;
  }
  if (filter.operator !== 'startswith') {
    throw invalidInput(`Filter operator '${filter.operator}' is not supported: use starts_with.`);
  }
  const value = filter.value.toLowerCase();
  switch (filter.field.replaceAll('_', '')) {
    case 'companyname':
      return ({ billingProfile }) => billingProfile.companyName.toLowerCase().startsWith(value);
    case 'domain':
      return ({ domain }) => domain.startsWith(value);
    case 'indirectreseller':
      return ({ relationships }) =>
        relationships.get(partner.tenantId)?.resellerTenantId?.startsWith(value) === true;
    case 'indirectcloudsolutionprovider':
      // For resellers, who do not call this service.
      return () => false;
    default:
      throw invalidInput(`Filter field '${filter.field}' is not supported.`);
  }
}

function listedCustomer(customer: Customer): Record<string, unknown> {
  return {
    id: customer.id,
    companyProfile: {
      tenantId: customer.id,
      domain: customer.domain,
      companyName: customer.billingProfile.companyName,
      links: { self: link(`/customers/${customer.id}/profiles/company`) },
      attributes: attributes('CustomerCompanyProfile'),
    },
    relationshipToPartner: 'reseller',
    links: { self: link(`/customers/${customer.id}`) },
    attributes: attributes('Customer'),
  };
}

/** Without DAP the answer has no company address, company e-mail and custom domains (partner-center.md 3.3). */
export function customerToWire(customer: Customer): Record<string, unknown> {
  return {
    ...listedCustomer(customer),
    commerceId: customer.commerceId,
    billingProfile: profileToWire(customer),
    allowDelegatedAccess: customer.allowDelegatedAccess,
  };
}

export function getCustomer(exchange: Exchange): ApiResponse {
  return { status: 200, body: customerToWire(requireCustomer(exchange)) };
}

export function getCompanyProfile(exchange: Exchange): ApiResponse {
  return { status: 200, body: listedCustomer(requireCustomer(exchange)).companyProfile };
}

const ORGANIZATION_READERS = [
  ROLES.globalAdministrator,
  ROLES.directoryWriters,
  ROLES.globalReader,
];

export function getCustomDomains(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const roles = [...ORGANIZATION_READERS, ROLES.domainNameAdministrator];
  requireDelegatedRole(exchange, customer.id, roles);
  const uri = `/customers/${customer.id}/customDomains`;
  return { status: 200, body: collection([customer.domain], uri) };
}

export function getOrganization(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  requireDelegatedRole(exchange, customer.id, ORGANIZATION_READERS);
  return {
    status: 200,
    body: {
      tenantId: customer.id,
      companyName: customer.billingProfile.companyName,
      address: customer.billingProfile.defaultAddress,
      email: customer.billingProfile.email,
      attributes: attributes('CustomerCompanyProfile'),
    },
  };
}

function profileToWire(customer: Customer): Record<string, unknown> {
  const { etag, ...profile } = customer.billingProfile;
  return {
    ...profile,
    links: { self: link(`/customers/${customer.id}/profiles/billing`) },
    attributes: attributes('CustomerBillingProfile', etag),
  };
}

export function getBillingProfile(exchange: Exchange): ApiResponse {
  return { status: 200, body: profileToWire(requireCustomer(exchange)) };
}

/** The members of a billing profile that both create and update take. @throws CommerceFault 400/2000 */
export function readBillingProfile(body: Json, path: string): Omit<BillingProfile, 'id' | 'etag'> {
  const culture = requireText(body, 'culture', `${path}.culture`);
  const language = requireText(body, 'language', `${path}.language`);
  if (!/^[a-z]{2,3}(-[A-Za-z]{4})?-[A-Z]{2}$/.test(culture)) {
    throw invalidInput(`Member '${path}.culture' must look like de-DE: '${culture}'.`);
  }
  if (!/^[a-z]{2}(-[A-Z]{2})?$/.test(language)) {
    throw invalidInput(`Member '${path}.language' must look like de: '${language}'.`);
  }
  const [firstName, lastName] = [text(body, 'firstName'), text(body, 'lastName')];
  return {
    email: readEmail(body, path),
    culture,
    language,
    companyName: readCompanyName(body, path),
    defaultAddress: readAddress(requireObject(body, 'defaultAddress'), `${path}.defaultAddress`),
    ...(firstName === undefined ? {} : { firstName }),
    ...(lastName === undefined ? {} : { lastName }),
  };
}

function readEmail(body: Json, path: string): string {
  const email = requireText(body, 'email', `${path}.email`);
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) || /@microsoft\.com$/i.test(email)) {
    throw invalidInput(`Member '${path}.email' is not an accepted e-mail address: '${email}'.`);
  }
  return email;
}

const ABBREVIATIONS = new Set(['inc', 'llc', 'ltd', 'gmbh', 'ag', 'kg', 'corp', 'sa', 'bv', 'plc']);

/** Not one character, not only signs, not only an abbreviation (partner-center.md 3.2). */
function readCompanyName(body: Json, path: string): string {
  const name = requireText(body, 'companyName', `${path}.companyName`);
  const bare = name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();
  if (name.trim().length < 2 || bare === '' || ABBREVIATIONS.has(bare)) {
    throw invalidInput(`Member '${path}.companyName' is not a company name: '${name}'.`);
  }
  return name;
}

/** Full replace with If-Match; the country cannot change. */
export function putBillingProfile(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const sent = exchange.request.headers['if-match'];
  if (sent === undefined) {
    throw invalidInput('Header If-Match is required.');
  }
  if (sent !== `"${customer.billingProfile.etag}"`) {
    throw new CommerceFault(400, 2055, 'The etag is stale: read the resource again.');
  }
  const body = readBody(exchange.request.body, 'CustomerBillingProfile');
  const profile = readBillingProfile(body, 'billingProfile');
  const { defaultAddress } = customer.billingProfile;
  if (profile.defaultAddress.country !== defaultAddress.country) {
    throw invalidInput("Member 'defaultAddress.country' cannot be changed.");
  }
  const old = customer.billingProfile;
  customer.billingProfile = { ...profile, id: old.id, etag: exchange.world.random.uuid() };
  recordAudit(scopeOf(exchange), customer, exchange.actor, {
    operationType: 'update_customer_billing_profile',
    resourceType: 'customer',
    resourceId: customer.id,
    oldValue: old,
    newValue: customer.billingProfile,
  });
  return { status: 200, body: profileToWire(customer) };
}

/** The scope that audit records are written in. */
export function scopeOf(exchange: Exchange): Exchange & { readonly partnerTenantId: string } {
  return { ...exchange, partnerTenantId: exchange.partner.tenantId };
}

/** PATCH customers/{id}: ends the reseller relationship, or removes DAP. */
export function patchCustomer(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const body = readBody(exchange.request.body, 'Customer');
  if (body.relationshipToPartner === 'none') {
    requireNothingRunning(exchange, customer);
    const relationship = relationshipOf(customer, exchange.partner.tenantId);
    if (relationship !== undefined) {
      relationship.ended = true;
    }
    recordAudit(scopeOf(exchange), customer, exchange.actor, {
      operationType: 'remove_partner_customer_relationship',
      resourceType: 'partner_customer_relationship',
      resourceId: customer.id,
    });
    return { status: 200, body: { ...customerToWire(customer), relationshipToPartner: 'none' } };
  }
  if (body.allowDelegatedAccess === false) {
    customer.allowDelegatedAccess = false;
    return { status: 200, body: customerToWire(customer) };
  }
  throw invalidInput(
    "Only 'relationshipToPartner':'none' and 'allowDelegatedAccess':false can be set.",
  );
}

/** Every subscription of this partner must be suspended or cancelled first (partner-center.md 3.4). */
function requireNothingRunning(exchange: Exchange, customer: Customer): void {
  const running = subscriptionsOf(exchange.world, customer).find(
    ({ partnerTenantId, status }) =>
      partnerTenantId === exchange.partner.tenantId && status === 'active',
  );
  if (running !== undefined) {
    throw invalidInput(`Subscription ${running.id} is still active: suspend or cancel it first.`);
  }
}

/** Exists in the sandbox only (partner-center.md 1.5). */
export function deleteCustomer(exchange: Exchange): ApiResponse {
  if (exchange.partner.environment !== 'Sandbox') {
    throw new CommerceFault(
      403,
      900308,
      'Customers can be deleted in the integration sandbox only.',
    );
  }
  const customer = requireCustomer(exchange);
  requireNothingRunning(exchange, customer);
  for (const order of ordersOf(exchange.world, customer)) {
    order.status = 'cancelled';
  }
  for (const subscription of subscriptionsOf(exchange.world, customer)) {
    setStatus(exchange, subscription, 'deleted');
  }
  commerceOf(exchange.world).customers.delete(customer.id);
  recordAudit(scopeOf(exchange), customer, exchange.actor, {
    operationType: 'delete_tip_customer',
    resourceType: 'customer',
    resourceId: customer.id,
  });
  return { status: 204 };
}

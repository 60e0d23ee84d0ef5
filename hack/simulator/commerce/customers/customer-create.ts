/** New customers: checks, the new tenant, its first admin, default GDAP (partner-center.md 3.1, 3.2). */
import type { ApiResponse, TaskKind } from '../../world.ts';
import { DEFAULT_GDAP_ROLES } from '../access.ts';
import { recordAudit } from '../audit.ts';
import { marketOf } from '../contract.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { readBody, requireObject, requireText, text } from '../request-body.ts';
import { requireReseller } from '../resellers/resellers.ts';
import { link } from '../resources.ts';
import type { Exchange, Scope } from '../routing.ts';
import { commerceOf } from '../state.ts';
import { checkRegistration } from './addresses.ts';
import type { BillingProfile, Customer } from './customer.ts';
import { customerToWire, readBillingProfile, scopeOf } from './customers.ts';

/** Customers of a sandbox partner (partner-center.md 1.5). */
const SANDBOX_CUSTOMERS_MAX = 75;

interface Opening {
  readonly customerId: string;
  readonly partnerTenantId: string;
}

const OPEN_TENANT: TaskKind<Opening> = { name: 'commerce.openTenant' };
const REVIEW: TaskKind<{ readonly customerId: string }> = { name: 'commerce.accountReview' };

/** What happens to a new customer on the clock; one that was deleted meanwhile gets no tenant. */
export function registerNewCustomers(scope: Scope): void {
  const { world } = scope;
  world.clock.on(OPEN_TENANT, (opening) => {
    const customer = commerceOf(world).customers.get(opening.customerId);
    if (customer) openTenant(scope, customer, opening);
  });
  world.clock.on(REVIEW, ({ customerId }) => {
    const customer = commerceOf(world).customers.get(customerId);
    if (customer) customer.account = { state: 'Allowed', changedMs: world.clock.nowMs() };
  });
}

/** HEAD domains: 200 means taken, 404 free. */
export function headDomain(exchange: Exchange): ApiResponse {
  return { status: isTaken(exchange, (exchange.params.domain ?? '').toLowerCase()) ? 200 : 404 };
}

/** A name is taken from the create call on, even while the directory does not show the tenant yet. */
function isTaken(scope: Scope, domain: string): boolean {
  const customers = [...commerceOf(scope.world).customers.values()];
  return (
    customers.some((customer) => customer.domain === domain) ||
    scope.directory.isDomainTaken(scope.world, domain)
  );
}

interface NewCustomer {
  readonly domain: string;
  readonly registrationNumber: string | undefined;
  readonly profile: Omit<BillingProfile, 'id' | 'etag'>;
  readonly enableGdapByDefault: boolean;
  readonly resellerTenantId: string | undefined;
}

export function createCustomer(exchange: Exchange): ApiResponse {
  const { world } = exchange;
  const asked = readNewCustomer(exchange);
  checkRegistration(asked.profile.defaultAddress, asked.registrationNumber);
  requireSandboxRoom(exchange);
  if (isTaken(exchange, asked.domain)) {
    throw new CommerceFault(409, 2000, `Domain ${asked.domain} is already taken.`);
  }
  const customer = addCustomer(exchange, asked);
  const password = `${world.random.hex(4).toUpperCase()}-${world.random.hex(10)}`;
  const { clock, settings } = world;
  const partnerTenantId = exchange.partner.tenantId;
  const opening = { customerId: customer.id, partnerTenantId };
  clock.after(settings.tenantDelayMs, OPEN_TENANT, opening);
  clock.after(settings.accountReviewMs, REVIEW, { customerId: customer.id });
  recordAudit(scopeOf(exchange), customer, exchange.actor, {
    operationType: 'add_customer',
    resourceType: 'customer',
    resourceId: customer.id,
    newValue: customerToWire(customer),
    customizedData: { PrimaryDomainName: customer.domain, Relationship: 'reseller' },
  });
  const associated =
    asked.resellerTenantId === undefined ? {} : { associatedPartnerId: asked.resellerTenantId };
  return { status: 201, body: { ...createdToWire(customer, password), ...associated } };
}

/** The only answer that ever shows the password (partner-center.md 3.2). */
function createdToWire(customer: Customer, password: string): Record<string, unknown> {
  return {
    ...customerToWire(customer),
    companyProfile: {
      tenantId: customer.id,
      domain: customer.domain,
      companyName: customer.billingProfile.companyName,
      ...(customer.organizationRegistrationNumber === undefined
        ? {}
        : { organizationRegistrationNumber: customer.organizationRegistrationNumber }),
      links: { self: link(`/customers/${customer.id}/profiles/company`) },
      attributes: { objectType: 'CustomerCompanyProfile' },
    },
    enableGDAPByDefault: customer.enableGdapByDefault,
    relationshipToPartner: 'none',
    userCredentials: { userName: 'admin', password },
  };
}

function readNewCustomer(exchange: Exchange): NewCustomer {
  const body = readBody(exchange.request.body, 'Customer');
  const associated = text(body, 'associatedPartnerId');
  const reseller = associated === undefined ? undefined : requireReseller(exchange, associated);
  const company = requireObject(body, 'companyProfile');
  const domain = requireText(company, 'domain', 'companyProfile.domain').toLowerCase();
  const suffix =
    exchange.partner.environment === 'Sandbox'
      ? '(onmicrosoft\\.com|ccsctp\\.net)'
      : 'onmicrosoft\\.com';
  if (!new RegExp(`^(?=.{1,27}\\.)[a-z0-9]+(-[a-z0-9]+)*\\.${suffix}$`).test(domain)) {
    throw invalidInput(
      `Member 'companyProfile.domain' must have 1 to 27 letters, digits and inner hyphens before .onmicrosoft.com: '${domain}'.`,
    );
  }
  const profile = requireObject(body, 'billingProfile');
  const address = requireObject(profile, 'defaultAddress');
  requireSellable(
    exchange,
    requireText(address, 'country', 'billingProfile.defaultAddress.country'),
  );
  return {
    domain,
    registrationNumber: text(company, 'organizationRegistrationNumber'),
    profile: readBillingProfile(profile, 'billingProfile'),
    enableGdapByDefault: body.enableGDAPByDefault !== false,
    resellerTenantId: reseller?.tenantId,
  };
}

/** One partner tenant sells in one region (partner-center.md 2.1). @throws CommerceFault 403/2030 */
export function requireSellable(exchange: Exchange, country: string): void {
  const market = marketOf(country.toUpperCase());
  if (market?.region !== exchange.partner.region) {
    throw new CommerceFault(
      403,
      2030,
      `Partner ${exchange.partner.tenantId} (region ${exchange.partner.region}) is not onboarded to sell in ${country}.`,
    );
  }
}

function requireSandboxRoom(exchange: Exchange): void {
  const { partner, world } = exchange;
  const count = [...commerceOf(world).customers.values()].filter(({ relationships }) =>
    relationships.has(partner.tenantId),
  ).length;
  if (partner.environment === 'Sandbox' && count >= SANDBOX_CUSTOMERS_MAX) {
    throw new CommerceFault(
      400,
      800018,
      `The sandbox holds at most ${SANDBOX_CUSTOMERS_MAX} customers.`,
    );
  }
}

function addCustomer(exchange: Exchange, asked: NewCustomer): Customer {
  const { world, partner } = exchange;
  const now = world.clock.nowMs();
  const customer: Customer = {
    id: world.random.uuid(),
    commerceId: world.random.uuid(),
    domain: asked.domain,
    organizationRegistrationNumber: asked.registrationNumber,
    billingProfile: { ...asked.profile, id: world.random.uuid(), etag: world.random.uuid() },
    allowDelegatedAccess: false,
    enableGdapByDefault: asked.enableGdapByDefault,
    relationships: new Map(),
    account: { state: 'UnderReview', changedMs: now },
    tenantReadyMs: now + world.settings.tenantDelayMs,
    subscriptionIds: [],
    orderIds: [],
    qualifications: [],
  };
  customer.relationships.set(partner.tenantId, {
    partnerTenantId: partner.tenantId,
    sinceMs: now,
    listedFromMs: now + world.settings.customerListLagMs,
    resellerTenantId: asked.resellerTenantId,
    ended: false,
  });
  commerceOf(world).customers.set(customer.id, customer);
  return customer;
}

function openTenant(scope: Scope, customer: Customer, opening: Opening): void {
  const { world, directory } = scope;
  directory.createTenant(world, {
    tenantId: customer.id,
    initialDomain: customer.domain,
    displayName: customer.billingProfile.companyName,
    country: customer.billingProfile.defaultAddress.country,
    admin: { userName: 'admin' },
  });
  if (customer.enableGdapByDefault) {
    directory.createDefaultRelationship(world, {
      partnerTenantId: opening.partnerTenantId,
      customerTenantId: customer.id,
      customerName: customer.billingProfile.companyName,
      roleTemplateIds: DEFAULT_GDAP_ROLES,
    });
  }
}

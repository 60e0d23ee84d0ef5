/** Users of a customer and their licences (partner-center.md 3.7). Graph is the better path; the other calls are not modelled. */
import type { DirectoryUser, LicenseOutcome } from '../../directory/api.ts';
import type { ApiResponse } from '../../world.ts';
import { ROLES, requireDelegatedRole } from '../access.ts';
import { recordAudit } from '../audit.ts';
import { OFFERS } from '../catalogue/price-list.ts';
import { requireCustomer, scopeOf } from '../customers/customers.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { type Json, objects, readBody, requireText } from '../request-body.ts';
import { attributes, collection, link, page, present, readFilter } from '../resources.ts';
import type { Exchange } from '../routing.ts';

const USER_READERS = [ROLES.directoryReaders, ROLES.globalReader, ROLES.userAdministrator];
const LICENSE_READERS = [
  ROLES.directoryReaders,
  ROLES.directoryWriters,
  ROLES.licenseAdministrator,
  ROLES.userAdministrator,
];
const LICENSE_WRITERS = [
  ROLES.directoryWriters,
  ROLES.licenseAdministrator,
  ROLES.userAdministrator,
];

/** The living ones, or with the filter `UserState equals Inactive` those of the recycle bin. */
export function listUsers(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  requireDelegatedRole(exchange, customer.id, USER_READERS);
  const isDeleted = asksForDeleted(exchange.request.query);
  const items = exchange.directory
    .users(exchange.world, customer.id)
    .filter((user) => user.isDeleted === isDeleted)
    .toSorted(userOrder(exchange.request.query))
    .map((user) => userToWire(customer.id, user));
  const body = page(items, exchange.request);
  return { status: 200, body: { ...body, attributes: attributes('SeekBasedResourceCollection') } };
}

const SORTED_BY: Readonly<Record<string, (user: DirectoryUser) => string>> = {
  displayname: ({ displayName }) => displayName ?? '',
  userprincipalname: ({ userPrincipalName }) => userPrincipalName,
};

function userOrder(query: URLSearchParams): (a: DirectoryUser, b: DirectoryUser) => number {
  const field = query.get('sortField')?.toLowerCase();
  if (field === undefined) {
    return () => 0;
  }
  const key = SORTED_BY[field];
  const direction = (query.get('sortDirection') ?? 'ascending').toLowerCase();
  if (key === undefined || (direction !== 'ascending' && direction !== 'descending')) {
    throw invalidInput(`Sorting by ${field}, ${direction}, is not supported.`);
  }
  const sign = direction === 'ascending' ? 1 : -1;
  return (a, b) => sign * key(a).localeCompare(key(b));
}

function asksForDeleted(query: URLSearchParams): boolean {
  const filter = readFilter(query);
  if (filter === undefined) {
    return false;
  }
  const isState = filter.field.replaceAll('_', '') === 'userstate' && filter.operator === 'equals';
  const value = filter.value.toLowerCase();
  if (!isState || (value !== 'active' && value !== 'inactive')) {
    throw invalidInput(`Filter on ${filter.field} with ${filter.operator} is not supported.`);
  }
  return value === 'inactive';
}

export function getUser(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  requireDelegatedRole(exchange, customer.id, USER_READERS);
  return { status: 200, body: userToWire(customer.id, requireUser(exchange, customer.id)) };
}

/** @throws CommerceFault 404/60002 */
function requireUser(exchange: Exchange, customerId: string): DirectoryUser {
  const id = (exchange.params.userId ?? '').toLowerCase();
  const user = exchange.directory
    .users(exchange.world, customerId)
    .find((known) => known.id === id && !known.isDeleted);
  if (user === undefined) {
    throw new CommerceFault(404, 60002, `User ${id} was not found.`);
  }
  return user;
}

function userToWire(customerId: string, user: DirectoryUser): Record<string, unknown> {
  return present({
    id: user.id,
    userPrincipalName: user.userPrincipalName,
    displayName: user.displayName,
    firstName: user.givenName,
    lastName: user.surname,
    usageLocation: user.usageLocation,
    userDomainType: user.isFederated ? 'federated' : 'managed',
    state: user.isDeleted ? 'inactive' : 'active',
    softDeletionTime: user.deletedAt,
    links: { self: link(`/customers/${customerId}/users/${user.id}`) },
    attributes: attributes('CustomerUser'),
  });
}

export function listUserLicenses(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  requireDelegatedRole(exchange, customer.id, LICENSE_READERS);
  const user = requireUser(exchange, customer.id);
  const groups = exchange.request.query.getAll('licenseGroupIds').map((id) => id.toLowerCase());
  // Every product of this world belongs to Group1.
  const isAsked = groups.length === 0 || groups.includes('group1');
  const items = isAsked ? user.licenses.map(licenseToWire) : [];
  const uri = `/customers/${customer.id}/users/${user.id}/licenses`;
  return { status: 200, body: collection(items, uri) };
}

function licenseToWire({ skuId, disabledPlans }: DirectoryUser['licenses'][number]): unknown {
  const offer = OFFERS.find(({ provisioningId }) => provisioningId === skuId);
  return {
    productSku: present({
      id: skuId,
      name: offer?.title,
      skuPartNumber: offer?.skuPartNumber,
      targetType: 'User',
      licenseGroupId: 'group1',
    }),
    servicePlans: (offer?.servicePlans ?? []).map(({ servicePlanId, servicePlanName }) => ({
      displayName: servicePlanName,
      serviceName: servicePlanName,
      id: servicePlanId,
      capabilityStatus: disabledPlans.includes(servicePlanId) ? 'Disabled' : 'Success',
      targetType: 'User',
    })),
    attributes: attributes('License'),
  };
}

/** No seats: 400/60012. A customer without usage location of the user, or an unknown SKU: 400/2000. */
export function updateLicenses(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const body = readBody(exchange.request.body, 'LicenseUpdate');
  requireDelegatedRole(exchange, customer.id, LICENSE_WRITERS);
  const user = requireUser(exchange, customer.id);
  const change = { ...readChange(body), userId: user.id, caller: exchange.caller };
  const outcome = exchange.directory.changeLicenses(exchange.world, customer.id, change);
  if (outcome !== 'done') {
    const [code, description] = REFUSALS[outcome];
    throw new CommerceFault(outcome === 'noUser' ? 404 : 400, code, description);
  }
  recordAudit(scopeOf(exchange), customer, exchange.actor, {
    operationType: 'update_customer_user_licenses',
    resourceType: 'license',
    resourceId: user.id,
    newValue: { licensesToAssign: change.add, licensesToRemove: change.remove },
    customizedData: {
      CustomerUserId: user.id,
      AddedLicenseSkuId: change.add.map(({ skuId }) => skuId).join(','),
    },
  });
  return { status: 201, body: { ...body, attributes: attributes('LicenseUpdate') } };
}

const REFUSALS: Readonly<Record<Exclude<LicenseOutcome, 'done'>, readonly [number, string]>> = {
  noUser: [60002, 'The user was not found.'],
  noLocation: [2000, 'The user has no usage location.'],
  noSku: [2000, 'The customer has no such product.'],
  noSeats: [60012, 'There are no licences left.'],
  notHeld: [2000, 'The user does not have this licence directly.'],
  conflict: [2000, 'These licences cannot be held together, or not where the user is.'],
};

function readChange(body: Json) {
  const add = objects(body, 'licensesToAssign').map((license) => ({
    skuId: requireText(license, 'skuId', 'licensesToAssign.skuId').toLowerCase(),
    disabledPlans: texts(license.excludedPlans),
  }));
  const remove = texts(body.licensesToRemove).map((skuId) => skuId.toLowerCase());
  if (add.length === 0 && remove.length === 0) {
    throw invalidInput("Member 'licensesToAssign' or 'licensesToRemove' is required.");
  }
  return { add, remove };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

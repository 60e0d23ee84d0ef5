/** Makes what a world file describes. */

import { findOffer } from '../commerce/catalogue/offers.ts';
import { addExistingCustomer } from '../commerce/index.ts';
import {
  addGlobalAdministrator,
  addSecurityGroup,
  addUser,
  createDirectory,
  newDomain,
} from '../directory/create.ts';
import type { Directory, LicenseState } from '../directory/directory.ts';
import { directoryApi } from '../directory/index.ts';
import { createPartner } from '../partners.ts';
import { createDefaultPartner } from '../seed.ts';
import type { World } from '../world.ts';
import type { WorldFile, WorldSubscription, WorldTenant, WorldUser } from './world-file.ts';

/** Into an empty world. The clock is not moved: the world starts at `startAt`. */
export function buildWorld(world: World, file: WorldFile): void {
  const partnerTenants = new Map<string, string>();
  for (const partner of file.partners) {
    partnerTenants.set(partner.name, createPartner(world, partner).tenantId);
  }
  const [first] = partnerTenants.values();
  const fallback = first ?? createDefaultPartner(world).tenantId;
  for (const tenant of file.tenants) {
    addTenant(world, partnerTenants.get(tenant.partner ?? '') ?? fallback, tenant);
  }
}

/** One customer that exists already, with all that it has. */
export function addTenant(world: World, partnerTenantId: string, tenant: WorldTenant): void {
  const directory = createDirectory(world, {
    tenantId: (tenant.tenantId ?? world.random.uuid()).toLowerCase(),
    initialDomain: `${tenant.domainPrefix}.onmicrosoft.com`,
    displayName: tenant.companyName,
    country: tenant.country,
  });
  addDomains(world, directory, tenant.domains);
  if (!tenant.users.some(({ administrator }) => administrator)) {
    const userPrincipalName = `admin@${directory.initialDomain}`;
    const displayName = `${tenant.companyName} administrator`;
    const id = addUser(world, directory, { userPrincipalName, displayName });
    addGlobalAdministrator(world, directory, id);
  }
  addExistingCustomer(world, directoryApi, {
    partnerTenantId,
    tenantId: directory.tenantId,
    initialDomain: directory.initialDomain,
    companyName: tenant.companyName,
    country: tenant.country,
    agreement: tenant.agreement,
    subscriptions: tenant.subscriptions.map(toExisting),
  });
  addPeople(world, directory, tenant.users);
}

function toExisting(subscription: WorldSubscription) {
  const { name, boughtAt } = subscription;
  return {
    catalogItem: subscription.offer,
    quantity: subscription.seats,
    termDuration: subscription.term,
    billingCycle: subscription.billingCycle,
    autoRenewEnabled: subscription.autoRenew,
    ...(name === undefined ? {} : { friendlyName: name }),
    ...(boughtAt === undefined ? {} : { boughtMs: Date.parse(boughtAt) }),
  };
}

function addDomains(world: World, directory: Directory, names: readonly string[]): void {
  for (const name of names) {
    directory.domains.set(name, { ...newDomain(world, name), isVerified: true });
  }
  const [first] = names;
  if (first === undefined) return;
  for (const domain of directory.domains.values()) domain.isDefault = domain.id === first;
}

function addPeople(world: World, directory: Directory, users: readonly WorldUser[]): void {
  const ids = new Map<string, string>();
  const groups = new Map<string, string>();
  for (const user of users) {
    const managerId = user.manager === undefined ? undefined : ids.get(user.manager);
    const id = addUser(world, directory, propertiesOf(directory, user), {
      managerId,
      licenses: user.licenses.map((offer) => license(world, offer)),
    });
    ids.set(user.userPrincipalName, id);
    if (user.administrator) addGlobalAdministrator(world, directory, id);
    for (const name of user.groups) {
      const groupId = groups.get(name) ?? addSecurityGroup(world, directory, name);
      groups.set(name, groupId);
      directory.memberships.add(groupId, id);
    }
  }
}

function propertiesOf(directory: Directory, user: WorldUser) {
  const { manager: _, licenses: __, groups: ___, administrator: ____, ...properties } = user;
  return { usageLocation: directory.country, ...properties };
}

function license(world: World, offer: string): LicenseState {
  const [productId = '', skuId = ''] = offer.split(':');
  const found = findOffer(productId, skuId);
  if (!found) throw new Error(`The price list has no ${offer}`);
  return {
    skuId: found.provisioningId,
    disabledPlans: [],
    assignedByGroup: undefined,
    state: 'Active',
    error: 'None',
    updatedMs: world.clock.nowMs(),
  };
}

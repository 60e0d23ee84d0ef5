import type { World } from '../world.ts';
import type { DirectoryApi } from './api.ts';
import { grantScopes } from './consent.ts';
import { addGlobalAdministrator, addUser, createDirectory } from './create.ts';
import { activate, delegatedRoles, newRelationship } from './delegation.ts';
import type { Directory, LicenseState } from './directory.ts';
import { settleWaitingGroups } from './group-licenses.ts';
import { changeLicenses, usersOf } from './partner-users.ts';
import { saveUser } from './records.ts';

export const directoryApi: DirectoryApi = {
  isDomainTaken(world, domain) {
    const name = domain.toLowerCase();
    return world.directories.values().some((directory) => directory.domains.get(name)?.isVerified);
  },

  createTenant(world, tenant) {
    const directory = createDirectory(world, tenant);
    const userId = addUser(world, directory, {
      userPrincipalName: `${tenant.admin.userName}@${directory.initialDomain}`,
      displayName: tenant.admin.userName,
      usageLocation: tenant.country,
    });
    addGlobalAdministrator(world, directory, userId);
  },

  putSubscription(world, tenantId, subscription) {
    const directory = requireDirectory(world, tenantId);
    const key = subscription.commerceSubscriptionId.toLowerCase();
    const known = directory.subscriptions.get(key);
    directory.subscriptions.set(key, {
      ...subscription,
      id: known?.id ?? world.random.uuid(),
      createdMs: known?.createdMs ?? world.clock.nowMs(),
    });
    settleWaitingGroups(world, directory);
  },

  consumedUnits(world, tenantId, skuId) {
    return world.directories.get(tenantId)?.seatsInUse.get(skuId) ?? 0;
  },

  users(world, tenantId) {
    return usersOf(requireDirectory(world, tenantId));
  },

  changeLicenses(world, tenantId, change) {
    return changeLicenses(world, requireDirectory(world, tenantId), change);
  },

  transferLicenses(world, tenantId, { fromSkuId, toSkuId }) {
    const directory = requireDirectory(world, tenantId);
    for (const id of directory.users.ids()) {
      const user = directory.users.live(id);
      if (!user?.licenses.some((license) => isDirect(license, fromSkuId))) continue;
      const kept = user.licenses.filter((license) => !isDirect(license, toSkuId));
      const licenses = kept.map((license) =>
        isDirect(license, fromSkuId)
          ? { ...license, skuId: toSkuId, disabledPlans: [], updatedMs: world.clock.nowMs() }
          : license,
      );
      saveUser(directory, { ...user, licenses });
    }
  },

  createDefaultRelationship(world, options) {
    const relationship = newRelationship(world, {
      partnerTenantId: options.partnerTenantId,
      displayName: `Default_${options.customerName}`.slice(0, 37) + `_${world.random.hex(12)}`,
      duration: 'P730D',
      autoExtendDuration: 'P180D',
      customer: { tenantId: options.customerTenantId, displayName: options.customerName },
      roleTemplateIds: options.roleTemplateIds,
    });
    activate(world, relationship);
    requireDirectory(world, options.partnerTenantId).relationships.set(
      relationship.id,
      relationship,
    );
  },

  delegatedRoles,

  partnerGroups(world, partnerTenantId, userId) {
    const directory = world.directories.get(partnerTenantId);
    if (!directory) return new Set();
    const groups = directory.memberships.groups(userId, directory.log.last);
    return new Set(
      groups.flatMap((id) => {
        const name = directory.groups.live(id)?.properties['displayName'];
        return typeof name === 'string' ? [name] : [];
      }),
    );
  },

  consentApplication(world, customerTenantId, consent) {
    return grantScopes(world, requireDirectory(world, customerTenantId), consent);
  },
};

function isDirect(license: LicenseState, skuId: string): boolean {
  return license.skuId === skuId && license.assignedByGroup === undefined;
}

function requireDirectory(world: World, tenantId: string): Directory {
  const directory = world.directories.get(tenantId);
  if (!directory) throw new Error(`No tenant ${tenantId} in the simulated cloud`);
  return directory;
}

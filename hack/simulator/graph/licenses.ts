/** Licences over the wire (graph.md 5). */
import { recordAudit } from '../directory/audit.ts';
import type {
  Directory,
  Group,
  LicenseState,
  Properties,
  Subscription,
  User,
} from '../directory/directory.ts';
import {
  findPool,
  freeUnits,
  hasSeat,
  type Pool,
  pools,
  settleGroup,
  settleUser,
} from '../directory/licenses.ts';
import {
  assignedLicenses,
  groupEntity,
  saveGroup,
  saveUser,
  userEntity,
} from '../directory/records.ts';
import { derivedUuid } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, parameter } from './call.ts';
import { badRequest, GraphError, notFound } from './errors.ts';
import { equalityFilters } from './filter-rules.ts';
import { requireWritableGroup } from './groups.ts';
import { list, single } from './query.ts';
import { requireUser, requireWritableUser, userTarget } from './users.ts';

export const LICENSE_HANDLERS: Handlers = {
  'GET /subscribedSkus': listSkus,
  'GET /subscribedSkus/{subscribedSku-id}': getSku,
  'GET /directory/subscriptions': listSubscriptions,
  'GET /directory/subscriptions/{companySubscription-id}': getSubscription,
  "GET /directory/subscriptions(commerceSubscriptionId='{commerceSubscriptionId}')":
    getSubscription,
  'POST /users/{user-id}/assignLicense': assignToUser,
  'POST /users/{user-id}/reprocessLicenseAssignment': reprocess,
  'GET /users/{user-id}/licenseDetails': listDetails,
  'POST /groups/{group-id}/assignLicense': assignToGroup,
  'GET /groups/{group-id}/membersWithLicenseErrors': listErrors,
};

interface Wanted {
  readonly skuId: string;
  readonly disabledPlans?: readonly string[];
}

function skuEntity(directory: Directory, pool: Pool): Properties {
  const status = pool.enabled > 0 ? 'Enabled' : (pool.subscriptions[0]?.status ?? 'Deleted');
  return {
    id: `${directory.tenantId}_${pool.skuId}`,
    accountId: directory.tenantId,
    accountName: directory.initialDomain.split('.')[0],
    appliesTo: 'User',
    capabilityStatus: status,
    consumedUnits: pool.consumed,
    prepaidUnits: {
      enabled: pool.enabled,
      suspended: pool.suspended,
      warning: pool.warning,
      lockedOut: pool.lockedOut,
    },
    servicePlans: servicePlans(pool, []),
    skuId: pool.skuId,
    skuPartNumber: pool.skuPartNumber,
    subscriptionIds: pool.subscriptions.map((subscription) => subscription.id),
  };
}

function servicePlans(pool: Pool, disabled: readonly string[]): Properties[] {
  return (pool.subscriptions[0]?.servicePlans ?? []).map((plan) => ({
    ...plan,
    provisioningStatus: disabled.includes(plan.servicePlanId) ? 'Disabled' : 'Success',
    appliesTo: 'User',
  }));
}

function listSkus(call: Call): ApiResponse {
  const items = () => pools(call.directory).map((pool) => skuEntity(call.directory, pool));
  return list(call, { type: 'subscribedSku', set: 'subscribedSkus', items });
}

function getSku(call: Call): ApiResponse {
  const id = parameter(call, 'subscribedSku-id');
  const pool = findPool(call.directory, id.split('_').at(-1) ?? '');
  if (!pool) throw notFound(id);
  return single(call, {
    type: 'subscribedSku',
    set: 'subscribedSkus',
    entity: skuEntity(call.directory, pool),
  });
}

function subscriptionEntity(subscription: Subscription): Properties {
  return {
    id: subscription.id,
    commerceSubscriptionId: subscription.commerceSubscriptionId,
    createdDateTime: new Date(subscription.createdMs).toISOString(),
    isTrial: subscription.isTrial,
    nextLifecycleDateTime:
      subscription.nextLifecycleMs === undefined
        ? null
        : new Date(subscription.nextLifecycleMs).toISOString(),
    ownerId: null,
    ownerTenantId: subscription.ownerTenantId,
    ownerType: 'User',
    serviceStatus: subscription.servicePlans.map((plan) => ({
      ...plan,
      appliesTo: 'User',
      provisioningStatus: 'Success',
    })),
    skuId: subscription.skuId,
    skuPartNumber: subscription.skuPartNumber,
    status: subscription.status,
    totalLicenses: subscription.seats,
  };
}

function listSubscriptions(call: Call): ApiResponse {
  return list(call, {
    type: 'companySubscription',
    set: 'directory/subscriptions',
    filters: equalityFilters('commerceSubscriptionId', 'skuId', 'status', 'ownerTenantId'),
    items: () => call.directory.subscriptions.values().map(subscriptionEntity),
  });
}

function getSubscription(call: Call): ApiResponse {
  const key = (
    call.parameters['companySubscription-id'] ??
    call.parameters['commerceSubscriptionId'] ??
    ''
  ).toLowerCase();
  const isByCommerce = 'commerceSubscriptionId' in call.parameters;
  const subscription = call.directory.subscriptions
    .values()
    .find(
      (known) => (isByCommerce ? known.commerceSubscriptionId.toLowerCase() : known.id) === key,
    );
  if (!subscription) throw notFound(key);
  return single(call, {
    type: 'companySubscription',
    set: 'directory/subscriptions',
    entity: subscriptionEntity(subscription),
  });
}

function assignToUser(call: Call): ApiResponse {
  const { world, directory } = call;
  const user = requireWritableUser(call);
  requireNoOverlap(call, user.id);
  const add = call.body['addLicenses'] as readonly Wanted[];
  const remove = call.body['removeLicenses'] as readonly string[];
  checkPools(directory, add);
  checkRemovable(user, remove);
  if (add.length > 0 && typeof user.properties['usageLocation'] !== 'string') {
    throw badRequest('License assignment cannot be done for user with invalid usage location.');
  }
  const removed = new Set(remove.map((skuId) => skuId.toLowerCase()));
  const added = new Map(add.map((license) => [license.skuId.toLowerCase(), license]));
  for (const skuId of added.keys()) {
    if (removed.has(skuId)) throw badRequest(`License ${skuId} is both added and removed.`);
    requireFreeUnit(directory, user, skuId);
  }
  const kept = user.licenses.filter(
    (license) =>
      license.assignedByGroup !== undefined ||
      !(removed.has(license.skuId) || added.has(license.skuId)),
  );
  const direct = [...added.values()].map(
    (license): LicenseState => ({
      skuId: license.skuId.toLowerCase(),
      disabledPlans: license.disabledPlans ?? [],
      assignedByGroup: undefined,
      state: 'Active',
      error: 'None',
      updatedMs: world.clock.nowMs(),
    }),
  );
  const next = { ...user, licenses: [...kept, ...direct] };
  saveUser(directory, next);
  const before = assignedLicenses(user.licenses);
  const modified = [{ name: 'assignedLicense', before, after: assignedLicenses(next.licenses) }];
  recordAudit(call, {
    activity: 'Change user license',
    category: 'UserManagement',
    targets: [userTarget(next, modified)],
  });
  return { ...single(call, { type: 'user', set: 'users', entity: userEntity(directory, next) }) };
}

/** Two calls for one user within the settling time collide (graph.md 5.2). */
function requireNoOverlap(call: Call, userId: string): void {
  const { world, directory } = call;
  const now = world.clock.nowMs();
  if ((directory.licenseWrites.get(userId) ?? 0) > now) {
    throw new GraphError(
      409,
      'Directory_ConcurrencyViolation',
      'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
    );
  }
  const settleMs = world.settings.licenseSettleMs;
  if (settleMs > 0) directory.licenseWrites.set(userId, now + settleMs);
}

function checkPools(directory: Directory, add: readonly Wanted[]): void {
  for (const { skuId, disabledPlans } of add) {
    const pool = findPool(directory, skuId);
    if (!pool) throw badRequest(`License ${skuId} does not correspond to a valid company License.`);
    const plans = pool.subscriptions[0]?.servicePlans ?? [];
    const unknown = disabledPlans?.find((id) => !plans.some((plan) => plan.servicePlanId === id));
    if (unknown !== undefined) {
      throw badRequest(
        `License assignment failed because service plan ${unknown} is not part of SKU ${skuId}.`,
      );
    }
  }
}

function checkRemovable(user: User, remove: readonly string[]): void {
  for (const skuId of remove) {
    const held = user.licenses.filter((license) => license.skuId === skuId.toLowerCase());
    if (held.length === 0) throw badRequest(`User does not have a corresponding license ${skuId}.`);
    if (held.every((license) => license.assignedByGroup !== undefined)) {
      throw badRequest(
        `User license ${skuId} is inherited from a group membership and it cannot be removed directly from the user.`,
      );
    }
  }
}

function requireFreeUnit(directory: Directory, user: User, skuId: string): void {
  if (hasSeat(user, skuId)) return;
  const pool = findPool(directory, skuId);
  if (!pool || freeUnits(pool) < 1) {
    throw badRequest(`Subscription with SKU ${skuId} does not have any available licenses.`);
  }
}

function reprocess(call: Call): ApiResponse {
  const user = requireWritableUser(call);
  settleUser(call.world, call.directory, user.id);
  return single(call, {
    type: 'user',
    set: 'users',
    entity: userEntity(call.directory, requireWritableUser(call)),
  });
}

function listDetails(call: Call): ApiResponse {
  const user = requireUser(call);
  return list(call, {
    type: 'licenseDetails',
    set: `users('${user.id}')/licenseDetails`,
    items: () =>
      assignedLicenses(user.licenses).flatMap((license) => {
        const pool = findPool(call.directory, license.skuId);
        if (!pool) return [];
        const id = Buffer.from(derivedUuid(`${user.id}/${license.skuId}`)).toString('base64url');
        const plans = servicePlans(pool, license.disabledPlans);
        return [
          { id, skuId: license.skuId, skuPartNumber: pool.skuPartNumber, servicePlans: plans },
        ];
      }),
  });
}

function assignToGroup(call: Call): ApiResponse {
  const { world, directory } = call;
  const group = requireWritableGroup(call);
  const add = call.body['addLicenses'] as readonly Wanted[];
  const remove = new Set(
    (call.body['removeLicenses'] as readonly string[]).map((id) => id.toLowerCase()),
  );
  checkPools(directory, add);
  const held = group.licenses.map((license) => license.skuId);
  for (const skuId of remove) {
    if (!held.includes(skuId))
      throw badRequest(`Group does not have a corresponding license ${skuId}.`);
  }
  const added = add.map((license) => ({
    skuId: license.skuId.toLowerCase(),
    disabledPlans: license.disabledPlans ?? [],
  }));
  const kept = group.licenses.filter(
    (license) =>
      !remove.has(license.skuId) && !added.some((other) => other.skuId === license.skuId),
  );
  const next: Group = {
    ...group,
    licenses: [...kept, ...added],
    properties: { ...group.properties, licenseProcessingState: { state: 'QueuedForProcessing' } },
  };
  saveGroup(directory, next);
  settleGroup(world, directory, group.id);
  finishProcessing(directory, group.id);
  return {
    ...single(call, { type: 'group', set: 'groups', entity: groupEntity(directory, next) }),
    status: 202,
  };
}

function finishProcessing(directory: Directory, groupId: string): void {
  const group = directory.groups.live(groupId);
  if (!group) return;
  const members = directory.memberships.members(groupId, directory.log.last);
  const hasErrors = members.some((id) => hasGroupError(directory.users.live(id), groupId));
  saveGroup(directory, {
    ...group,
    properties: {
      ...group.properties,
      licenseProcessingState: { state: 'ProcessingComplete' },
      hasMembersWithLicenseErrors: hasErrors,
    },
  });
}

function hasGroupError(user: User | undefined, groupId: string): boolean {
  return (user?.licenses ?? []).some(
    (license) => license.assignedByGroup === groupId && license.state === 'Error',
  );
}

function listErrors(call: Call): ApiResponse {
  const { directory } = call;
  const groupId = parameter(call, 'group-id').toLowerCase();
  return list(call, {
    type: 'user',
    set: 'directoryObjects',
    items: () =>
      directory.memberships.members(groupId, call.listSeq).flatMap((id) => {
        const user = directory.users.live(id);
        return user && hasGroupError(user, groupId)
          ? [{ '@odata.type': '#microsoft.graph.user', ...userEntity(directory, user) }]
          : [];
      }),
    decorate: (entity) => ({ '@odata.type': entity['@odata.type'] }),
  });
}

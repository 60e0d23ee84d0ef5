/** Licences of a person over the wire (graph.md 5.2, 5.3). */
import { recordAudit } from '../directory/audit.ts';
import type { Directory, LicenseState, User } from '../directory/directory.ts';
import { settleUser } from '../directory/group-licenses.ts';
import { locationConflict, planConflict } from '../directory/license-rules.ts';
import { findPool, freeUnits, hasSeat } from '../directory/licenses.ts';
import { assignedLicenses, saveUser, userEntity } from '../directory/records.ts';
import { derivedUuid } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import type { Call, Handlers } from './call.ts';
import { badRequest, GraphError } from './errors.ts';
import { list, single } from './query.ts';
import { servicePlans } from './subscribed-skus.ts';
import { requireUser, requireWritableUser, userTarget } from './users.ts';

export const LICENSE_HANDLERS: Handlers = {
  'POST /users/{user-id}/assignLicense': assignToUser,
  'POST /users/{user-id}/reprocessLicenseAssignment': reprocess,
  'GET /users/{user-id}/licenseDetails': listDetails,
};

interface Wanted {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

export interface LicenseChange {
  readonly add: readonly Wanted[];
  /** SKU ids */
  readonly remove: readonly string[];
}

/** The body of assignLicense, ids in lower case. @throws GraphError 400 for SKUs and plans that the tenant has not */
export function licenseChange(call: Call): LicenseChange {
  const added = call.body['addLicenses'] as readonly {
    readonly skuId: string;
    readonly disabledPlans?: readonly string[];
  }[];
  const removed = call.body['removeLicenses'] as readonly string[];
  const add = added.map(({ skuId, disabledPlans }) => ({
    skuId: skuId.toLowerCase(),
    disabledPlans: (disabledPlans ?? []).map((id) => id.toLowerCase()),
  }));
  const remove = removed.map((skuId) => skuId.toLowerCase());
  for (const wanted of add) {
    checkSku(call.directory, wanted);
    if (remove.includes(wanted.skuId)) {
      throw badRequest(`License ${wanted.skuId} is both added and removed.`);
    }
  }
  // Of a SKU that is named twice, the last one counts.
  return { add: [...new Map(add.map((wanted) => [wanted.skuId, wanted])).values()], remove };
}

function checkSku(directory: Directory, { skuId, disabledPlans }: Wanted): void {
  const pool = findPool(directory, skuId);
  if (!pool) throw badRequest(`License ${skuId} does not correspond to a valid company License.`);
  const plans = pool.subscriptions[0]?.servicePlans ?? [];
  const unknown = disabledPlans.find((id) => !plans.some((plan) => plan.servicePlanId === id));
  if (unknown !== undefined) {
    throw badRequest(
      `License assignment failed because service plan ${unknown} is not part of SKU ${skuId}.`,
    );
  }
}

function assignToUser(call: Call): ApiResponse {
  const { directory } = call;
  const user = requireWritableUser(call);
  requireNoOverlap(call, user.id);
  const change = licenseChange(call);
  checkRemovable(user, change.remove);
  checkAddable(directory, user, change.add);
  const next = { ...user, licenses: changedLicenses(call, user, change) };
  checkTogether(directory, user, next);
  saveUser(directory, next);
  const before = assignedLicenses(user.licenses);
  const modified = [{ name: 'assignedLicense', before, after: assignedLicenses(next.licenses) }];
  recordAudit(call, {
    activity: 'Change user license',
    category: 'UserManagement',
    targets: [userTarget(next, modified)],
  });
  return single(call, { type: 'user', set: 'users', entity: userEntity(directory, next) });
}

function changedLicenses(call: Call, user: User, { add, remove }: LicenseChange): LicenseState[] {
  const replaced = new Set([...remove, ...add.map(({ skuId }) => skuId)]);
  const kept = user.licenses.filter(
    (license) => license.assignedByGroup !== undefined || !replaced.has(license.skuId),
  );
  const updatedMs = call.world.clock.nowMs();
  const direct = add.map(
    (wanted): LicenseState => ({
      ...wanted,
      assignedByGroup: undefined,
      state: 'Active',
      error: 'None',
      updatedMs,
    }),
  );
  return [...kept, ...direct];
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

function checkRemovable(user: User, remove: readonly string[]): void {
  for (const skuId of remove) {
    const held = user.licenses.filter((license) => license.skuId === skuId);
    if (held.length === 0) throw badRequest(`User does not have a corresponding license ${skuId}.`);
    if (held.every((license) => license.assignedByGroup !== undefined)) {
      throw badRequest(
        `User license ${skuId} is inherited from a group membership and it cannot be removed directly from the user.`,
      );
    }
  }
}

function checkAddable(directory: Directory, user: User, add: readonly Wanted[]): void {
  if (add.length === 0) return;
  const { usageLocation } = user.properties;
  if (typeof usageLocation !== 'string') {
    throw badRequest('License assignment cannot be done for user with invalid usage location.');
  }
  const conflict = locationConflict(usageLocation);
  if (conflict) throw badRequest(conflict.message);
  for (const { skuId } of add) requireFreeUnit(directory, user, skuId);
}

function requireFreeUnit(directory: Directory, user: User, skuId: string): void {
  if (hasSeat(user, skuId)) return;
  const pool = findPool(directory, skuId);
  if (!pool || freeUnits(pool) < 1) {
    throw badRequest(`Subscription with SKU ${skuId} does not have any available licenses.`);
  }
}

/** Only a conflict that this change brings is held against it. */
function checkTogether(directory: Directory, before: User, after: User): void {
  const conflict = planConflict(directory, after.licenses);
  if (conflict && planConflict(directory, before.licenses)?.message !== conflict.message) {
    throw badRequest(conflict.message);
  }
}

function reprocess(call: Call): ApiResponse {
  const { id } = requireWritableUser(call);
  settleUser(call.world, call.directory, id);
  const entity = userEntity(call.directory, requireWritableUser(call));
  return single(call, { type: 'user', set: 'users', entity });
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

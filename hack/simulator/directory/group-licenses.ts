/** Licences by group: who gets them, what stands in the way, and when it is looked at (graph.md 5.4). */
import type { TaskKind, World } from '../world.ts';
import { recordAudit } from './audit.ts';
import type { Directory, Group, LicenseState, User } from './directory.ts';
import { type LicenseErrorName, locationConflict, planConflict } from './license-rules.ts';
import { findPool, freeUnits, hasSeat } from './licenses.ts';
import { assignedLicenses, holds, membersWithErrors, saveGroup, saveUser } from './records.ts';
import { asText } from './text.ts';

interface Which {
  readonly tenantId: string;
  readonly id: string;
}

const START: TaskKind<Which> = { name: 'directory.startGroupLicenses' };
const FINISH: TaskKind<Which> = { name: 'directory.finishGroupLicenses' };
const SETTLE_USER: TaskKind<Which> = { name: 'directory.settleUserLicenses' };

/** What group-based licensing does on the clock. */
export function registerGroupLicenses(world: World): void {
  const { clock } = world;
  clock.on(START, (which) => {
    const directory = world.directories.get(which.tenantId);
    if (directory) setProcessing(directory, which.id, 'ProcessingInProgress');
    clock.after(world.settings.groupLicenseDelayMs / 2, FINISH, which);
  });
  clock.on(FINISH, ({ tenantId, id }) => {
    const directory = world.directories.get(tenantId);
    if (!directory) return;
    for (const userId of directory.memberships.members(id, directory.log.last)) {
      settleUser(world, directory, userId);
    }
    setProcessing(directory, id, 'ProcessingComplete');
  });
  clock.on(SETTLE_USER, ({ tenantId, id }) => {
    const directory = world.directories.get(tenantId);
    if (directory) settleUser(world, directory, id);
  });
}

/** The group's licences changed: half the delay it waits, half it works. */
export function processGroup(world: World, directory: Directory, groupId: string): void {
  setProcessing(directory, groupId, 'QueuedForProcessing');
  const which = { tenantId: directory.tenantId, id: groupId };
  world.clock.after(world.settings.groupLicenseDelayMs / 2, START, which);
}

function setProcessing(directory: Directory, groupId: string, state: string): void {
  const group = directory.groups.live(groupId);
  if (!group) return;
  const properties = { ...group.properties, licenseProcessingState: { state } };
  saveGroup(directory, { ...group, properties });
}

/** The user came into a licensed group or left it. */
export function settleMember(
  world: World,
  directory: Directory,
  groupId: string,
  userId: string,
): void {
  const isConcerned =
    directory.licensedGroups.has(groupId) ||
    directory.users.live(userId)?.licenses.some((known) => known.assignedByGroup === groupId);
  if (isConcerned !== true) return;
  const which = { tenantId: directory.tenantId, id: userId };
  world.clock.after(world.settings.groupLicenseDelayMs, SETTLE_USER, which);
}

/** After seats have come: groups with members in error are looked at again. */
export function settleWaitingGroups(world: World, directory: Directory): void {
  for (const groupId of directory.licensedGroups) {
    if (membersWithErrors(directory, groupId).length > 0) processGroup(world, directory, groupId);
  }
}

/** Brings the licences that a user has through groups in line with membership, rules and free seats, now. */
export function settleUser(world: World, directory: Directory, userId: string): void {
  const user = directory.users.live(userId);
  if (!user) return;
  // Groups within the group do not pass licences on.
  const groups = directory.memberships
    .groups(userId, directory.log.last)
    .filter((groupId) => directory.licensedGroups.has(groupId))
    .flatMap((groupId) => directory.groups.live(groupId) ?? []);
  let licenses = user.licenses.filter((license) => license.assignedByGroup === undefined);
  for (const group of groups) {
    licenses = [...licenses, ...inherited(world, directory, { user, held: licenses, group })];
  }
  if (JSON.stringify(licenses) === JSON.stringify(user.licenses)) return;
  const next = { ...user, licenses };
  saveUser(directory, next);
  recordSettled(world, directory, user, next);
}

/** Of the licences of one group, all can be given or none: one that fails holds back the others. */
function inherited(
  world: World,
  directory: Directory,
  options: { readonly user: User; readonly held: readonly LicenseState[]; readonly group: Group },
): LicenseState[] {
  const { user, held, group } = options;
  const errors = new Map<string, LicenseErrorName>();
  const given: LicenseState[] = [];
  for (const want of group.licenses) {
    const license: LicenseState = {
      ...want,
      assignedByGroup: group.id,
      state: 'Active',
      error: 'None',
      updatedMs: world.clock.nowMs(),
    };
    const others = [...held, ...given];
    const error = licenseError(directory, { user, others, license });
    if (error === 'None') given.push(license);
    else errors.set(want.skuId, error);
  }
  const isBlocked = errors.size > 0;
  return group.licenses.map(({ skuId, disabledPlans }) => {
    const before = user.licenses.find(
      (known) => known.assignedByGroup === group.id && known.skuId === skuId,
    );
    const next: LicenseState = {
      skuId,
      disabledPlans,
      assignedByGroup: group.id,
      ...outcome({ isBlocked, error: errors.get(skuId), before }),
      updatedMs: world.clock.nowMs(),
    };
    return before && isSame(before, next) ? before : next;
  });
}

/** What somebody had already, stays with a note. */
function outcome(options: {
  readonly isBlocked: boolean;
  readonly error: LicenseErrorName | undefined;
  readonly before: LicenseState | undefined;
}): Pick<LicenseState, 'state' | 'error'> {
  const { isBlocked, error, before } = options;
  if (!isBlocked) return { state: 'Active', error: 'None' };
  const state = error === undefined && before && holds(before) ? 'ActiveWithError' : 'Error';
  return { state, error: error ?? 'Other' };
}

function licenseError(
  directory: Directory,
  options: {
    readonly user: User;
    readonly others: readonly LicenseState[];
    readonly license: LicenseState;
  },
): LicenseErrorName {
  const { user, others, license } = options;
  // Who has no usage location is taken to be where the tenant is; only here (graph.md 5.4).
  const location = asText(user.properties['usageLocation'], directory.country);
  const conflict = locationConflict(location) ?? planConflict(directory, [...others, license]);
  if (conflict) return conflict.error;
  const { skuId } = license;
  const isHeld = others.some((other) => other.skuId === skuId && holds(other));
  if (isHeld || hasSeat(user, skuId)) return 'None';
  const pool = findPool(directory, skuId);
  return pool && freeUnits(pool) > 0 ? 'None' : 'CountViolation';
}

function isSame(a: LicenseState, b: LicenseState): boolean {
  return JSON.stringify({ ...a, updatedMs: 0 }) === JSON.stringify({ ...b, updatedMs: 0 });
}

const SERVICE = 'Microsoft Azure AD Group-Based Licensing';

function recordSettled(world: World, directory: Directory, before: User, after: User): void {
  const [old, now] = [assignedLicenses(before.licenses), assignedLicenses(after.licenses)];
  if (JSON.stringify(old) === JSON.stringify(now)) return;
  recordAudit(
    { world, directory, caller: { service: SERVICE } },
    {
      activity: 'Change user license',
      category: 'UserManagement',
      targets: [
        {
          id: after.id,
          type: 'User',
          displayName: asText(after.properties['displayName']),
          userPrincipalName: after.userPrincipalName,
          modified: [{ name: 'assignedLicense', before: old, after: now }],
        },
      ],
    },
  );
}

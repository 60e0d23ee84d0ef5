/** Users and their direct licences, as Partner Center shows and changes them (partner-center.md 3.7). */
import type { World } from '../world.ts';
import type { DirectoryUser, LicenseChange, LicenseOutcome } from './api.ts';
import { recordAudit } from './audit.ts';
import type { Directory, LicenseState, User } from './directory.ts';
import { locationConflict, planConflict } from './license-rules.ts';
import { findPool, freeUnits, hasSeat } from './licenses.ts';
import { assignedLicenses, domainOf, saveUser } from './records.ts';

export function usersOf(directory: Directory): readonly DirectoryUser[] {
  return [...directory.users.ids()].flatMap((id) => {
    const version = directory.users.latest(id);
    if (version === undefined || version.state === 'purged') return [];
    const { value, state } = version;
    const domain = directory.domains.get(domainOf(value.userPrincipalName));
    const deleted = value.properties['deletedDateTime'];
    return [
      {
        id,
        userPrincipalName: value.userPrincipalName,
        displayName: textOf(value, 'displayName'),
        givenName: textOf(value, 'givenName'),
        surname: textOf(value, 'surname'),
        usageLocation: textOf(value, 'usageLocation'),
        isFederated: domain?.authenticationType === 'Federated',
        deletedAt: state === 'deleted' && typeof deleted === 'string' ? deleted : undefined,
        isDeleted: state === 'deleted',
        licenses: assignedLicenses(value.licenses),
      },
    ];
  });
}

function textOf(user: User, name: string): string | undefined {
  const value = user.properties[name];
  return typeof value === 'string' ? value : undefined;
}

/** All of it or nothing. */
export function changeLicenses(
  world: World,
  directory: Directory,
  change: LicenseChange,
): LicenseOutcome {
  const user = directory.users.live(change.userId);
  const problem = user === undefined ? 'noUser' : problemOf(directory, user, change);
  if (user === undefined || problem !== undefined) return problem ?? 'noUser';
  const touched = new Set([...change.add.map(({ skuId }) => skuId), ...change.remove]);
  const kept = user.licenses.filter((license) => !isDirect(license) || !touched.has(license.skuId));
  const added = change.add.map(
    ({ skuId, disabledPlans }): LicenseState => ({
      skuId,
      disabledPlans,
      assignedByGroup: undefined,
      state: 'Active',
      error: 'None',
      updatedMs: world.clock.nowMs(),
    }),
  );
  const next = { ...user, licenses: [...kept, ...added] };
  if (change.add.length > 0 && isRefused(directory, next)) return 'conflict';
  saveUser(directory, next);
  const [before, after] = [assignedLicenses(user.licenses), assignedLicenses(next.licenses)];
  const { id, userPrincipalName } = user;
  recordAudit(
    { world, directory, caller: change.caller },
    {
      activity: 'Change user license',
      category: 'UserManagement',
      targets: [
        {
          id,
          userPrincipalName,
          type: 'User',
          modified: [{ name: 'assignedLicense', before, after }],
        },
      ],
    },
  );
  return 'done';
}

function isRefused(directory: Directory, { properties, licenses }: User): boolean {
  const conflict =
    locationConflict(properties['usageLocation']) ?? planConflict(directory, licenses);
  return conflict !== undefined;
}

function problemOf(
  directory: Directory,
  user: User,
  { add, remove }: LicenseChange,
): LicenseOutcome | undefined {
  if (add.length > 0 && textOf(user, 'usageLocation') === undefined) return 'noLocation';
  const holds = (skuId: string) =>
    user.licenses.some((license) => isDirect(license) && license.skuId === skuId);
  if (!remove.every(holds)) return 'notHeld';
  for (const { skuId } of add) {
    const pool = findPool(directory, skuId);
    if (pool === undefined) return 'noSku';
    if (!hasSeat(user, skuId) && freeUnits(pool) < 1) return 'noSeats';
  }
  return undefined;
}

function isDirect({ assignedByGroup }: LicenseState): boolean {
  return assignedByGroup === undefined;
}

/** How far a person who leaves has come: the conditions of leaver.ts's table. Pure. */
import { membershipsMax } from '../../api/user-leaver.ts';
import { condition } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import type { Condition } from '../../core/resource.ts';
import { awaitsMailbox, hasLeft } from '../plans.ts';
import { hasSurplus } from './entra-side.ts';
import type { LeaverRoles, ObservedMailbox, ObservedUser } from './observed.ts';

export function blockedCondition(
  user: M365User,
  observed: ObservedUser,
  hasKnownPassword: boolean,
): Condition {
  const type = 'SignInBlocked';
  if (isOpenByServer(observed)) {
    const message = 'a sync server owns the account in Entra ID: block it in Active Directory';
    return condition(type, 'False', 'WaitingForSync', message);
  }
  if (observed.protection === 'PrivilegedAccount' && !isBlocked(user, observed)) {
    const message =
      "an administrator's account is blocked once its roles are gone: see AccessRemoved";
    return condition(type, 'False', 'AdministratorRole', message);
  }
  if (hasKnownPassword || !isBlocked(user, observed)) {
    return condition(type, 'False', 'Blocking', 'sign-in is being blocked in both directories');
  }
  if (Object.values(user.status?.leaver?.passwords ?? {}).includes('Refused')) {
    const message = 'sign-in is blocked and sessions are ended; a directory refused a new password';
    return condition(type, 'True', 'PasswordKept', message);
  }
  return condition(type, 'True', 'Blocked', 'sign-in is blocked, and sessions are ended');
}

function isOpenByServer({ entra }: ObservedUser): boolean {
  return entra?.accountEnabled === true && entra.onPremisesSyncEnabled === true;
}

function isBlocked({ status }: M365User, { entra, activeDirectory }: ObservedUser): boolean {
  if (activeDirectory?.enabled === true) return false;
  return entra === undefined || (!entra.accountEnabled && status?.sessionsRevoked === true);
}

const accessRemoved = 'AccessRemoved';

/** `recorded`: the memberships in Entra, and in Active Directory, that a return can give back. */
export function accessCondition(
  user: M365User,
  observed: ObservedUser,
  recorded: readonly (readonly unknown[])[],
): Condition {
  const { protection, activeDirectory, entra, roles } = observed;
  if (roles === undefined && activeDirectory?.enabled === true) {
    const message = 'sign-in is blocked before roles and groups go';
    return condition(accessRemoved, 'False', 'BlockingFirst', message);
  }
  const holding = rolesCondition(accessRemoved, roles, protection);
  if (holding !== undefined && isFirst(holding)) return holding;
  const leaving = groupsCondition(observed, recorded) ?? holding;
  if (leaving !== undefined) return leaving;
  return keepsLicenseGroups(user, entra)
    ? condition(
        accessRemoved,
        'True',
        'LicenseGroupsKept',
        'in no group but those that give licences',
      )
    : condition(accessRemoved, 'True', 'GroupsRemoved', 'in no group that is ours to leave');
}

/** Undefined: the person is in none that is ours to leave. */
function groupsCondition(
  { memberships, activeDirectory }: ObservedUser,
  recorded: readonly (readonly unknown[])[],
): Condition | undefined {
  const found = memberships.length + (activeDirectory?.groupGuids ?? []).length;
  if (found === 0) return undefined;
  if (recorded.every(({ length }) => length < membershipsMax)) {
    return condition(accessRemoved, 'False', 'RemovingGroups', 'groups are being left');
  }
  const message = 'the person is in more groups than are recorded for a return: the rest stays';
  return condition(accessRemoved, 'False', 'TooManyGroups', message);
}

/** What is said before groups are spoken of. */
function isFirst({ reason }: Condition): boolean {
  return reason === 'RemovingRoles' || reason === 'AdministratorRole';
}

/** Undefined: the person holds none. */
function rolesCondition(
  type: string,
  roles: LeaverRoles | undefined,
  protection: ObservedUser['protection'],
): Condition | undefined {
  if (roles === undefined || roles.held?.length === 0) {
    if (protection !== 'PrivilegedAccount') return undefined;
    return condition(type, 'False', 'AdministratorRole', `the person ${throughGroups(roles)}`);
  }
  const { held, mayRemove } = roles;
  const more = roles.throughGroups.length === 0 ? '' : `; and ${throughGroups(roles)}`;
  if (held === undefined) {
    const message = `whether the person holds a role cannot be seen: the application needs the permission RoleManagement.Read.Directory in the tenant${more}`;
    return condition(type, 'False', 'RolesUnknown', message);
  }
  if (!mayRemove) {
    const message = `the person holds roles of the directory (status.leaver.roles): a Privileged Role Administrator takes them away, or somebody consents to the permission RoleManagement.ReadWrite.Directory${more}`;
    return condition(type, 'False', 'RolesKept', message);
  }
  if (held.every(({ isLast }) => isLast)) {
    const message = `the person is the only Global Administrator: make somebody else one first${more}`;
    return condition(type, 'False', 'LastAdministrator', message);
  }
  return condition(type, 'False', 'RemovingRoles', 'roles of the directory are being taken away');
}

const namedMax = 5;

/** Who is in such a group its owners decide, and whoever gives roles (graph.md 7.1). */
function throughGroups(roles: LeaverRoles | undefined): string {
  const names = roles?.throughGroups ?? [];
  const who = 'an owner of the group or a Privileged Role Administrator';
  if (names.length === 0) {
    return `is an administrator through a group of which it is an owner, or through a role that does not show any more: ${who} puts another owner there`;
  }
  const left = names.length - namedMax;
  const named = names
    .slice(0, namedMax)
    .map((name) => `"${name}"`)
    .join(', ');
  const all = left > 0 ? `${named} and ${left} more` : named;
  return `is an administrator through the group ${all}: ${who} takes them out of it`;
}

function keepsLicenseGroups({ spec }: M365User, entra: ObservedUser['entra']): boolean {
  return spec.seatsOnLeave === 'Keep' && (entra?.inheritedLicenses ?? []).length > 0;
}

/** Nothing is lost with the licence. */
export function isKept(mailbox: ObservedMailbox | undefined): boolean {
  return mailbox === 'Shared' || mailbox === 'None';
}

/** What the operator cannot do itself, in the words of whoever can. */
export function mailboxCondition(
  { spec, status }: M365User,
  { mailbox }: ObservedUser,
): readonly Condition[] {
  const type = 'MailboxKept';
  if (spec.mailboxOnLeave === undefined) return [];
  if (spec.mailboxOnLeave === 'GoOn') {
    const message =
      'licences are not kept for the mailbox: whoever holds the role Exchange Administrator makes a shared one of it within 30 days, or it is gone';
    return [condition(type, 'False', 'NotWaitedFor', message)];
  }
  if (status?.leaver?.mailboxKeptAt !== undefined || isKept(mailbox)) {
    const message = 'the mailbox is a shared one, or there is none';
    return [condition(type, 'True', 'MailboxKept', message)];
  }
  if (mailbox === undefined) return [];
  if (mailbox === 'Unknown') {
    const message =
      'whether the mailbox is a shared one cannot be seen: the application needs the permission MailboxSettings.Read in the tenant; licences stay';
    return [condition(type, 'False', 'PermissionMissing', message)];
  }
  const message =
    "the mailbox is a person's: whoever holds the role Exchange Administrator makes a shared one of it (Set-Mailbox -Type Shared), which Graph cannot; licences stay until then";
  return [condition(type, 'False', 'NotConverted', message)];
}

const seatsFreed = 'SeatsFreed';

export function seatsCondition(user: M365User, observed: ObservedUser): Condition {
  const { spec } = user;
  if (spec.seatsOnLeave === 'Keep') {
    const message = 'licences stay, and with them the mailbox, as seatsOnLeave says';
    return condition(seatsFreed, 'False', 'SeatsKept', message);
  }
  if (awaitsMailbox(user)) {
    const message = 'licences stay until the mailbox is a shared one, as mailboxOnLeave says';
    return condition(seatsFreed, 'False', 'WaitingForMailbox', message);
  }
  if (hasSurplus(observed)) {
    return condition(seatsFreed, 'False', 'FreeingSeats', 'licences are being taken back');
  }
  if (!observed.isReadBack) {
    const message = 'licences are taken back, and Entra ID does not show it yet';
    return condition(seatsFreed, 'False', 'ReadingBack', message);
  }
  const message = 'no licence of ours is left; Microsoft deletes the mailbox 30 days later';
  return condition(seatsFreed, 'True', 'SeatsFreed', message);
}

/** Whether a free seat is still to be proved by a read. */
export function awaitsSeatProof(user: M365User, nowMs: number): boolean {
  if (!hasLeft(user, nowMs) || user.spec.seatsOnLeave !== 'Free') return false;
  if (awaitsMailbox(user)) return false;
  const { conditions = [] } = user.status ?? {};
  return !conditions.some((c) => c.type === seatsFreed && c.status === 'True');
}

export function retainedCondition({ spec }: M365User): Condition {
  const type = 'Retained';
  if (spec.legalHold === true) {
    const message = 'legalHold: nothing is deleted, and the days of retention stand still';
    return condition(type, 'True', 'LegalHold', message);
  }
  if (spec.retentionDays === undefined) {
    const message = 'the accounts stay blocked: no retentionDays are declared';
    return condition(type, 'True', 'NoEnd', message);
  }
  const message = 'the accounts are deleted at status.leaver.deleteAfter';
  return condition(type, 'True', 'RetentionRuns', message);
}

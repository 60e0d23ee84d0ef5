/**
 * A person who leaves, step by step. Each step is a condition, whose time says when it was reached; what a return needs
 * stands in status before it is taken away. Blocking itself and the licences are the sides' (directory-side.ts, entra-side.ts).
 * Pure.
 *
 * | the person                                  | conditions                          | actions                              |
 * | ------------------------------------------- | ----------------------------------- | ------------------------------------ |
 * | stays, and has never left                   | none                                | none                                 |
 * | left, can sign in somewhere                 | SignInBlocked=False                 | the sides block                      |
 * | … in Active Directory                       | AccessRemoved=False, BlockingFirst  | the same, before Entra is asked for roles and mailbox |
 * | … has a password that people know           | SignInBlocked=False                 | ReplaceAdPassword, ReplaceEntraPassword |
 * | … a directory refused the new one           | SignInBlocked=True, PasswordKept    | none                                 |
 * | holds roles, the application may take them  | AccessRemoved=False, RemovingRoles  | RecordLeaver, RemoveRole; the block follows an administrator's last role |
 * | … may not take or read them; the last Global Administrator | AccessRemoved=False, RolesKept, RolesUnknown, LastAdministrator | none; the rest goes on |
 * | is in groups (that nobody else decides)     | AccessRemoved=False                 | RecordLeaver, LeaveGroup, LeaveAdGroup |
 * | … that give licences, seatsOnLeave: Keep    | AccessRemoved=True, LicenseGroupsKept | none                               |
 * | … more of them than status takes            | AccessRemoved=False, TooManyGroups  | those that are recorded              |
 * | mailboxOnLeave: Wait, a person's mailbox    | MailboxKept=False                   | none: licences stay; looked at every quarter of an hour |
 * | … a shared one, or none                     | MailboxKept=True                    | RecordLeaver: licences go then       |
 * | mailboxOnLeave: GoOn                        | MailboxKept=False, NotWaitedFor     | none: licences go                    |
 * | seatsOnLeave: Keep                          | SeatsFreed=False, SeatsKept         | none                                 |
 * | seatsOnLeave: Free, licence of ours         | SeatsFreed=False                    | the sides free it                    |
 * | … gone, and read back from Entra by its id  | SeatsFreed=True                     | none                                 |
 * | blocked, legalHold                          | Retained=True, LegalHold            | none: the days stand still           |
 * | blocked, no retentionDays                   | Retained=True, NoEnd                | none                                 |
 * | blocked, days are left                      | Retained=True, RetentionRuns        | none: looked at when they are over   |
 * | the days are over                           | Retained=False, AccountsDeleted=False | leaver-end.ts: ours are deleted, others blocked |
 * | … nothing of ours is left                   | AccountsDeleted=True                | none, and nothing is made again      |
 * | … but accounts that are not ours            | AccountsDeleted=False, AccountsNotOurs | none                              |
 * | returned (leaveAt taken back or to come)    | none                                | JoinGroup, RejoinAdGroup, a new password, ForgetLeaver |
 * | … no Secret for a password is declared      | PasswordRotated=False               | the same without it                  |
 * | … had roles                                 | RolesReturned=False                 | none: people give roles, the operator never |
 */
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import { type LeaverStatus, membershipsMax, rolesMax } from '../../api/user-leaver.ts';
import type { M365User } from '../../core/objects.ts';
import { clockOf, iso } from '../leaver-clock.ts';
import { hasLeft } from '../plans.ts';
import * as act from './actions.ts';
import {
  accessCondition,
  blockedCondition,
  isKept,
  mailboxCondition,
  retainedCondition,
  seatsCondition,
} from './leaver-conditions.ts';
import { type LeaverPart, stays } from './leaver-part.ts';
import { returning } from './leaver-return.ts';
import type { ObservedUser } from './observed.ts';
import { passwordSides } from './password-rotation.ts';

/** Until the days of retention are over (leaver-end.ts). */
export function leaverOf(user: M365User, observed: ObservedUser, nowMs: number): LeaverPart {
  const before = user.status?.leaver;
  if (hasLeft(user, nowMs)) return leaving(user, observed, nowMs);
  return before === undefined ? stays : returning(user, observed, { before, nowMs });
}

/** For the guard against mass changes: a day that comes as announced is no accident (mass-change.ts). */
export function announced(
  { spec, status }: M365User,
  nowMs: number,
): M365UserStatus['leaveAnnounced'] {
  const { leaveAt } = spec;
  const known = status?.leaveAnnounced;
  if (leaveAt === undefined) return undefined;
  if (known?.leaveAt === leaveAt) return known;
  return Date.parse(leaveAt) > nowMs ? { leaveAt, seenAt: iso(nowMs) } : undefined;
}

function leaving(user: M365User, observed: ObservedUser, nowMs: number): LeaverPart {
  const before = lastLeave(user);
  const memberships = kept(before.groups, observed.memberships);
  const inDirectory = kept(before.activeDirectoryGroups, directoryMemberships(observed));
  const roles = kept(before.roles, observed.roles?.held ?? [], rolesMax).map(({ id, name }) => ({
    id,
    name,
  }));
  const passwords = knownPasswords(user, observed);
  const block = blockedCondition(user, observed, passwords.length > 0);
  const blockedAt = before.blockedAt ?? nowIf(block.status === 'True', nowMs);
  const status: LeaverStatus = {
    ...before,
    groups: orNothing(memberships),
    activeDirectoryGroups: orNothing(inDirectory),
    roles: orNothing(roles),
    mailboxKeptAt: before.mailboxKeptAt ?? nowIf(isKept(observed.mailbox), nowMs),
    blockedAt,
    ...clockOf(user.spec, { ...before, blockedAt }, nowMs),
  };
  const takes = [
    ...roleActions(observed, roles),
    ...groupActions(observed, { memberships, inDirectory }),
    ...passwords.map((side) => replacement(side, observed)),
  ];
  const isRecorded = isOnRecord(user, { memberships, inDirectory, roles });
  // Licences go with the next look, which knows it from status.
  const isNewlyKept = status.mailboxKeptAt !== before.mailboxKeptAt;
  return {
    actions:
      (takes.length === 0 || isRecorded) && !isNewlyKept ? takes : [act.recordLeaver, ...takes],
    conditions: [
      block,
      accessCondition(user, observed, [memberships, inDirectory]),
      ...mailboxCondition(user, observed),
      seatsCondition(user, observed),
      ...(blockedAt === undefined ? [] : [retainedCondition(user)]),
    ],
    status,
    lookAtMs: nextStepMs(status, observed, nowMs),
  };
}

/** Of one who was back since, only what is still so is known. */
function lastLeave({ status }: M365User): LeaverStatus {
  const { leaver = {} } = status ?? {};
  return leaver.returnedAt === undefined ? leaver : { passwords: leaver.passwords };
}

/** A guest has its password at home. */
function knownPasswords({ spec, status }: M365User, observed: ObservedUser): readonly Side[] {
  const done = status?.leaver?.passwords ?? {};
  if (spec.type === 'Guest') return [];
  return passwordSides(observed).filter((side) => done[side] === undefined);
}

type Side = ReturnType<typeof passwordSides>[number];

function nowIf(isReached: boolean, nowMs: number): string | undefined {
  return isReached ? iso(nowMs) : undefined;
}

/** A seat that Entra does not show as free yet is asked for with the next poll. */
function nextStepMs(
  { deleteAfter }: LeaverStatus,
  { isReadBack, pollMs, mailbox }: ObservedUser,
  nowMs: number,
): number | undefined {
  if (!isReadBack) return nowMs + pollMs;
  const endMs = deleteAfter === undefined ? undefined : Date.parse(deleteAfter);
  if (mailbox === undefined || isKept(mailbox)) return endMs;
  return Math.min(endMs ?? Number.POSITIVE_INFINITY, nowMs + mailboxLookMs);
}

/** Between two looks at a mailbox that licences wait for. */
const mailboxLookMs = 15 * 60_000;

type Membership = NonNullable<LeaverStatus['groups']>[number];
type Role = NonNullable<LeaverStatus['roles']>[number];

/** What was recorded stays, with what is found now, as far as status takes it. */
function kept<T extends { readonly id: string }>(
  recorded: readonly T[] = [],
  found: readonly T[],
  max = membershipsMax,
): readonly T[] {
  const known = new Set(recorded.map(({ id }) => id));
  return [...recorded, ...found.filter(({ id }) => !known.has(id))].slice(0, max);
}

/** A return needs it, also where a crash comes right after something was taken. */
function isOnRecord(
  { status }: M365User,
  recorded: Recorded & { readonly roles: readonly Role[] },
): boolean {
  if (status?.leaver === undefined || status.leaver.returnedAt !== undefined) return false;
  const { groups = [], activeDirectoryGroups = [], roles = [] } = status.leaver;
  return (
    groups.length === recorded.memberships.length &&
    activeDirectoryGroups.length === recorded.inDirectory.length &&
    roles.length === recorded.roles.length
  );
}

function orNothing<T>(some: readonly T[]): T[] | undefined {
  return some.length === 0 ? undefined : [...some];
}

function directoryMemberships({ activeDirectory }: ObservedUser): readonly Membership[] {
  return (activeDirectory?.groupGuids ?? []).map((id) => ({ id }));
}

interface Recorded {
  readonly memberships: readonly Membership[];
  readonly inDirectory: readonly Membership[];
}

/** First of all: an administrator's account is not blocked before. */
function roleActions(
  { entra, roles }: ObservedUser,
  recorded: readonly Role[],
): readonly act.UserAction[] {
  if (entra === undefined || roles?.mayRemove !== true) return [];
  const ids = new Set(recorded.map(({ id }) => id));
  return (roles.held ?? [])
    .filter(({ id, isLast }) => ids.has(id) && !isLast)
    .map(({ id, name }) => act.removeRole(entra.id, id, name));
}

/** Only what is recorded is taken away: else a return could not give it back. */
function groupActions(observed: ObservedUser, recorded: Recorded): readonly act.UserAction[] {
  const { entra, activeDirectory, memberships } = observed;
  const ids = new Set(recorded.memberships.map(({ id }) => id));
  const guids = new Set(recorded.inDirectory.map(({ id }) => id));
  return [
    ...memberships
      .filter(({ id }) => entra !== undefined && ids.has(id))
      .map(({ id, name }) => act.leaveGroup(entra?.id ?? '', id, name ?? id)),
    ...directoryMemberships(observed)
      .filter(({ id }) => guids.has(id))
      .map(({ id }) => act.leaveAdGroup(activeDirectory?.objectGuid ?? '', id)),
  ];
}

function replacement(side: Side, { entra, activeDirectory }: ObservedUser): act.UserAction {
  return side === 'entra'
    ? act.replaceEntraPassword(entra?.id ?? '')
    : act.replaceAdPassword(activeDirectory?.objectGuid ?? '');
}

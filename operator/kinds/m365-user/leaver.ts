/**
 * A person who leaves, step by step. Each step is a condition, whose time says when it was reached; what a return needs
 * stands in status before it is taken away. Blocking itself and the licences are the sides' (directory-side.ts, entra-side.ts).
 * Pure.
 *
 * | the person                                  | conditions                          | actions                              |
 * | ------------------------------------------- | ----------------------------------- | ------------------------------------ |
 * | stays, and has never left                   | none                                | none                                 |
 * | left, can sign in somewhere                 | SignInBlocked=False                 | the sides block                      |
 * | … has a password that people know           | SignInBlocked=False                 | ReplaceAdPassword, ReplaceEntraPassword |
 * | … a directory refused the new one           | SignInBlocked=True, PasswordKept    | none                                 |
 * | is in groups (that nobody else decides)     | AccessRemoved=False                 | RecordLeaver, LeaveGroup, LeaveAdGroup |
 * | … that give licences, seatsOnLeave: Keep    | AccessRemoved=True, LicenseGroupsKept | none                               |
 * | … more of them than status takes            | AccessRemoved=False, TooManyGroups  | those that are recorded              |
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
 */
import { type LeaverStatus, membershipsMax } from '../../api/user-leaver.ts';
import { condition } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import type { Condition } from '../../core/resource.ts';
import { clockOf, iso } from '../leaver-clock.ts';
import { hasLeft } from '../plans.ts';
import * as act from './actions.ts';
import {
  accessCondition,
  blockedCondition,
  retainedCondition,
  seatsCondition,
} from './leaver-conditions.ts';
import type { NamedGroup, ObservedUser } from './observed.ts';
import { isBeingMade, passwordSides, settingsOf } from './password-rotation.ts';

export interface LeaverPart {
  readonly actions: readonly act.UserAction[];
  readonly conditions: readonly Condition[];
  readonly status: LeaverStatus | undefined;
  /** When the next step comes by time alone. */
  readonly lookAtMs: number | undefined;
}

/** Until the days of retention are over (leaver-end.ts). */
export function leaverOf(user: M365User, observed: ObservedUser, nowMs: number): LeaverPart {
  const before = user.status?.leaver;
  if (!hasLeft(user, nowMs))
    return before === undefined ? stays : returning(user, observed, before);
  return leaving(user, observed, nowMs);
}

const stays: LeaverPart = {
  actions: [],
  conditions: [],
  status: undefined,
  lookAtMs: undefined,
};

function leaving(user: M365User, observed: ObservedUser, nowMs: number): LeaverPart {
  const before = user.status?.leaver ?? {};
  const memberships = kept(before.groups, observed.memberships);
  const inDirectory = kept(before.activeDirectoryGroups, directoryMemberships(observed));
  const passwords = knownPasswords(user, observed);
  const block = blockedCondition(user, observed, passwords.length > 0);
  const blockedAt = before.blockedAt ?? nowIf(block.status === 'True', nowMs);
  const status: LeaverStatus = {
    ...before,
    groups: orNothing(memberships),
    activeDirectoryGroups: orNothing(inDirectory),
    blockedAt,
    ...clockOf(user.spec, { ...before, blockedAt }, nowMs),
  };
  const takes = [
    ...groupActions(observed, { memberships, inDirectory }),
    ...passwords.map((side) => replacement(side, observed)),
  ];
  const isRecorded = isOnRecord(user, { memberships, inDirectory });
  return {
    actions: takes.length === 0 || isRecorded ? takes : [act.recordLeaver, ...takes],
    conditions: [
      block,
      accessCondition(user, observed, [memberships, inDirectory]),
      seatsCondition(user, observed),
      ...(blockedAt === undefined ? [] : [retainedCondition(user)]),
    ],
    status,
    lookAtMs: nextStepMs(status, observed, nowMs),
  };
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
  { isReadBack, pollMs }: ObservedUser,
  nowMs: number,
): number | undefined {
  if (!isReadBack) return nowMs + pollMs;
  return deleteAfter === undefined ? undefined : Date.parse(deleteAfter);
}

type Membership = NonNullable<LeaverStatus['groups']>[number];

/** What was recorded stays, with what is found now, as far as status takes it. */
function kept(
  recorded: readonly Membership[] = [],
  found: readonly Membership[],
): readonly Membership[] {
  const known = new Set(recorded.map(({ id }) => id));
  return [...recorded, ...found.filter(({ id }) => !known.has(id))].slice(0, membershipsMax);
}

/** A return needs it, also where a crash comes right after something was taken. */
function isOnRecord({ status }: M365User, { memberships, inDirectory }: Recorded): boolean {
  if (status?.leaver === undefined) return false;
  const { groups = [], activeDirectoryGroups = [] } = status.leaver;
  return (
    groups.length === memberships.length && activeDirectoryGroups.length === inDirectory.length
  );
}

function orNothing(memberships: readonly Membership[]): Membership[] | undefined {
  return memberships.length === 0 ? undefined : [...memberships];
}

function directoryMemberships({ activeDirectory }: ObservedUser): readonly Membership[] {
  return (activeDirectory?.groupGuids ?? []).map((id) => ({ id }));
}

interface Recorded {
  readonly memberships: readonly Membership[];
  readonly inDirectory: readonly Membership[];
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

/** What was taken away comes back; licences and declared groups come by themselves, as for anybody. */
function returning(user: M365User, observed: ObservedUser, before: LeaverStatus): LeaverPart {
  const { entra, activeDirectory } = observed;
  if (entra === undefined || isBeingMade(observed)) return { ...stays, status: before };
  const newPassword = passwordOnReturn(user, observed, before);
  const { left } = newPassword;
  const isSettled = left !== undefined && isPasswordsOnly(before);
  return {
    ...stays,
    actions: isSettled
      ? []
      : [
          ...observed.lostMemberships.map((group) => joined(entra.id, group)),
          ...lostInDirectory(observed, before).map(({ id }) =>
            act.rejoinAdGroup(activeDirectory?.objectGuid ?? '', id),
          ),
          ...newPassword.actions,
          act.forgetLeaver(left),
        ],
    conditions: left === undefined ? [] : [passwordUnknown],
    status: before,
  };
}

function joined(id: string, { id: groupId = '', name }: NamedGroup): act.UserAction {
  return act.joinGroup(id, groupId, name);
}

function lostInDirectory(
  { activeDirectory }: ObservedUser,
  { activeDirectoryGroups = [] }: LeaverStatus,
): readonly Membership[] {
  if (activeDirectory === undefined) return [];
  return activeDirectoryGroups.filter(({ id }) => !activeDirectory.groupGuids.includes(id));
}

const passwordUnknown = condition(
  'PasswordRotated',
  'False',
  'PasswordSecretNotDeclared',
  'nobody knows the password, which was replaced when the person left: name a Secret in initialPassword, and a new one is put there',
);

/** A crash may have come between a new password and its record: only a refusal proves that the old one is left. */
function passwordOnReturn(
  { spec }: M365User,
  observed: ObservedUser,
  { passwords = {} }: LeaverStatus,
): { readonly actions: readonly act.UserAction[]; readonly left?: LeaverStatus } {
  const unknown = passwordSides(observed).filter((side) => passwords[side] !== 'Refused');
  if (unknown.length === 0) return { actions: [] };
  if (spec.initialPassword === undefined) {
    const replaced = Object.fromEntries(unknown.map((side) => [side, 'Replaced' as const]));
    return { actions: [], left: { passwords: { ...passwords, ...replaced } } };
  }
  const settings = settingsOf(observed).map((set) => set(undefined));
  return { actions: [act.renewPasswordSecret, ...settings] };
}

function isPasswordsOnly(leaver: LeaverStatus): boolean {
  return Object.entries(leaver).every(
    ([name, value]) => name === 'passwords' || value === undefined,
  );
}

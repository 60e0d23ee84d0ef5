/**
 * Active Directory first, then Entra with its anchor, then licences, manager and groups. What an earlier line still
 * has to make is waited for by looking again; nothing that is undeclared is touched.
 *
 * | observed                                  | actions                                     |
 * | ----------------------------------------- | ------------------------------------------- |
 * | password Secret declared, missing         | CreatePasswordSecret                        |
 * | AD managed, no account                    | CreateAdAccount (Entra waits for its anchor)|
 * | the name's domain is not verified         | none: the tenant's status wakes it; the old name stays in both |
 * | no Entra account                          | CreateEntraUser, with the anchor            |
 * | ours, in the recycle bin                  | RestoreEntraUser: the same object id        |
 * | which account is meant is not clear, or it may not be taken over (match.ts) | Stalled: as stalled.ts has it |
 * | the accounts have different anchors       | the same: both sides say AnchorDiffers      |
 * | the account stands where it should not    | as directory-place.ts has it                |
 * | others took what no declaration holds     | as directory-lost.ts has it                 |
 * | declared field differs (AD, Entra)        | UpdateAdAccount, UpdateEntraUser            |
 * | should be blocked, is enabled             | UpdateAdAccount, UpdateEntraUser, RevokeSessions, before all else (blocking.ts) |
 * | is blocked, sessions not ended (a crash)  | RevokeSessions                              |
 * | name moves between domains                | UpdateEntraUser, as name-change.ts has it; what it means is said before (sign-in-impact.ts) |
 * | new password requested                    | as password-rotation.ts has it              |
 * | licence wanted, seat free                 | AssignLicenses: all SKUs in one call        |
 * | licence wanted, no seat                   | none: WaitingForSeat (the pool is woken)    |
 * | licence of ours, not wanted any more      | AssignLicenses (remove)                     |
 * | … and one that is wanted instead has no seat, or no such pool | none: it is kept till then |
 * | licence that comes from a group           | none: it is the group's                     |
 * | group declared, missing / not a member    | CreateGroup / JoinGroup, JoinAdGroup        |
 * | membership beside groups, groupsExclusive | LeaveGroup                                  |
 * | group of ours, not declared any more      | LeaveGroup, LeaveAdGroup                    |
 * | a field of which another than Git decides | as authority.ts has it                      |
 * | manager declared, differs                 | SetManager, UpdateAdAccount                 |
 * | any of these though it was as declared    | ReportDrift before what repairs it, as core/drift.ts says |
 * | set back, not read back yet               | none: Drifted stays (correction.ts)         |
 * | a sync server owns the account            | licences and cloud groups only              |
 * | nothing to do, the view is too old        | none: Unknown                               |
 * | a break-glass account (safeguards.ts)     | none: Stalled                               |
 * | an administrator's account                | what a help desk may do; else Stalled       |
 * | takes something from too many people      | none: held, the tenant names the batch      |
 * | the password lay in the Secret for long, or the person has signed in | ExpirePasswordSecret (password-expiry.ts) |
 * | must be blocked, and Active Directory does not answer | what blocks in Entra (outage.ts) |
 * | has left, or is back                      | as leaver.ts has it; at the end as leaver-end.ts |
 * | deleted, Retain                           | none: released                              |
 * | deleted, Disable                          | accounts of both sides disabled             |
 * | deleted, SoftDelete                       | accounts that we made or that entraId names deleted, others disabled |
 * | deleted, Purge                            | the same, then PurgeEntraUser               |
 */
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import { condition, notReady, ready } from '../../core/conditions.ts';
import { driftedCondition, lookAgain, nothingLeft } from '../../core/drift.ts';
import type { M365User } from '../../core/objects.ts';
import { type Next, onChange, type Plan } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';
import { isRetentionOver } from '../leaver-clock.ts';
import type { Hold } from '../mass-change-guard.ts';
import { hasLeft } from '../plans.ts';
import type { UserAction } from './actions.ts';
import { authorityConflict, type Declared, declaredFor } from './authority.ts';
import { blockFirst, blockingPart } from './blocking.ts';
import { untilReadBack } from './correction.ts';
import { planDeletion } from './deletion.ts';
import { isEnabled } from './desired.ts';
import { attributedInDirectory } from './directory-attribution.ts';
import { anchorsDiffer } from './directory-lost.ts';
import { activeDirectorySide } from './directory-side.ts';
import { judgeUser, reportedFirst } from './drift.ts';
import { entraSide, hasSurplus } from './entra-side.ts';
import { identityOf } from './identity.ts';
import { announced, leaverOf } from './leaver.ts';
import { planLeaverEnd } from './leaver-end.ts';
import type { LeaverPart } from './leaver-part.ts';
import type { NamedGroup, ObservedUser } from './observed.ts';
import { withoutDirectory } from './outage.ts';
import { attributed, outsideChangesOf } from './outside-changes.ts';
import { passwordExpiry, recorded } from './password-expiry.ts';
import { isBeingMade, noRotation, passwordRotation } from './password-rotation.ts';
import { safeguarded } from './safeguards.ts';
import type { Side, Sight } from './side.ts';
import { signInImpact } from './sign-in-impact.ts';
import { withAge } from './staleness.ts';
import { leaverWhileStalled, stalledSide } from './stalled.ts';

export type UserPlan = Plan<UserAction, M365UserStatus>;

export function planUser(user: M365User, observed: ObservedUser, nowMs: number): UserPlan {
  const wanted =
    user.metadata.deletionTimestamp === undefined
      ? withAge(untilReadBack(user, planPresence(user, observed, nowMs), observed, nowMs), observed)
      : planDeletion(user, observed);
  const plan = reportedFirst(user, safeguarded(user, wanted, observed.protection));
  if (observed.hold !== undefined) return held(plan, observed.hold);
  // The mark lets a confirmed change go on until its end, also after a restart.
  const isUnderWay = plan.actions.length > 0 || hasSurplus(observed);
  if (isUnderWay || user.status?.heldBatch === undefined) return plan;
  return { ...plan, status: { ...plan.status, heldBatch: undefined } };
}

/** Nothing is done, not even what is harmless: a person must be able to look at all of it first. */
function held(plan: UserPlan, hold: Hold): UserPlan {
  const others = plan.conditions.filter(({ type }) => type !== 'Ready' && type !== 'Stalled');
  const isSettling = hold.reason === 'Settling';
  return {
    actions: [],
    conditions: [notReady(hold.reason, holdMessages[hold.reason]), ...others],
    status: isSettling ? plan.status : { ...plan.status, heldBatch: hold.mark },
    released: false,
    next: {
      look: 'after',
      delayMs: isSettling ? hold.delayMs : heldLookMs,
      reason: hold.reason,
    },
  };
}

const holdMessages = {
  Settling: 'the change waits for some seconds, to be seen together with those of others',
  MassChangeHeld:
    'the change is held with those of many other people: see status.massChange of the M365Tenant',
} as const;

/** The tenant's status wakes it; this is for what no watch told. */
const heldLookMs = 10 * 60_000;

function planPresence(user: M365User, observed: ObservedUser, nowMs: number): UserPlan {
  const isClear = observed.outage === undefined && !anchorsDiffer(user, observed);
  if (isClear && isRetentionOver(user, nowMs)) return planLeaverEnd(user, observed, nowMs);
  const plan = planAccounts(user, observed, nowMs);
  return observed.outage === undefined ? plan : withoutDirectory(plan, observed.outage);
}

function planAccounts(user: M365User, observed: ObservedUser, nowMs: number): UserPlan {
  const declared = declaredFor(user, observed);
  const whole = sidesOf(declared, observed, { nowMs, leave: nothingLeft });
  const judged = judgeUser(declared, observed, { user, sides: whole, nowMs });
  const { leave } = judged;
  const sides = leave.size === 0 ? whole : sidesOf(declared, observed, { nowMs, leave });
  const stalled = stalledSide(sides);
  const leaver =
    stalled === undefined
      ? leaverOf(user, observed, nowMs)
      : leaverWhileStalled(user, observed, { stalled, nowMs });
  const outsideChanges = outsideChangesOf(user.status?.outsideChanges, observed.outsideChanges);
  const told = attributed(judged.drift, outsideChanges);
  const drift = [...attributedInDirectory(told, observed, user.status?.drift)];
  const { actions, conditions, next } = workOf(user, observed, { sides, leaver, nowMs });
  return {
    actions,
    conditions: [
      summaryOf(user, sides, observed, nowMs),
      ...driftedCondition(drift, user),
      ...sides.map(conditionOf),
      ...signInImpact(user, observed),
      ...authorityConflict(declared),
      ...leaver.conditions,
      ...conditions,
    ],
    status: {
      ...identityOf(user, observed),
      leaveAnnounced: announced(user, nowMs),
      leaver: leaver.status,
      ...licensesOf(observed, leave),
      licenseFindings: findingsOf(observed),
      outsideChanges,
      groups: givenOf([...observed.groups, ...observed.formerGroups]),
      activeDirectoryGroups: givenOf(declaredInDirectory(user, observed)),
      drift: drift.length > 0 ? drift : undefined,
      lastApplied: judged.lastApplied,
      corrections: judged.corrections,
    },
    released: false,
    next: lookAgain(next, judged.lookAtMs, nowMs),
  };
}

function workOf(
  user: M365User,
  observed: ObservedUser,
  {
    sides,
    leaver,
    nowMs,
  }: { readonly sides: readonly Side[]; readonly leaver: LeaverPart; readonly nowMs: number },
): Pick<UserPlan, 'actions' | 'conditions' | 'next'> {
  const stalled = stalledSide(sides);
  if (stalled !== undefined) {
    return {
      actions: sides.flatMap((side) => side.actions).flatMap(blockingPart),
      conditions: [condition('Stalled', 'True', stalled.reason, stalled.message)],
      next: dayLook(user, nowMs) ?? onChange,
    };
  }
  const rotation = hasLeft(user, nowMs) ? noRotation : passwordRotation(user, observed);
  const actions = blockFirst([
    ...sides.flatMap((side) => side.actions),
    ...leaver.actions,
    ...rotation.actions,
  ]);
  const expiry = passwordExpiry(user, {
    isBeingMade: isBeingMade(observed),
    signIn: observed.signIn,
    nowMs,
  });
  const next = lookAgain(nextLook(user, observed, nowMs), leaver.lookAtMs, nowMs, 'Retention');
  return {
    actions: recorded(user, actions.length > 0 ? actions : expiry.actions),
    conditions: [...rotation.conditions, ...expiry.conditions],
    next: lookAgain(next, expiry.lookAtMs, nowMs, 'PasswordExpiry'),
  };
}

function sidesOf(declared: Declared, observed: ObservedUser, sight: Sight): readonly Side[] {
  const directory = activeDirectorySide(declared.directory, observed, sight);
  const entra = entraSide(declared.entra, observed, sight);
  return directory === undefined ? [entra] : [directory, entra];
}

function conditionOf(side: Side): Condition {
  return condition(side.type, side.isSynced ? 'True' : 'False', side.reason, side.message);
}

function summaryOf(
  user: M365User,
  sides: readonly Side[],
  { unknownPools, licenses, manager }: ObservedUser,
  nowMs: number,
): Condition {
  const open = sides.find((side) => side.isStalled) ?? sides.find((side) => !side.isSynced);
  if (unknownPools.length > 0) {
    const names = unknownPools.map((name) => `"${name}"`).join(', ');
    return notReady(
      'PoolNotFound',
      `no LicensePool ${names} of this tenant: create it, or change plan or pools`,
    );
  }
  if (open !== undefined && open.reason !== 'WaitingForSeat')
    return notReady(open.reason, open.message);
  const waiting = licenses.filter(({ hasFreeSeat }) => !hasFreeSeat).map(({ pool }) => pool);
  if (open !== undefined)
    return notReady('WaitingForSeat', `waits for a seat of ${waiting.join(', ')}`);
  if (manager !== undefined && manager.entraId === undefined) {
    return notReady(
      'WaitingForManager',
      manager.field === 'managerRef'
        ? `M365User "${manager.name}" (managerRef) has no account yet`
        : `no account of the tenant has the name "${manager.name}" (manager)`,
    );
  }
  if (!isEnabled(user, nowMs)) return ready('Disabled', 'the person cannot sign in, as declared');
  return ready('Provisioned', 'accounts, licences and groups are as declared');
}

function licensesOf(
  { licenses, entra, surplus }: ObservedUser,
  leave: ReadonlySet<string>,
): Partial<M365UserStatus> {
  const holds = (skuId: string | undefined): boolean =>
    entra?.assignedLicenses.some((license) => license.skuId === skuId) === true;
  const held = licenses.filter(({ skuId }) => holds(skuId)).map(({ pool }) => pool);
  const former = surplus.filter(({ skuId }) => holds(skuId)).map(({ pool }) => pool);
  const waiting = licenses
    .filter(({ pool, skuId }) => !holds(skuId) && !leave.has(`licenses[${pool}]`))
    .map(({ pool }) => pool);
  const given = [...new Set([...held, ...former])].sort();
  return {
    licenses: given.length > 0 ? given : undefined,
    waitingFor: waiting.length > 0 && entra !== undefined ? waiting.sort() : undefined,
  };
}

function findingsOf({ licenseFindings }: ObservedUser): M365UserStatus['licenseFindings'] {
  return licenseFindings.length === 0 ? undefined : [...licenseFindings];
}

/** Not the tenant's own group, whose members are its people whatever they declare. */
function declaredInDirectory(
  { spec }: M365User,
  { directoryGroups, formerDirectoryGroups = [] }: ObservedUser,
): readonly NamedGroup[] {
  const declared = spec.activeDirectory?.groups ?? [];
  return [
    ...directoryGroups.filter(({ name }) => declared.includes(name)),
    ...formerDirectoryGroups,
  ];
}

/** Memberships that are there and that we gave, or were declared: only these are ours to take away. */
function givenOf(groups: readonly NamedGroup[]): string[] | undefined {
  const names = groups.filter(({ isMember }) => isMember).map(({ name }) => name);
  return names.length === 0 ? undefined : [...new Set(names)].sort();
}

function nextLook(
  user: M365User,
  { entra, unverifiedDomain, directoryMode, manager }: ObservedUser,
  nowMs: number,
): Next {
  const day = dayLook(user, nowMs);
  if (day !== undefined) return day;
  // Nothing tells of an account that is no M365User.
  if (manager?.field === 'manager' && manager.entraId === undefined) return managerLook;
  // What the tenant's status or a change in its directory tells is waited for.
  const isTold = unverifiedDomain !== undefined || directoryMode === 'EntraConnect';
  return entra !== undefined || isTold
    ? onChange
    : { look: 'after', delayMs: 5_000, reason: 'Provisioning' };
}

function dayLook({ spec }: M365User, nowMs: number): Next | undefined {
  if (spec.startAt === undefined && spec.leaveAt === undefined) return undefined;
  const days = { StartAt: spec.startAt, LeaveAt: spec.leaveAt };
  for (const [reason, at] of Object.entries(days)) {
    const delayMs = at === undefined ? 0 : Date.parse(at) - nowMs;
    if (delayMs > 0) return { look: 'after', delayMs, reason };
  }
  return undefined;
}

const managerLook: Next = { look: 'after', delayMs: 60_000, reason: 'WaitingForManager' };

/**
 * Changes that take something from people, counted over a tenant, so that an accident in Git (a bad selector, an empty
 * folder, a plan that lost its pools) is held before it reaches the directory. Pure.
 *
 * | a person                                               | counts as   |
 * | ------------------------------------------------------ | ----------- |
 * | M365User deleted, its accounts are ours to change      | `deletions` |
 * | `enabled: false`, could sign in at the last look       | `disabled`  |
 * | `startAt` to come, has a licence at the last look      | `disabled`  |
 * | a licence that we gave is not declared any more        | `unlicensed`|
 * | `leaveAt` is reached, not blocked yet                  | `disabled`  |
 * | … and it stood in Git for a window before that day     | not         |
 * | left by `leaveAt`, the days of retention are over      | `deletions` |
 * | … the accounts are deleted, or not ours to delete      | not         |
 * | left by `leaveAt` else; no account on record; Retain   | not         |
 * | of a batch that was confirmed                          | not         |
 *
 * | tenant                                                 | status.massChange                                   |
 * | ------------------------------------------------------ | --------------------------------------------------- |
 * | within the limits                                      | none                                                |
 * | beyond them                                            | the batch, its name with the number of people       |
 * | beyond, `confirm` names the batch that is shown        | confirmed, once every person of it is marked        |
 * | confirmed, some of its people are still to be done     | stays; what comes meanwhile is a batch of its own   |
 */
import type { M365TenantStatus } from '../api/m365-tenant-status.ts';
import { fingerprint } from '../core/hash.ts';
import type { M365Tenant, M365User } from '../core/objects.ts';
import { annotations } from '../core/plan.ts';
import { isRetentionOver } from './leaver-clock.ts';
import { hasLeft, poolsOf, startsLater } from './plans.ts';

export type MassChange = 'deletions' | 'disabled' | 'unlicensed';

export interface MassChangeCounts {
  readonly deletions: number;
  readonly disabled: number;
  readonly unlicensed: number;
  /** Of these: marked with the batch that the tenant shows. */
  readonly marked: number;
  /** Done within the window, beside those of a confirmed batch. */
  readonly done: number;
  /** People of a confirmed batch that are still to be done. */
  readonly underWay: number;
  /** M365Users of the tenant, with those that went within the window. */
  readonly managed: number;
}

type Batch = NonNullable<M365TenantStatus['massChange']>;

/** Fewer people than this are never held: in a small tenant one person is many percent. */
const smallest = 5;

const defaults = { maxUsers: 25, maxPercent: 30, windowMinutes: 60 };

/** Random digits of a UID: enough to tell the people of a tenant apart. */
export function personMark({ metadata }: M365User): string {
  return metadata.uid.slice(0, 8);
}

export function guardOf({ spec }: M365Tenant): Readonly<typeof defaults> {
  return { ...defaults, ...spec.massChangeGuard };
}

/** What the change takes from this person; undefined: nothing, or it is no matter of the guard. */
export function massChangeOf(
  user: M365User,
  tenant: M365Tenant,
  nowMs: number,
): MassChange | undefined {
  const { metadata, spec } = user;
  if (!hasAccount(user)) return undefined;
  if (hasLeft(user, nowMs)) return changeOfLeaver(user, tenant, nowMs);
  if (metadata.deletionTimestamp !== undefined) {
    return spec.deletionPolicy === 'Retain' ? undefined : 'deletions';
  }
  if (isBlocked(user, nowMs) && !isDisabled(user)) return 'disabled';
  return losesLicense(user, tenant) ? 'unlicensed' : undefined;
}

function changeOfLeaver(user: M365User, tenant: M365Tenant, nowMs: number): MassChange | undefined {
  if (isAtTheEnd(user, nowMs)) return 'deletions';
  const { leaver } = user.status ?? {};
  const isBlockedBefore = isDisabled(user) || leaver?.blockedAt !== undefined;
  return isBlockedBefore || isAnnounced(user, tenant) ? undefined : 'disabled';
}

/** People had a whole window to see it: what came that slowly is no accident. */
function isAnnounced({ spec, status }: M365User, tenant: M365Tenant): boolean {
  const { leaveAt, seenAt } = status?.leaveAnnounced ?? {};
  if (spec.leaveAt === undefined || leaveAt !== spec.leaveAt || seenAt === undefined) return false;
  return Date.parse(leaveAt) - Date.parse(seenAt) >= guardOf(tenant).windowMinutes * 60_000;
}

function hasAccount({ status }: M365User): boolean {
  return status?.entraId !== undefined || status?.objectGuid !== undefined;
}

/** The accounts of who has left are deleted next. */
function isAtTheEnd(user: M365User, nowMs: number): boolean {
  const { leaver, conditions = [] } = user.status ?? {};
  if (!isRetentionOver(user, nowMs) || leaver?.deletedAt !== undefined) return false;
  return !conditions.some(({ reason }) => reason === 'AccountsNotOurs');
}

/** Who is new has no licence before the start. */
function isBlocked(user: M365User, nowMs: number): boolean {
  const { licenses = [] } = user.status ?? {};
  return !user.spec.enabled || (licenses.length > 0 && startsLater(user, nowMs));
}

function losesLicense(user: M365User, tenant: M365Tenant): boolean {
  const wanted = poolsOf(user, tenant);
  return user.status?.licenses?.some((pool) => !wanted.includes(pool)) === true;
}

/** As the last look left it. */
function isDisabled({ status }: M365User): boolean {
  return status?.conditions?.some((c) => c.type === 'Ready' && c.reason === 'Disabled') === true;
}

/** Which end of the batch's name its people carry in `status.heldBatch`: it stays while the number grows. */
export function markOf({ batch }: Pick<Batch, 'batch'>): string {
  return batch.slice(batch.lastIndexOf('-') + 1);
}

/** Whether this person belongs to a batch that was confirmed. */
export function isConfirmed(user: M365User, tenant: M365Tenant): boolean {
  const batch = tenant.status?.massChange;
  return batch?.confirmed === true && user.status?.heldBatch === markOf(batch);
}

/** `done`: marks of people whose change was carried out within the window. */
export function countMassChanges(
  tenant: M365Tenant,
  users: readonly M365User[],
  done: ReadonlySet<string>,
  nowMs: number,
): MassChangeCounts {
  const counts = { deletions: 0, disabled: 0, unlicensed: 0, marked: 0, underWay: 0 };
  const batch = tenant.status?.massChange;
  for (const user of users) {
    const change = massChangeOf(user, tenant, nowMs);
    if (change === undefined || done.has(personMark(user))) continue;
    const isMarked = batch !== undefined && user.status?.heldBatch === markOf(batch);
    if (isMarked && batch.confirmed) {
      counts.underWay += 1;
      continue;
    }
    counts[change] += 1;
    if (isMarked) counts.marked += 1;
  }
  const gone = done.size - users.filter((user) => done.has(personMark(user))).length;
  return { ...counts, done: done.size, managed: users.length + gone };
}

function pendingOf({ deletions, disabled, unlicensed }: MassChangeCounts): number {
  return deletions + disabled + unlicensed;
}

export function isTooMany(tenant: M365Tenant, counts: MassChangeCounts): boolean {
  const { maxUsers, maxPercent } = guardOf(tenant);
  if (pendingOf(counts) === 0 || isFew(counts)) return false;
  const all = pendingOf(counts) + counts.done;
  return all > maxUsers || all * 100 > maxPercent * counts.managed;
}

/** Of so few it does not matter what was done before. */
export function isFew(counts: MassChangeCounts): boolean {
  return pendingOf(counts) + counts.done <= smallest;
}

/** A tenant so small that nothing can be too many. */
export function isSmall({ managed }: MassChangeCounts): boolean {
  return managed <= smallest;
}

/** What the tenant's status is to say. */
export function heldBatch(
  tenant: M365Tenant,
  counts: MassChangeCounts,
  nowMs: number,
): Batch | undefined {
  const shown = tenant.status?.massChange;
  const isUnderWay = shown?.confirmed === true && counts.underWay > 0;
  if (isUnderWay) return shown;
  if (!isTooMany(tenant, counts)) return undefined;
  const batch = openBatch(tenant, counts, nowMs);
  // Only what was shown can have been meant, and only people who carry the mark go on after a restart.
  const isMeant = tenant.metadata.annotations?.[annotations.confirm] === batch.batch;
  const confirmed = isMeant && shown?.batch === batch.batch && counts.marked === batch.users;
  return { ...batch, confirmed };
}

/** It keeps its mark while people come and go, and its name says how many they are. */
function openBatch(tenant: M365Tenant, counts: MassChangeCounts, nowMs: number): Batch {
  const shown = tenant.status?.massChange;
  const open = shown?.confirmed === true ? undefined : shown;
  const since = open?.since ?? new Date(nowMs).toISOString();
  const mark = open === undefined ? newMark(tenant, since) : markOf(open);
  const { deletions, disabled, unlicensed } = counts;
  const users = pendingOf(counts);
  const batch = `${String(users)}-users-${mark}`;
  return { batch, users, deletions, disabled, unlicensed, since, confirmed: false };
}

function newMark({ metadata }: M365Tenant, since: string): string {
  return fingerprint(`${metadata.uid} ${since}`).slice(0, 8);
}

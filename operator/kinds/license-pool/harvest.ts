/**
 * Whose licence nobody seems to need, and whose is taken. Pure. The first row that fits counts.
 *
 * | who holds a licence of the pool                                | named as | taken by itself         |
 * | -------------------------------------------------------------- | -------- | ----------------------- |
 * | excluded, in protectedUsers, an administrator                  | no       |                         |
 * | declared room or shared mailbox; M365User that goes, that starts later, or whose leaveAt gives the seat back | no | |
 * | younger than 30 days, or of unknown age                        | no       |                         |
 * | made by the operator, and its M365User is gone                 | Removed  | yes                     |
 * | blocked                                                        | Disabled | yes                     |
 * | no sign-in for inactiveDays (since it was made, where never), and Microsoft tells of sign-ins | Inactive | yes |
 * | any other                                                      | no       |                         |
 * | … and has it through a group                                   | the same | no, Inherited           |
 * | … and an M365User wants it: Git is the truth                   | the same | no, Declared            |
 * | … and its M365User is suspended                                | the same | no, Suspended           |
 * | … and a sync server owns the account                           | the same | no, Synced              |
 * | … and Microsoft refused to have it taken                       | the same | no, Refused             |
 * | accounts not read since the start: only who was named before   | as before | no                     |
 *
 * Taken: in Auto, after graceDays in the list, maxPerDay within 24 hours, the oldest first; nobody while it is not known
 * who is excluded or who is an administrator.
 */
import { type HarvestSpec, type HarvestStatus, proposalsMax, takenMax } from '../../api/harvest.ts';
import type { AccountFacts, SignInData } from '../../clients/graph/activity-port.ts';
import { dayMs } from '../../core/seats/commerce.ts';
import { monthMs } from './guardrails.ts';

export type Proposal = NonNullable<HarvestStatus['proposals']>[number];

/** What the M365User of an account says of the licence. Exempt: it is no matter of harvest. */
export type Claim = 'None' | 'Wanted' | 'Unwanted' | 'Suspended' | 'Exempt';

/** An account that holds the licence. */
export interface Holder {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly isEnabled: boolean;
  /** A sync server owns the account. */
  readonly isSynced: boolean;
  /** It comes from a group, perhaps besides: taking the person's own frees no seat. */
  readonly isInherited: boolean;
  /** Excluded, protected, or an administrator. */
  readonly isSpared: boolean;
  readonly claim: Claim;
  /** The operator made it for an M365User of this namespace that is gone. */
  readonly isLeftBehind: boolean;
  /** Undefined: not read. */
  readonly facts: AccountFacts | undefined;
}

/** Why nobody is taken from. */
export type HarvestBlock = 'ExcludedGroupNotFound' | 'AdministratorsUnknown';

export interface HarvestSight {
  readonly holders: readonly Holder[];
  readonly signIns: SignInData;
  /** All accounts were read since the start of the process. */
  readonly isRead: boolean;
  /** When more of them can be read. */
  readonly goOnMs: number | undefined;
  readonly block: HarvestBlock | undefined;
}

export interface HarvestPlan {
  readonly status: HarvestStatus | undefined;
  /** To be taken now. */
  readonly takes: readonly Proposal[];
}

interface Look {
  readonly spec: HarvestSpec;
  readonly before: HarvestStatus | undefined;
  readonly sight: HarvestSight;
  /** Microsoft's clock. */
  readonly nowMs: number;
  /** What a seat costs a month. */
  readonly seatCost: number | undefined;
}

/** Pre-provisioned accounts are blocked, and nobody has signed in to them, for a reason. */
const youngMs = 30 * dayMs;

export function planHarvest(look: Look): HarvestPlan {
  const { spec, before, sight, seatCost } = look;
  if (spec.mode === 'Off') return { status: undefined, takes: [] };
  const known = new Map((before?.proposals ?? []).map((one) => [one.id, one]));
  const all = sight.holders
    .flatMap((holder) => proposalOf(holder, known.get(holder.id), look) ?? [])
    .toSorted(byAge);
  const proposals = all.slice(0, proposalsMax);
  const taken = recent(before?.taken ?? [], look.nowMs - monthMs);
  const status = {
    count: all.length,
    ...(seatCost === undefined ? {} : { seatCost, saving: seatCost * all.length }),
    ...(spec.inactiveDays === undefined ? {} : { signInData: signInDataOf(look) }),
    ...(proposals.length === 0 ? {} : { proposals }),
    ...(taken.length === 0 ? {} : { taken }),
  };
  return { status, takes: takesOf(proposals, look) };
}

/** After a restart what was known stands until it is read again. */
function signInDataOf({ before, sight }: Look): SignInData {
  return sight.isRead ? sight.signIns : (before?.signInData ?? 'NotRead');
}

function byAge(a: Proposal, b: Proposal): number {
  return a.proposedOn.localeCompare(b.proposedOn) || a.user.localeCompare(b.user);
}

function proposalOf(holder: Holder, known: Proposal | undefined, look: Look): Proposal | undefined {
  const found = look.sight.isRead ? unusedOf(holder, look) : asBefore(holder, known);
  if (found === undefined) return undefined;
  const same = known?.reason === found.reason ? known : undefined;
  const proposedOn = same?.proposedOn ?? dayOf(look.nowMs);
  return {
    id: holder.id,
    user: holder.userPrincipalName,
    reason: found.reason,
    since: found.since ?? proposedOn,
    proposedOn,
    ...(holdOf(holder, same) ?? takeOn(proposedOn, look.spec)),
  };
}

function takeOn(proposedOn: string, { mode, graceDays }: HarvestSpec): Pick<Proposal, 'takeOn'> {
  if (mode !== 'Auto') return {};
  return { takeOn: dayOf(Date.parse(proposedOn) + graceDays * dayMs) };
}

interface Unused {
  readonly reason: Proposal['reason'];
  /** Undefined: nobody tells; since it was first seen. */
  readonly since: string | undefined;
}

type Now = Pick<Look, 'spec' | 'nowMs'> & { readonly sight: Pick<HarvestSight, 'signIns'> };

/** Whether the licence of this one seems unused, by what is known now. */
export function unusedOf(holder: Holder, now: Now): Unused | undefined {
  const createdMs = holder.facts?.createdMs;
  if (isNoMatter(holder) || createdMs === undefined) return undefined;
  if (now.nowMs - createdMs < youngMs) return undefined;
  if (holder.isLeftBehind) return { reason: 'Removed', since: undefined };
  if (!holder.isEnabled) return { reason: 'Disabled', since: undefined };
  return inactive(Math.max(createdMs, holder.facts?.lastSignInMs ?? 0), now);
}

function isNoMatter({ isSpared, claim }: Holder): boolean {
  return isSpared || claim === 'Exempt';
}

function inactive(lastMs: number, { spec, sight, nowMs }: Now): Unused | undefined {
  const { inactiveDays } = spec;
  if (inactiveDays === undefined || sight.signIns !== 'Available') return undefined;
  if (nowMs - lastMs < inactiveDays * dayMs) return undefined;
  return { reason: 'Inactive', since: dayOf(lastMs) };
}

/** What can be told without the accounts. */
function asBefore(holder: Holder, known: Proposal | undefined): Unused | undefined {
  if (known === undefined || isNoMatter(holder)) return undefined;
  if (known.reason === 'Disabled' && holder.isEnabled) return undefined;
  if (known.reason === 'Removed' && holder.claim !== 'None') return undefined;
  return { reason: known.reason, since: known.since };
}

type Hold = Pick<Proposal, 'held' | 'message'>;

const messages = {
  Inherited: 'it comes from a group: take the person out of that',
  Declared: 'its M365User declares the licence: take plan or pools out there',
  Suspended: 'its M365User is suspended',
  Synced: 'a sync server owns the account: block or license people where it is managed',
} as const;

function held(name: keyof typeof messages): Hold {
  return { held: name, message: messages[name] };
}

export function holdOf(
  { isInherited, claim, isSynced }: Holder,
  known: Proposal | undefined,
): Hold | undefined {
  if (isInherited) return held('Inherited');
  if (claim === 'Wanted') return held('Declared');
  if (claim === 'Suspended') return held('Suspended');
  if (isSynced) return held('Synced');
  return known?.held === 'Refused' ? { held: 'Refused', message: known.message } : undefined;
}

function takesOf(
  proposals: readonly Proposal[],
  { spec, before, sight, nowMs }: Look,
): readonly Proposal[] {
  if (!sight.isRead || sight.block !== undefined) return [];
  const today = dayOf(nowMs);
  const due = proposals.filter(({ takeOn }) => takeOn !== undefined && takeOn <= today);
  const taken = recent(before?.taken ?? [], nowMs - dayMs).length;
  return due.slice(0, Math.max(0, spec.maxPerDay - taken));
}

function recent<T extends { readonly at: string }>(all: readonly T[], sinceMs: number): T[] {
  return all.filter(({ at }) => Date.parse(at) > sinceMs);
}

export function afterTake(
  before: HarvestStatus | undefined,
  { id, user, reason }: Proposal,
  at: string,
): HarvestStatus {
  const taken = [...(before?.taken ?? []), { id, user, reason, at }].slice(-takenMax);
  return { count: 0, ...before, taken };
}

/** It stands as it is until the reason is another. */
export function afterRefusal(
  before: HarvestStatus | undefined,
  { id }: Proposal,
  message: string,
): HarvestStatus {
  const proposals = (before?.proposals ?? []).map((one) => {
    if (one.id !== id) return one;
    const { takeOn: _, ...rest } = one;
    return { ...rest, held: 'Refused' as const, message: message.slice(0, 512) };
  });
  return { count: proposals.length, ...before, proposals };
}

/** `2026-11-28`, in UTC. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/**
 * A tenant is taken over from a sync server in this order; what is confirmed is the pairing, so that nobody gets the
 * account of another. Nothing is written into either directory before the last line. Pure.
 *
 * | observed                                                   | ActiveDirectoryReady         |
 * | ---------------------------------------------------------- | ---------------------------- |
 * | accounts not read yet                                      | HandOverObserving            |
 * | the report is not confirmed, or another one by now         | HandOverNotConfirmed         |
 * | confirmed, synchronization of the tenant is on             | HandOverSyncActive           |
 * | confirmed, off, accounts are still synced (up to 72 hours) | HandOverSwitching            |
 * | confirmed, off, no account is synced                       | done: both directories are written |
 * | done, and a sync server is there again                     | DirectorySyncActive          |
 */
import type { HandOverFinding, HandOverStatus } from '../../api/hand-over.ts';
import { fingerprint } from '../../core/hash.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { annotations } from '../../core/plan.ts';
import type { AdSide, EntraSide, Pair, Pairing } from './hand-over-pairs.ts';
import type { ObservedTenant } from './observed.ts';
import { open, type Step } from './step.ts';

export type Protection = Extract<
  HandOverFinding['finding'],
  'ProtectedAccount' | 'PrivilegedAccount'
>;

export interface ObservedHandOver {
  readonly pairing: Pairing;
  /** Of accounts in Entra, by object id. */
  readonly protection: ReadonlyMap<string, Protection>;
}

/** As many as status takes (api/hand-over.ts). */
const findingsMax = 50;

/** Nothing tells that a sync server is gone. */
const lookMs = 5 * 60_000;

/** Declared, and not through yet. */
export function isHandedOver({ spec, status }: M365Tenant): boolean {
  return spec.identity?.handOver === undefined || status?.handOver?.done === true;
}

/** Undefined: nothing of a hand-over holds the tenant (any more). */
export function handOverStep(tenant: M365Tenant, observed: ObservedTenant): Step | undefined {
  if (isHandedOver(tenant)) return undefined;
  const status = handOverStatus(tenant, observed);
  const stop = stopOf(status, observed);
  return stop === undefined ? undefined : open('ActiveDirectoryReady', stop, { delayMs: lookMs });
}

function stopOf(
  status: HandOverStatus | undefined,
  { organization }: ObservedTenant,
): readonly [reason: string, message: string] | undefined {
  if (status === undefined) {
    return ['HandOverObserving', 'the accounts of both directories are being read'];
  }
  if (!status.confirmed) {
    return [
      'HandOverNotConfirmed',
      `see status.handOver, and set the annotation ${annotations.confirm} to its report`,
    ];
  }
  if (organization?.onPremisesSyncEnabled === true) {
    return [
      'HandOverSyncActive',
      'uninstall the sync server, then turn directory synchronization of the tenant off (Microsoft takes up to 72 hours, and it cannot be called back)',
    ];
  }
  if (!status.done) {
    return ['HandOverSwitching', 'Microsoft is turning the synchronization of accounts off'];
  }
  return undefined;
}

export function handOverStatus(
  tenant: M365Tenant,
  observed: ObservedTenant,
): HandOverStatus | undefined {
  const before = tenant.status?.handOver;
  if (tenant.spec.identity?.handOver === undefined) return undefined;
  if (before?.done === true || observed.handOver === undefined) return before;
  const report = reportName(observed.handOver.pairing);
  const confirmed = isConfirmed(tenant, report);
  return {
    report,
    confirmed,
    done: confirmed && isSyncGone(observed),
    ...figuresOf(observed.handOver, isSyncOff(observed)),
  };
}

function isConfirmed({ metadata, status }: M365Tenant, report: string): boolean {
  if (metadata.annotations?.[annotations.confirm] === report) return true;
  return status?.handOver?.confirmed === true && status.handOver.report === report;
}

function figuresOf(
  observed: ObservedHandOver,
  isOff: boolean,
): Omit<HandOverStatus, 'report' | 'confirmed' | 'done'> {
  const { pairing, protection } = observed;
  const taken = pairing.matched.filter(({ user }) => !protection.has(user.id));
  const findings = findingsOf(observed, isOff);
  return {
    percent: percentOf(taken, isOff),
    matched: taken.length,
    matchedByAnchor: countBy(taken, 'Anchor'),
    matchedByName: countBy(taken, 'Name'),
    matchedByMail: countBy(taken, 'Mail'),
    onlyActiveDirectory: pairing.onlyActiveDirectory.length,
    onlyEntra: pairing.onlyEntra.length,
    ambiguous: pairing.ambiguousAccounts.length + pairing.ambiguousUsers.length,
    anchorsDiffer: pairing.anchorsDiffer.length,
    skipped: pairing.matched.length - taken.length,
    findings: findings.length === 0 ? undefined : findings.slice(0, findingsMax),
  };
}

function isSyncOff({ organization }: ObservedTenant): boolean {
  return organization?.onPremisesSyncEnabled === false;
}

function isSyncGone(observed: ObservedTenant): boolean {
  return isSyncOff(observed) && (observed.directory?.syncedAccounts ?? 0) === 0;
}

/** Rounded down: a hundred is all of them. */
function percentOf(pairs: readonly Pair[], isOff: boolean): number {
  if (pairs.length === 0) return isOff ? 100 : 0;
  return Math.floor((pairs.filter(({ user }) => !isSynced(user)).length * 100) / pairs.length);
}

function isSynced({ onPremisesSyncEnabled }: EntraSide): boolean {
  return onPremisesSyncEnabled === true;
}

function countBy(pairs: readonly Pair[], wanted: Pair['way']): number {
  return pairs.filter(({ way }) => way === wanted).length;
}

/** Anchors are certain: who is paired by one, and who has nobody, may come and go without another confirmation. */
function reportName(pairing: Pairing): string {
  const lines = [
    ...pairing.matched
      .filter(({ way }) => way !== 'Anchor')
      .map(({ account, user, way }) => `${way} ${account.objectGuid} ${user.id}`),
    ...pairing.anchorsDiffer.map(({ account, user }) => `Other ${account.objectGuid} ${user.id}`),
    ...pairing.ambiguousAccounts.map(({ objectGuid }) => `Several ${objectGuid}`),
    ...pairing.ambiguousUsers.map(({ id }) => `Several ${id}`),
  ];
  return `handover-${fingerprint(lines.sort().join('\n'))}`;
}

/** Those that need a decision come first; then by name. */
function findingsOf(
  { pairing, protection }: ObservedHandOver,
  isOff: boolean,
): readonly HandOverFinding[] {
  const guarded = pairing.matched.map(({ user }) => user);
  const ofKind = (kind: Protection) => guarded.filter(({ id }) => protection.get(id) === kind);
  const differing = pairing.anchorsDiffer.map(({ account }) => account);
  const late = isOff ? guarded.filter(isSynced) : [];
  return [
    ...told('Ambiguous', pairing.ambiguousAccounts.map(nameOf)),
    ...told('Ambiguous', pairing.ambiguousUsers.map(signInName)),
    ...told('AnchorDiffers', differing.map(nameOf)),
    ...told('ProtectedAccount', ofKind('ProtectedAccount').map(signInName)),
    ...told('PrivilegedAccount', ofKind('PrivilegedAccount').map(signInName)),
    ...told('StillSynced', late.map(signInName)),
    ...told('OnlyActiveDirectory', pairing.onlyActiveDirectory.map(nameOf)),
    ...told('OnlyEntra', pairing.onlyEntra.map(signInName)),
  ];
}

function nameOf({ userPrincipalName, samAccountName }: AdSide): string {
  return userPrincipalName ?? samAccountName;
}

function signInName({ userPrincipalName }: EntraSide): string {
  return userPrincipalName;
}

function told(finding: HandOverFinding['finding'], names: readonly string[]): HandOverFinding[] {
  return names
    .map((name) => name.slice(0, 256))
    .sort()
    .map((account) => ({ account, finding }));
}

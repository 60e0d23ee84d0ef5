/** What of a person's differences is the work of others, and what is done about it. Pure; the rules are core/drift.ts's. */
import type { DriftEntry } from '../../api/common.ts';
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import {
  appliedPaths,
  appliedRecord,
  type DeclaredField,
  nextRecord,
} from '../../core/applied-record.ts';
import { type Judgement, judge } from '../../core/drift.ts';
import type { M365User } from '../../core/objects.ts';
import { changesOutside, permit } from '../../core/plan.ts';
import { licenseField } from '../plans.ts';
import { reportDrift } from './actions.ts';
import type { Declared } from './authority.ts';
import { directoryAttributes, entraProfile, isEnabled } from './desired.ts';
import { anchorPath, placePath, prefix } from './directory-fields.ts';
import { anchorInForce } from './directory-lost.ts';
import { declaredPlace } from './directory-place.ts';
import { managerPath, spelledAs } from './directory-side.ts';
import { awaitsDomain } from './entra-creation.ts';
import { asDeclared } from './entra-side.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';
import type { Side } from './side.ts';

const exclusive = 'groupsExclusive';

export interface UserDrift extends Omit<Judgement, 'accepted'> {
  readonly lastApplied: M365UserStatus['lastApplied'];
}

export function judgeUser(
  declared: Declared,
  observed: ObservedUser,
  {
    user,
    sides,
    nowMs,
  }: { readonly user: M365User; readonly sides: readonly Side[]; readonly nowMs: number },
): UserDrift {
  const { looked, unseen } = fieldsOf(declared, observed, nowMs);
  const fields = [...looked, ...unseen];
  const before = recordOf(user, fields, nowMs);
  const wasApplied = appliedPaths(before, fields);
  const found = sides.flatMap((side) => side.drift);
  // What nobody declared has no value of its own: that nothing else may be there is what was in force.
  const extra = new Set(found.filter(({ type }) => type === 'Extra').map(({ path }) => path));
  const judged = judge(found, {
    resource: user,
    rules: observed.driftRules,
    isApplied: (path) => wasApplied.has(path) || (extra.has(path) && wasApplied.has(exclusive)),
    nowMs,
  });
  if (sides.some((side) => side.isStalled === true)) {
    return { ...judged, lastApplied: user.status?.lastApplied };
  }
  const differing = new Set(found.map(({ path }) => path));
  const isSettled = ({ path }: DeclaredField): boolean =>
    !differing.has(path) || judged.accepted.has(path) || wasApplied.has(path);
  const settled = [
    ...looked.filter(isSettled),
    ...unseen.filter(({ path }) => wasApplied.has(path)),
  ];
  return { ...judged, lastApplied: nextRecord(before, wasApplied, settled) };
}

interface Fields {
  /** Compared at this look. */
  readonly looked: readonly DeclaredField[];
  /** Not to be seen at this look: what is known of them stays. */
  readonly unseen: readonly DeclaredField[];
}

/** The same paths as in the sides' drift. */
function fieldsOf(declared: Declared, observed: ObservedUser, nowMs: number): Fields {
  const user = declared.entra;
  const account = { path: 'userPrincipalName', value: user.spec.userPrincipalName };
  const directory = directoryFields(declared.directory, observed, nowMs);
  const { entra } = observed;
  if (entra === undefined) return { looked: directory, unseen: [account] };
  const profile =
    entra.onPremisesSyncEnabled === true
      ? []
      : named('', {
          ...entraProfile(user),
          accountEnabled: isEnabled(user, nowMs),
          onPremisesImmutableId: anchorInForce(user, observed),
          [observed.manager?.field ?? 'managerRef']: observed.manager?.entraId,
        }).map(asDeclared);
  const licenses = observed.licenses.map(({ pool, disabledPlans }) =>
    licenseField(pool, disabledPlans),
  );
  const groups = observed.groups.map(({ name }) => ({ path: `groups[${name}]`, value: name }));
  const isNameWaiting = observed.unverifiedDomain !== undefined;
  const only = user.spec.groupsExclusive === true ? [{ path: exclusive, value: 'true' }] : [];
  const looked = [...profile, ...licenses, ...groups, ...only, ...directory];
  if (!isNameWaiting) return { looked, unseen: [] };
  const inDirectory = { ...account, path: `${prefix}${account.path}` };
  const unseen = awaitsDomain(user, observed) ? [account, inDirectory] : [account];
  const waiting = new Set(unseen.map(({ path }) => path));
  return { looked: looked.filter(({ path }) => !waiting.has(path)), unseen };
}

function directoryFields(
  user: M365User,
  { directoryMode, activeDirectory, isOutside, directoryGroups, manager }: ObservedUser,
  nowMs: number,
): readonly DeclaredField[] {
  if (directoryMode !== 'Managed') return [];
  const account = { path: 'activeDirectory', value: 'an account' };
  const place = { path: placePath, value: declaredPlace(user) };
  if (isOutside) return [account, place];
  if (activeDirectory === undefined) return [account];
  const { anchor } = user.status ?? {};
  return [
    account,
    place,
    ...(anchor === undefined ? [] : [{ path: anchorPath, value: anchor }]),
    ...named(prefix, {
      ...spelledAs(activeDirectory.attributes, directoryAttributes(user)),
      enabled: isEnabled(user, nowMs),
      userPrincipalName: user.spec.userPrincipalName,
      samAccountName: user.spec.activeDirectory?.samAccountName,
    }),
    ...directoryGroups.map(({ name }) => ({ path: `${prefix}groups[${name}]`, value: name })),
    ...(manager?.objectGuid === undefined
      ? []
      : [{ path: managerPath, value: manager.objectGuid }]),
  ];
}

function named(
  before: string,
  fields: Readonly<Record<string, string | boolean | readonly string[] | undefined>>,
): DeclaredField[] {
  const declared: DeclaredField[] = [];
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value !== undefined) declared.push({ path: `${before}${name}`, value: String(value) });
  }
  return declared;
}

/** Of status that was stored before there was a record: all that is declared, where it was in force as a whole. */
function recordOf(user: M365User, fields: readonly DeclaredField[], nowMs: number): string {
  const { lastApplied, licenses = [] } = user.status ?? {};
  if (lastApplied !== undefined) return lastApplied;
  if (!wasAsDeclared(user, nowMs)) return '';
  // A licence that the person never had is new in the tenant's plan: nobody has taken it away.
  const isGiven = ({ path }: DeclaredField): boolean =>
    !path.startsWith('licenses[') || licenses.some((pool) => path === `licenses[${pool}]`);
  return appliedRecord(fields.filter(isGiven)) ?? '';
}

function wasAsDeclared(user: M365User, nowMs: number): boolean {
  const before = user.status?.conditions?.find(({ type }) => type === 'Ready');
  if (before?.observedGeneration !== user.metadata.generation) return false;
  if (before.status !== 'True') return user.status?.drift !== undefined;
  // The day of leaving changes what is declared without a change of the manifest.
  return (before.reason === 'Disabled') === !isEnabled(user, nowMs);
}

/**
 * Drift stands in status before it is repaired. Where it is not, by policy or because it cannot be, the end of the pass
 * stores it, in one write with the condition that says why.
 */
export function reportedFirst(user: M365User, plan: UserPlan): UserPlan {
  const { drift = [] } = plan.status;
  if (drift.length === 0 || isReported(user, drift)) return plan;
  const { allowed } = permit(plan.actions, user.spec.managementPolicies);
  return allowed.some(changesOutside) ? { ...plan, actions: [reportDrift, ...plan.actions] } : plan;
}

function isReported(user: M365User, drift: readonly DriftEntry[]): boolean {
  return JSON.stringify(user.status?.drift) === JSON.stringify(drift);
}

/** What deleting an M365User does, by its deletionPolicy. Pure. */
import { notReady } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import { onChange } from '../../core/plan.ts';
import * as act from './actions.ts';
import { blockFirst } from './blocking.ts';
import { isOursToDelete, recordOf, sessionsOf } from './identity.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';

export function planDeletion(user: M365User, observed: ObservedUser): UserPlan {
  const policy = policyOf(user);
  const known = withRecord(user, observed);
  const actions = policy === 'Retain' ? [] : removal(known, observed, policy);
  return {
    actions,
    conditions: [notReady('Deleting', messages[policy])],
    status: { ...(known === user ? {} : known.status), ...sessionsOf(user, observed) },
    released: actions.length === 0 || !mayDelete(user, actions),
    next: onChange,
  };
}

/** A legal hold lasts longer than the manifest. */
function policyOf({ spec }: M365User): M365User['spec']['deletionPolicy'] {
  const isHeld = spec.legalHold === true && spec.deletionPolicy !== 'Retain';
  return isHeld ? 'Disable' : spec.deletionPolicy;
}

const messages = {
  Retain: 'the accounts are kept as they are',
  Disable: 'the accounts are being disabled',
  SoftDelete: 'the accounts are being deleted; Entra ID keeps them for 30 days',
  Purge: 'the accounts are being deleted for good',
} as const;

/** Accounts that are proved to be ours count as recorded: the process may have stopped before it stored their ids. */
function withRecord(user: M365User, observed: ObservedUser): M365User {
  const { origin, activeDirectory } = observed;
  const { createdByOperator, objectGuid } = user.status ?? {};
  const isAdOrphan = objectGuid === undefined && activeDirectory?.ownerUid === user.metadata.uid;
  if (origin !== 'Made' && !isAdOrphan) return user;
  const status = {
    ...user.status,
    ...(origin === 'Made' ? recordOf(user, observed) : {}),
    ...(isAdOrphan ? { objectGuid: activeDirectory.objectGuid } : {}),
    createdByOperator: {
      ...createdByOperator,
      ...(origin === 'Made' ? { entra: true } : {}),
      ...(isAdOrphan ? { activeDirectory: true } : {}),
    },
  };
  return { ...user, status };
}

/** managementPolicies that forbid every action left: nothing more will happen, and the object may go. */
function mayDelete(user: M365User, actions: readonly act.UserAction[]): boolean {
  const policies = user.spec.managementPolicies;
  if (policies === undefined) return true;
  return actions.some(({ verb }) => policies.includes(verb === 'delete' ? 'Delete' : 'Update'));
}

/** Only accounts that our own record names; one that was never ours is left alone. */
export function removal(
  user: M365User,
  { entra, activeDirectory }: ObservedUser,
  policy: 'Disable' | 'SoftDelete' | 'Purge',
): readonly act.UserAction[] {
  const { status = {} } = user;
  const deletes = policy !== 'Disable';
  const actions: act.UserAction[] = [];
  if (activeDirectory !== undefined && activeDirectory.objectGuid === status.objectGuid) {
    const isMade = status.createdByOperator?.activeDirectory === true;
    actions.push(...directoryRemoval(activeDirectory, deletes && isMade));
  }
  if (entra !== undefined && entra.id === status.entraId) {
    actions.push(...entraRemoval(user, entra, { deletes, purges: policy === 'Purge' }));
  }
  if (entra === undefined && policy === 'Purge') actions.push(...purge(user));
  return blockFirst(actions);
}

function entraRemoval(
  user: M365User,
  entra: NonNullable<ObservedUser['entra']>,
  { deletes, purges }: { readonly deletes: boolean; readonly purges: boolean },
): readonly act.UserAction[] {
  if (deletes && isOursToDelete(user, entra.id)) {
    return [act.deleteEntraUser(entra.id, purges)];
  }
  const isRevoked = user.status?.sessionsRevoked === true;
  if (!entra.accountEnabled) return isRevoked ? [] : [act.revokeSessions(entra.id)];
  if (entra.onPremisesSyncEnabled === true) return [];
  return [
    act.updateEntraUser(entra.id, { accountEnabled: false }, 'accountEnabled'),
    act.revokeSessions(entra.id),
  ];
}

/** Also of an account that somebody else deleted before. */
function purge(user: M365User): readonly act.UserAction[] {
  const { entraId, purged } = user.status ?? {};
  if (entraId === undefined || purged === true || !isOursToDelete(user, entraId)) return [];
  return [act.purgeEntraUser(entraId)];
}

function directoryRemoval(
  account: NonNullable<ObservedUser['activeDirectory']>,
  deletes: boolean,
): readonly act.UserAction[] {
  if (deletes) return [act.deleteAdAccount(account.objectGuid)];
  return account.enabled
    ? [act.updateAdAccount(account.objectGuid, { enabled: false }, 'enabled')]
    : [];
}

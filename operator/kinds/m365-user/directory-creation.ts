/** Making the account in Active Directory. */
import type { ActiveDirectory, NewAdAccount } from '../../clients/active-directory/port.ts';
import { toOperatorError, transient } from '../../core/errors.ts';
import { commonName } from '../../core/names.ts';
import type { UserAction } from './actions.ts';
import { withoutAttributes } from './authority.ts';
import { directoryAttributes, isEnabled } from './desired.ts';
import { noteSeen, wasSeenMissing } from './last-seen.ts';
import { passwordOf } from './passwords.ts';
import type { UserLearned, Work } from './work.ts';

export async function createAdAccount(
  action: Extract<UserAction, { name: 'CreateAdAccount' }>,
  work: Work,
  directory: ActiveDirectory,
): Promise<UserLearned> {
  const { user, deps, access } = work;
  // Before anything is written: what the directory would refuse leaves nothing half-made.
  const password = await passwordOf(work, 'ActiveDirectory');
  const declared = Object.keys(user.spec.activeDirectory?.attributes ?? {});
  const missing =
    declared.length === 0 ? [] : await directory.missingAttributes(declared, work.signal);
  await ensureUnits(work, directory);
  const account = await withFreeName(work, directory, {
    organizationalUnit: action.organizationalUnit,
    commonName: commonName(user.spec.displayName),
    userPrincipalName: user.spec.userPrincipalName,
    samAccountName: action.samAccountName,
    ownerUid: user.metadata.uid,
    isUnowned: wasSeenMissing(work.signal),
    anchor: action.anchor,
    password,
    mustChangePassword: access.tenant.spec.identity?.passwords === 'ActiveDirectory',
    enabled: isEnabled(user, deps.nowMs()),
    attributes: directoryAttributes(withoutAttributes(user, missing)),
  });
  noteSeen(work.signal, account);
  const { objectGuid, anchor, samAccountName } = account;
  return {
    status: {
      objectGuid,
      anchor,
      samAccountName,
      createdByOperator: { ...user.status?.createdByOperator, activeDirectory: true },
    },
    audit: { target: objectGuid, after: { samAccountName, anchor } },
  };
}

/**
 * Logon names are unique in the domain, and those of many customers are derived at the same time: whoever comes second
 * takes the next one. A name that is declared is nobody else's to choose.
 */
async function withFreeName(
  { user, signal }: Work,
  directory: ActiveDirectory,
  account: NewAdAccount,
) {
  try {
    return await directory.createAccount(account, signal);
  } catch (thrown) {
    const error = toOperatorError(thrown);
    const isDerived = user.spec.activeDirectory?.samAccountName === undefined;
    if (error.reason !== 'NameTaken' || !isDerived) throw error;
    if (!(await directory.isSamAccountNameTaken(account.samAccountName, signal))) throw error;
    throw transient('somebody else has got the logon name at this moment: another one is tried', {
      reason: 'SamAccountNameTaken',
      cause: error,
    });
  }
}

/** The OUs of `activeDirectory.organizationalUnit`, the one nearest to the tenant's first. */
export async function ensureUnits(
  { user, access, signal }: Work,
  directory: ActiveDirectory,
): Promise<void> {
  const names = (user.spec.activeDirectory?.organizationalUnit ?? '').split(',').filter(Boolean);
  let parent = access.tenant.status?.organizationalUnit ?? '';
  for (const name of names.toReversed()) {
    const unit = await directory.ensureOrganizationalUnit(
      parent,
      name.replace(/^OU=/i, ''),
      signal,
    );
    parent = unit.distinguishedName;
  }
}

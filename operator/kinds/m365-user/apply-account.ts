/** Actions on the account in Entra itself. */
import type { NewPassword } from '../../clients/graph/port.ts';
import { toOperatorError, wait } from '../../core/errors.ts';
import { localPart, mailNickname } from '../../core/names.ts';
import { ownerOf } from '../owner-mark.ts';
import type { UserAction } from './actions.ts';
import { entraProfile, isEnabled, nameInTenant } from './desired.ts';
import { fulfilled, initialPassword, passwordOf } from './passwords.ts';
import type { UserLearned, Work } from './work.ts';

export const toAccount = [
  'CreateEntraUser',
  'InviteGuest',
  'RestoreEntraUser',
  'UpdateEntraUser',
  'SetEntraPassword',
  'RevokeSessions',
  'DeleteEntraUser',
  'PurgeEntraUser',
] as const;

type ToAccount = Extract<UserAction, { name: (typeof toAccount)[number] }>;

export async function applyToAccount(action: ToAccount, work: Work): Promise<UserLearned> {
  const { graph, view, signal } = work;
  switch (action.name) {
    case 'CreateEntraUser':
      return createEntraUser(action.anchor, work);
    case 'UpdateEntraUser': {
      const newPassword = action.needsPassword ? await cloudPassword(work) : undefined;
      const { requestId } = await graph.updateUser(action.id, action.patch, signal, newPassword);
      view.recordUser(action.id, action.patch);
      return { audit: { requestId, target: action.id, after: action.patch } };
    }
    case 'RevokeSessions': {
      const { requestId } = await graph.revokeSessions(action.id, signal);
      return { status: { sessionsRevoked: true }, audit: { requestId, target: action.id } };
    }
    case 'DeleteEntraUser': {
      const { requestId } = await graph.deleteUser(action.id, signal);
      view.recordUserRemoved(action.id);
      return { status: { entraId: action.id }, audit: { requestId, target: action.id } };
    }
    case 'SetEntraPassword': {
      const { requestId } = await graph.updateUser(
        action.id,
        {},
        signal,
        passwordChange(work, await initialPassword(work)),
      );
      return fulfilled(action.request, { requestId, target: action.id });
    }
    case 'InviteGuest':
      return inviteGuest(work);
    case 'RestoreEntraUser':
      return restoreEntraUser(action, work);
    case 'PurgeEntraUser':
      return purgeEntraUser(action.id, work);
  }
}

async function cloudPassword(work: Work): Promise<NewPassword> {
  return passwordChange(work, await passwordOf(work, 'Cloud'));
}

/** Where Active Directory has the same password, a change in Entra alone would part the two. */
function passwordChange({ access }: Work, password: string): NewPassword {
  const isCloudOnly = access.tenant.spec.identity?.activeDirectory !== 'Managed';
  return { password, forceChangePasswordNextSignIn: isCloudOnly };
}

async function createEntraUser(anchor: string | undefined, work: Work): Promise<UserLearned> {
  const { user, deps, graph, view, signal } = work;
  const profile = {
    ...entraProfile(user),
    userPrincipalName: user.spec.userPrincipalName,
    displayName: user.spec.displayName,
    accountEnabled: isEnabled(user, deps.nowMs()),
    ...(anchor === undefined ? {} : { onPremisesImmutableId: anchor }),
  };
  const nickname = user.spec.mailNickname ?? mailNickname(localPart(user.spec.userPrincipalName));
  const newUser = {
    ...profile,
    mailNickname: nickname,
    password: await passwordOf(work, 'Cloud'),
    forceChangePasswordNextSignIn: anchor === undefined,
    owner: ownerOf(user),
  };
  try {
    const created = await graph.createUser(newUser, signal);
    // All that the directory will show: a round that tells it back is no news.
    view.recordUser(created.id, { ...profile, mailNickname: nickname, assignedLicenses: [] });
    const { createdByOperator } = user.status ?? {};
    return {
      status: {
        entraId: created.id,
        anchor,
        createdByOperator: { ...createdByOperator, entra: true },
        adopted: undefined,
        ...(profile.accountEnabled ? {} : { sessionsRevoked: true }),
      },
      audit: { requestId: created.requestId, target: created.id, after: profile },
    };
  } catch (error) {
    if (toOperatorError(error).reason !== 'UserPrincipalNameTaken') throw error;
    return lookForTaken(work, error);
  }
}

/**
 * The name is taken though no read showed it: most likely by an account that we made and whose answer was lost. The next
 * look tells whose it is; nothing is created under another name.
 */
async function lookForTaken(
  { user, graph, view, signal }: Work,
  cause: unknown,
): Promise<UserLearned> {
  const found = await graph.getUser(user.spec.userPrincipalName, signal);
  if (found === undefined) {
    throw wait(
      'an account of this userPrincipalName exists and does not show yet; it may be deleted, or one of its addresses may be this name',
      { reason: 'UserPrincipalNameTaken', delayMs: 30_000, cause },
    );
  }
  view.recordUser(found.id, found);
  return {
    summary: 'found an account of this name in Entra ID',
    audit: { target: found.id },
  };
}

/** Who invited the person before us made the account. */
async function inviteGuest({ user, access, graph, view, signal }: Work): Promise<UserLearned> {
  const { userPrincipalName: mail, displayName, invitation } = user.spec;
  const { sendMessage = false, redirectUrl = defaultRedirectUrl } = invitation ?? {};
  const guest = { mail, displayName, redirectUrl, sendMessage };
  const { id, requestId } = await graph.inviteGuest(guest, signal);
  const wasThere = view.user(id) !== undefined;
  if (!wasThere) {
    const userPrincipalName = nameInTenant(user, access.tenant.status?.initialDomain);
    const shown = { userPrincipalName, displayName, accountEnabled: true, assignedLicenses: [] };
    view.recordUser(id, shown);
  }
  const { createdByOperator } = user.status ?? {};
  return {
    status: wasThere
      ? { entraId: id, adopted: true }
      : { entraId: id, createdByOperator: { ...createdByOperator, entra: true } },
    audit: { requestId, target: id, after: { mail, displayName } },
  };
}

const defaultRedirectUrl = 'https://myapplications.microsoft.com';

async function restoreEntraUser(
  { account, isMadeByUs }: Extract<UserAction, { name: 'RestoreEntraUser' }>,
  { user, graph, view, signal }: Work,
): Promise<UserLearned> {
  const { requestId } = await graph.restoreUser(account.id, signal);
  view.recordUserRestored(account);
  const { createdByOperator } = user.status ?? {};
  return {
    status: {
      entraId: account.id,
      ...(isMadeByUs ? { createdByOperator: { ...createdByOperator, entra: true } } : {}),
    },
    audit: { requestId, target: account.id },
  };
}

async function purgeEntraUser(
  id: string,
  { deps, user, graph, signal }: Work,
): Promise<UserLearned> {
  const { isAbsent, requestId } = await graph.purgeUser(id, signal);
  const deletedMs = Date.parse(user.metadata.deletionTimestamp ?? '');
  if (isAbsent && deps.nowMs() - deletedMs < binLagMs) {
    throw wait('the recycle bin of Entra ID does not show the account yet', {
      reason: 'WaitingForRecycleBin',
      delayMs: 3_000,
    });
  }
  return { status: { purged: true }, audit: { requestId, target: id } };
}

/** After this long nothing lags any more: what the recycle bin does not hold is gone (graph.md 2.7, 12.1). */
const binLagMs = 5 * 60_000;

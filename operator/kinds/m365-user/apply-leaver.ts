/** What is done for who leaves, and undone for who is back. */
import type { LeaverStatus } from '../../api/user-leaver.ts';
import { type OperatorError, toOperatorError } from '../../core/errors.ts';
import { noMoreRules } from '../../core/password.ts';
import type { UserAction } from './actions.ts';
import { requireDirectory } from './directory-access.ts';
import { rulesOf, unknownPassword } from './passwords.ts';
import type { UserLearned, Work } from './work.ts';

export const ofLeaver = [
  'RemoveRole',
  'LeaveAdGroup',
  'RejoinAdGroup',
  'ReplaceAdPassword',
  'ReplaceEntraPassword',
] as const;

type OfLeaver = Extract<UserAction, { name: (typeof ofLeaver)[number] }>;

export async function applyOfLeaver(action: OfLeaver, work: Work): Promise<UserLearned> {
  const { access, signal } = work;
  switch (action.name) {
    case 'RemoveRole': {
      const { requestId } = await work.graph.removeRole(action.assignmentId, signal);
      work.view.recordRoleRemoved(action.assignmentId);
      return { audit: { requestId, target: action.id, before: { role: action.role } } };
    }
    case 'LeaveAdGroup':
      await requireDirectory(access).removeMember(action.groupGuid, action.objectGuid, signal);
      return { audit: { target: action.objectGuid, before: { group: action.groupGuid } } };
    case 'RejoinAdGroup':
      return rejoin(action, work);
    case 'ReplaceAdPassword':
      return replaced(work, 'activeDirectory', action.objectGuid, async (password) => {
        await requireDirectory(access).setPassword(action.objectGuid, password, signal);
        return undefined;
      });
    case 'ReplaceEntraPassword':
      return replaced(work, 'entra', action.id, async (password) => {
        const change = { password, forceChangePasswordNextSignIn: true };
        const { requestId } = await work.graph.updateUser(action.id, {}, signal, change);
        return requestId;
      });
  }
}

/** A group that is gone meanwhile keeps nobody from coming back. */
async function rejoin(
  { objectGuid, groupGuid }: Extract<OfLeaver, { name: 'RejoinAdGroup' }>,
  { access, signal }: Work,
): Promise<UserLearned> {
  const audit = { target: objectGuid, after: { group: groupGuid } };
  try {
    await requireDirectory(access).addMember(groupGuid, objectGuid, signal);
    return { audit };
  } catch (thrown) {
    const error = toOperatorError(thrown);
    if (error.reason !== 'ObjectMissing') throw error;
    return { refusal: error.reason, audit };
  }
}

type Side = keyof NonNullable<LeaverStatus['passwords']>;

/** With a password that is stored nowhere. Who may not set one has blocked the account all the same, and goes on. */
async function replaced(
  work: Work,
  side: Side,
  target: string,
  set: (password: string) => Promise<string | undefined>,
): Promise<UserLearned> {
  const { user, deps } = work;
  const { leaver } = user.status ?? {};
  const outcome = (word: 'Replaced' | 'Refused') => ({
    leaver: { ...leaver, passwords: { ...leaver?.passwords, [side]: word } },
  });
  try {
    const rules = side === 'activeDirectory' ? await rulesOf(work) : noMoreRules;
    const requestId = await set(unknownPassword(user, deps, rules));
    return { status: outcome('Replaced'), audit: { requestId, target } };
  } catch (thrown) {
    const error = toOperatorError(thrown);
    if (!isFinal(error)) throw error;
    const { reason, requestId } = error;
    return { status: outcome('Refused'), refusal: reason, audit: { requestId, target } };
  }
}

function isFinal(error: OperatorError): boolean {
  return error.class === 'Terminal' || error.reason === 'PermissionDenied';
}

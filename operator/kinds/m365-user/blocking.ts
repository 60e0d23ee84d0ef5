/**
 * Who must not sign in is blocked before all else, in both directories, and by writes of their own: neither a field that is
 * refused, nor a directory that refuses, keeps another account open. Pure.
 *
 * | planned                                       | is done                                       |
 * | --------------------------------------------- | --------------------------------------------- |
 * | UpdateAdAccount, UpdateEntraUser that block   | the blocking first; what else they change in its turn |
 * | RevokeSessions                                | right after                                   |
 * | anything else                                 | in its turn                                   |
 */
import * as act from './actions.ts';
import { fieldsOf } from './directory-fields.ts';

export function blockFirst(actions: readonly act.UserAction[]): readonly act.UserAction[] {
  return [...actions.flatMap(blockingPart), ...actions.flatMap(otherPart)];
}

export function blockingPart(action: act.UserAction): readonly act.UserAction[] {
  const blocks = isBlock(action) ? blockOf(action) : [];
  return blocks.map((block) => ({ ...block, isUrgent: true }));
}

type Block = Extract<
  act.UserAction,
  { name: 'UpdateAdAccount' | 'UpdateEntraUser' | 'RevokeSessions' }
>;

function isBlock(action: act.UserAction): action is Block {
  if (action.name === 'UpdateEntraUser') return action.patch.accountEnabled === false;
  return action.name === 'UpdateAdAccount'
    ? action.patch.enabled === false
    : action.name === 'RevokeSessions';
}

function blockOf(action: Block): readonly act.UserAction[] {
  if (action.name === 'RevokeSessions') return [action];
  return action.name === 'UpdateEntraUser'
    ? [act.updateEntraUser(action.id, { accountEnabled: false }, 'accountEnabled')]
    : [act.updateAdAccount(action.objectGuid, { enabled: false }, 'enabled')];
}

function otherPart(action: act.UserAction): readonly act.UserAction[] {
  if (!isBlock(action)) return [action];
  if (action.name === 'RevokeSessions') return [];
  if (action.name === 'UpdateEntraUser') {
    const { accountEnabled: _, ...patch } = action.patch;
    const names = Object.keys(patch);
    return names.length === 0
      ? []
      : [act.updateEntraUser(action.id, patch, names.join(', '), action.needsPassword)];
  }
  const { enabled: _, ...patch } = action.patch;
  const names = fieldsOf(patch);
  return names.length === 0
    ? []
    : [act.updateAdAccount(action.objectGuid, patch, names.join(', '))];
}

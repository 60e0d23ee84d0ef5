/** What can be done for an M365User, one outside change each. */
import type { LeaverStatus } from '../../api/user-leaver.ts';
import type { AdAccountPatch } from '../../clients/active-directory/port.ts';
import type { LostParts } from '../../clients/active-directory/restore-port.ts';
import type { AssignedLicense, EntraUser, UserPatch } from '../../clients/graph/port.ts';
import type { Action } from '../../core/plan.ts';

interface Base<Name extends string> extends Action {
  readonly name: Name;
}

export type UserAction =
  | Base<'ReportDrift'>
  | Base<'RecordLeaver'>
  | (Base<'ForgetLeaver'> & { readonly left: LeaverStatus | undefined })
  | Base<'CreatePasswordSecret'>
  | (Base<'CreateAdAccount'> & {
      readonly organizationalUnit: string;
      readonly samAccountName: string;
      /** What the person has in Entra already; undefined: the new account gives it. */
      readonly anchor: string | undefined;
    })
  | (Base<'UpdateAdAccount'> & { readonly objectGuid: string; readonly patch: AdAccountPatch })
  | (Base<'MoveAdAccount'> & {
      readonly objectGuid: string;
      readonly organizationalUnit: string;
    })
  | (Base<'RestoreAdAccount'> & {
      readonly objectGuid: string;
      readonly lost: LostParts;
      readonly needsPassword: boolean;
    })
  | (Base<'JoinAdGroup'> & { readonly objectGuid: string; readonly group: string })
  | (Base<'RemoveRole'> & {
      readonly id: string;
      readonly assignmentId: string;
      readonly role: string;
    })
  | (Base<'LeaveAdGroup'> & { readonly objectGuid: string; readonly groupGuid: string })
  | (Base<'RejoinAdGroup'> & { readonly objectGuid: string; readonly groupGuid: string })
  | (Base<'ReplaceAdPassword'> & { readonly objectGuid: string })
  | (Base<'ReplaceEntraPassword'> & { readonly id: string })
  | (Base<'DeleteAdAccount'> & { readonly objectGuid: string })
  | (Base<'CreateEntraUser'> & { readonly anchor: string | undefined })
  | (Base<'UpdateEntraUser'> & {
      readonly id: string;
      readonly patch: UserPatch;
      /** The name leaves a federated domain: the account needs a password from now on. */
      readonly needsPassword: boolean;
    })
  | Base<'RecordPasswordSecret'>
  | Base<'RenewPasswordSecret'>
  | Base<'ExpirePasswordSecret'>
  | (Base<'SetAdPassword'> & { readonly objectGuid: string; readonly request: string | undefined })
  | (Base<'SetEntraPassword'> & { readonly id: string; readonly request: string | undefined })
  | (Base<'RevokeSessions'> & { readonly id: string })
  | (Base<'AssignLicenses'> & {
      readonly id: string;
      readonly add: readonly AssignedLicense[];
      readonly remove: readonly string[];
    })
  | (Base<'SetManager'> & { readonly id: string; readonly managerId: string })
  | (Base<'CreateGroup'> & { readonly group: string })
  | (Base<'JoinGroup'> & { readonly id: string; readonly groupId: string; readonly group: string })
  | (Base<'LeaveGroup'> & { readonly id: string; readonly groupId: string; readonly group: string })
  | Base<'InviteGuest'>
  | (Base<'RestoreEntraUser'> & { readonly account: EntraUser; readonly isMadeByUs: boolean })
  | (Base<'DeleteEntraUser'> & { readonly id: string })
  | (Base<'PurgeEntraUser'> & { readonly id: string });

/** Writes nothing outside: what was found stands in status before it is repaired. */
export const reportDrift: UserAction = {
  verb: 'report',
  name: 'ReportDrift',
  system: 'Kubernetes',
  summary: 'a change made outside was found',
};

/** Writes nothing outside: what a return needs stands in status before it is taken away. */
export const recordLeaver: UserAction = {
  verb: 'report',
  name: 'RecordLeaver',
  system: 'Kubernetes',
  summary: 'the memberships of the person who leaves were recorded',
};

/** `left`: what is still to be done for the person who is back. */
export function forgetLeaver(left: LeaverStatus | undefined): UserAction {
  return {
    verb: 'report',
    name: 'ForgetLeaver',
    system: 'Kubernetes',
    summary: 'the person is back',
    left,
  };
}

export const createPasswordSecret: UserAction = {
  verb: 'create',
  name: 'CreatePasswordSecret',
  system: 'Kubernetes',
  summary: 'made an initial password and stored it in the Secret',
  recoverable: true,
};

/** Writes nothing outside: a Secret that was made and is not on record would never expire. */
export const recordPasswordSecret: UserAction = {
  verb: 'report',
  name: 'RecordPasswordSecret',
  system: 'Kubernetes',
  summary: 'a password is about to be stored in the Secret',
};

export const expirePasswordSecret: UserAction = {
  verb: 'update',
  name: 'ExpirePasswordSecret',
  system: 'Kubernetes',
  summary: 'took the password out of the Secret, whose days are over',
  recoverable: true,
};

/** Found again by a natural key (owner's UID, UPN, anchor), so none of these needs a write of its own. */
const inActiveDirectory = { system: 'ActiveDirectory', recoverable: true } as const;
const inGraph = { system: 'Graph', recoverable: true } as const;

export function createAdAccount(
  organizationalUnit: string,
  samAccountName: string,
  anchor?: string,
): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'create',
    name: 'CreateAdAccount',
    summary: 'created the account in Active Directory',
    organizationalUnit,
    samAccountName,
    anchor,
  };
}

export function updateAdAccount(
  objectGuid: string,
  patch: AdAccountPatch,
  what: string,
): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'update',
    name: 'UpdateAdAccount',
    summary: `changed ${what} in Active Directory`,
    objectGuid,
    patch,
  };
}

export function joinAdGroup(objectGuid: string, group: string): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'update',
    name: 'JoinAdGroup',
    summary: `added to the Active Directory group ${group}`,
    objectGuid,
    group,
  };
}

export function leaveAdGroup(objectGuid: string, groupGuid: string): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'update',
    name: 'LeaveAdGroup',
    summary: 'removed from a group in Active Directory',
    objectGuid,
    groupGuid,
  };
}

export function rejoinAdGroup(objectGuid: string, groupGuid: string): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'update',
    name: 'RejoinAdGroup',
    summary: 'added to a group in Active Directory again',
    objectGuid,
    groupGuid,
  };
}

export function removeRole(id: string, assignmentId: string, role: string): UserAction {
  return {
    ...inGraph,
    verb: 'update',
    name: 'RemoveRole',
    summary: `took the role ${role} away`,
    id,
    assignmentId,
    role,
  };
}

export function replaceAdPassword(objectGuid: string): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'update',
    name: 'ReplaceAdPassword',
    summary: 'set a password that nobody knows in Active Directory',
    objectGuid,
  };
}

export function replaceEntraPassword(id: string): UserAction {
  return {
    ...inGraph,
    verb: 'update',
    name: 'ReplaceEntraPassword',
    summary: 'set a password that nobody knows in Entra ID',
    id,
  };
}

export function deleteAdAccount(objectGuid: string): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'delete',
    name: 'DeleteAdAccount',
    summary: 'deleted the account in Active Directory',
    objectGuid,
  };
}

export function createEntraUser(anchor: string | undefined): UserAction {
  return {
    ...inGraph,
    verb: 'create',
    name: 'CreateEntraUser',
    summary: 'created the account in Entra ID',
    anchor,
  };
}

export const renewPasswordSecret: UserAction = {
  verb: 'update',
  name: 'RenewPasswordSecret',
  system: 'Kubernetes',
  summary: 'made a new password and stored it in the Secret',
  recoverable: true,
};

/** `request`: the annotation's value, which is fulfilled with this action; undefined: another one follows. */
export function setAdPassword(objectGuid: string, request: string | undefined): UserAction {
  return {
    ...inActiveDirectory,
    verb: 'update',
    name: 'SetAdPassword',
    summary: 'set the new password in Active Directory',
    objectGuid,
    request,
  };
}

export function setEntraPassword(id: string, request: string | undefined): UserAction {
  return {
    ...inGraph,
    verb: 'update',
    name: 'SetEntraPassword',
    summary: 'set the new password in Entra ID',
    id,
    request,
  };
}

/** Stored at once: an invitation carries no mark of ours by which it could be told from somebody else's. */
export const inviteGuest: UserAction = {
  ...inGraph,
  recoverable: false,
  verb: 'create',
  name: 'InviteGuest',
  summary: 'invited the guest to Entra ID',
};

export function restoreEntraUser(account: EntraUser, isMadeByUs: boolean): UserAction {
  return {
    ...inGraph,
    verb: 'create',
    name: 'RestoreEntraUser',
    summary: 'restored the account in Entra ID from the recycle bin, with its object id',
    account,
    isMadeByUs,
  };
}

export function updateEntraUser(
  id: string,
  patch: UserPatch,
  what: string,
  needsPassword = false,
): UserAction {
  return {
    ...inGraph,
    verb: 'update',
    name: 'UpdateEntraUser',
    summary: `changed ${what} in Entra ID`,
    id,
    patch,
    needsPassword,
  };
}

export function revokeSessions(id: string): UserAction {
  return { ...inGraph, verb: 'update', name: 'RevokeSessions', summary: 'ended all sessions', id };
}

export function assignLicenses(
  id: string,
  change: { readonly add: readonly AssignedLicense[]; readonly remove: readonly string[] },
  summary: string,
): UserAction {
  return { ...inGraph, verb: 'update', name: 'AssignLicenses', summary, id, ...change };
}

export function setManager(id: string, managerId: string, manager: string): UserAction {
  return {
    ...inGraph,
    verb: 'update',
    name: 'SetManager',
    summary: `set the manager to ${manager}`,
    id,
    managerId,
  };
}

export function createGroup(group: string): UserAction {
  return {
    ...inGraph,
    verb: 'create',
    name: 'CreateGroup',
    summary: `created the group ${group}`,
    group,
  };
}

export function joinGroup(id: string, groupId: string, group: string): UserAction {
  return {
    ...inGraph,
    verb: 'update',
    name: 'JoinGroup',
    summary: `added to the group ${group}`,
    id,
    groupId,
    group,
  };
}

export function leaveGroup(id: string, groupId: string, group: string): UserAction {
  return {
    ...inGraph,
    verb: 'update',
    name: 'LeaveGroup',
    summary: `removed from the group ${group}`,
    id,
    groupId,
    group,
  };
}

/** `purges`: stored at once, because the account is to be found in the recycle bin by its id. */
export function deleteEntraUser(id: string, purges: boolean): UserAction {
  return {
    ...inGraph,
    recoverable: !purges,
    verb: 'delete',
    name: 'DeleteEntraUser',
    summary: 'deleted the account in Entra ID (it can be restored for 30 days)',
    id,
  };
}

/** Stored at once: nothing outside shows afterwards that it was done. */
export function purgeEntraUser(id: string): UserAction {
  return {
    ...inGraph,
    recoverable: false,
    verb: 'delete',
    name: 'PurgeEntraUser',
    summary: 'deleted the account in Entra ID for good',
    id,
  };
}

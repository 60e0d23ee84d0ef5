/** The recycle bin (graph.md 2.7). */
import { recordAudit } from '../directory/audit.ts';
import type { Group, Properties, User } from '../directory/directory.ts';
import { settleUser } from '../directory/group-licenses.ts';
import { findPool, freeUnits } from '../directory/licenses.ts';
import { groupEntity, saveGroup, saveUser, userEntity } from '../directory/records.ts';
import { checkUserPrincipalName } from '../directory/user-rules.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { denied, notFound } from './errors.ts';
import { GROUP_FILTERS, USER_FILTERS } from './filter-rules.ts';
import { groupTarget, requireUniqueGroup } from './groups.ts';
import { requireAuthorityOver } from './permissions.ts';
import { list, single } from './query.ts';
import { requireUnique, userTarget } from './users.ts';

export const DELETED_ITEM_HANDLERS: Handlers = {
  'GET /directory/deletedItems/graph.user': listDeletedUsers,
  'GET /directory/deletedItems/graph.group': listDeletedGroups,
  'GET /directory/deletedItems/{directoryObject-id}': getDeleted,
  'POST /directory/deletedItems/{directoryObject-id}/restore': restore,
  'DELETE /directory/deletedItems/{directoryObject-id}': purge,
};

/** Deleted users are found by their old UPN and anchor too. */
const DELETED_FILTERS = { deletedDateTime: 'eq ge le' };

function listDeletedUsers(call: Call): ApiResponse {
  return list(call, {
    type: 'user',
    set: 'directoryObjects/microsoft.graph.user',
    filters: {
      ...USER_FILTERS,
      simple: { ...USER_FILTERS.simple, ...DELETED_FILTERS },
      known: new Set(),
    },
    *items() {
      for (const { value } of call.directory.users.all('deleted', call.listSeq))
        yield userEntity(call.directory, value);
    },
  });
}

function listDeletedGroups(call: Call): ApiResponse {
  return list(call, {
    type: 'group',
    set: 'directoryObjects/microsoft.graph.group',
    filters: {
      ...GROUP_FILTERS,
      simple: { ...GROUP_FILTERS.simple, ...DELETED_FILTERS },
      known: new Set(),
    },
    *items() {
      for (const { value } of call.directory.groups.all('deleted', call.listSeq))
        yield groupEntity(call.directory, value);
    },
  });
}

function getDeleted(call: Call): ApiResponse {
  const { directory } = call;
  const id = parameter(call, 'directoryObject-id').toLowerCase();
  const user = directory.users.at(id, call.keySeq);
  const group = directory.groups.at(id, call.keySeq);
  if (user?.state === 'deleted') return shown(call, 'user', userEntity(directory, user.value));
  if (group?.state === 'deleted') return shown(call, 'group', groupEntity(directory, group.value));
  throw notFound(id);
}

function shown(call: Call, type: 'user' | 'group', entity: Properties): ApiResponse {
  const typed = { '@odata.type': `#microsoft.graph.${type}`, ...entity };
  return single(call, { type: 'directoryObject', set: 'directoryObjects', entity: typed });
}

function restore(call: Call): ApiResponse {
  const { directory } = call;
  const id = parameter(call, 'directoryObject-id').toLowerCase();
  const user = directory.users.latest(id);
  if (user?.state === 'deleted') return restoreUser(call, user.value);
  const group = directory.groups.latest(id);
  if (group?.state !== 'deleted') throw notFound(id);
  const { deletedDateTime: _, ...properties } = group.value.properties;
  const restored = { ...group.value, properties };
  requireUniqueGroup(call, restored);
  saveGroup(directory, restored);
  recordGroup(call, 'Restore Group', restored);
  return shown(call, 'group', groupEntity(directory, restored));
}

function restoreUser(call: Call, user: User): ApiResponse {
  const { world, directory, body } = call;
  requireAuthorityOver(call, user.id);
  const { deletedDateTime: _, ...properties } = user.properties;
  const { newUserPrincipalName, autoReconcileProxyConflict } = body;
  const userPrincipalName =
    typeof newUserPrincipalName === 'string' ? newUserPrincipalName : user.userPrincipalName;
  checkUserPrincipalName(directory, userPrincipalName);
  const restored: User = {
    ...user,
    userPrincipalName,
    properties:
      autoReconcileProxyConflict === true ? { ...properties, proxyAddresses: [] } : properties,
    licenses: user.licenses.filter((license) => {
      const pool = findPool(directory, license.skuId);
      return pool !== undefined && freeUnits(pool) > 0;
    }),
  };
  requireUnique(call, restored);
  saveUser(directory, restored);
  settleUser(world, directory, restored.id);
  recordAudit(call, {
    activity: 'Restore user',
    category: 'UserManagement',
    targets: [userTarget(restored)],
  });
  return shown(call, 'user', userEntity(directory, restored));
}

function purge(call: Call): ApiResponse {
  const { directory, caller } = call;
  const id = parameter(call, 'directoryObject-id').toLowerCase();
  const user = directory.users.latest(id);
  if (user?.state === 'deleted') {
    requireAuthorityOver(call, id);
    saveUser(directory, user.value, 'purged');
    recordAudit(call, {
      activity: 'Hard Delete user',
      category: 'UserManagement',
      targets: [userTarget(user.value)],
    });
    return NO_CONTENT;
  }
  const group = directory.groups.latest(id);
  if (group?.state !== 'deleted') throw notFound(id);
  // The permanent removal of a group is for people only (graph.md 2.7).
  if (caller.kind === 'app') throw denied();
  saveGroup(directory, group.value, 'purged');
  recordGroup(call, 'Hard Delete group', group.value);
  return NO_CONTENT;
}

function recordGroup(call: Call, activity: string, group: Group): void {
  recordAudit(call, { activity, category: 'GroupManagement', targets: [groupTarget(group)] });
}

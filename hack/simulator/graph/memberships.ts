/** Where users and groups are members, directly and all the way through (graph.md 7.1, 10.2). */
import type { Properties } from '../directory/directory.ts';
import { transitiveGroups } from '../directory/nesting.ts';
import { ROLE_NAMES } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers } from './call.ts';
import { GROUP_FILTERS } from './filter-rules.ts';
import { requireGroup } from './groups.ts';
import { principalEntities } from './principals.ts';
import { list } from './query.ts';
import { requireUser } from './users.ts';

export const MEMBERSHIP_HANDLERS: Handlers = {
  'GET /users/{user-id}/memberOf': (call) => listOfUser(call, directGroups),
  'GET /users/{user-id}/transitiveMemberOf': (call) => listOfUser(call, allGroups),
  'GET /groups/{group-id}/memberOf': (call) => listOfGroup(call, directGroups),
  'GET /groups/{group-id}/transitiveMemberOf': (call) => listOfGroup(call, allGroups),
  'POST /users/{user-id}/checkMemberGroups': (call) => check(call, 'groupIds'),
  'POST /users/{user-id}/checkMemberObjects': (call) => check(call, 'ids'),
  'POST /users/{user-id}/getMemberGroups': (call) => idList(memberGroups(call)),
  'POST /users/{user-id}/getMemberObjects': (call) =>
    idList([...memberGroups(call), ...roleIds(call, requireUser(call).id)]),
};

type GroupsOf = (call: Call, id: string) => readonly string[];

const directGroups: GroupsOf = ({ directory, listSeq }, id) =>
  directory.memberships.groups(id, listSeq);
const allGroups: GroupsOf = ({ directory, listSeq }, id) =>
  transitiveGroups(directory, id, listSeq);

function listed(call: Call, items: () => readonly Properties[]): ApiResponse {
  return list(call, {
    type: 'directoryObject',
    set: 'directoryObjects',
    filters: { ...GROUP_FILTERS, known: new Set() },
    items,
  });
}

function listOfUser(call: Call, groupsOf: GroupsOf): ApiResponse {
  const { id } = requireUser(call);
  return listed(call, () => [
    ...principalEntities(call, groupsOf(call, id)),
    ...roleIds(call, id).map(roleEntity),
  ]);
}

function listOfGroup(call: Call, groupsOf: GroupsOf): ApiResponse {
  const { id } = requireGroup(call);
  return listed(call, () => principalEntities(call, groupsOf(call, id)));
}

function roleIds({ directory }: Call, userId: string): string[] {
  return [...directory.roleAssignments.values()]
    .filter(({ principalId }) => principalId === userId)
    .map(({ roleDefinitionId }) => roleDefinitionId);
}

function roleEntity(id: string): Properties {
  return {
    '@odata.type': '#microsoft.graph.directoryRole',
    id,
    displayName: ROLE_NAMES.get(id) ?? null,
    roleTemplateId: id,
  };
}

/** Which of the objects named in the body the user belongs to. */
function check(call: Call, property: 'groupIds' | 'ids'): ApiResponse {
  const { id } = requireUser(call);
  const mine = new Set([...allGroups(call, id), ...roleIds(call, id)]);
  const asked = call.body[property] as readonly string[];
  return idList(asked.filter((wanted) => mine.has(wanted.toLowerCase())));
}

function memberGroups(call: Call): string[] {
  const { directory, listSeq } = call;
  const isSecurityOnly = call.body['securityEnabledOnly'] === true;
  return allGroups(call, requireUser(call).id).filter((id) => {
    const group = directory.groups.at(id, listSeq)?.value;
    return !isSecurityOnly || group?.properties['securityEnabled'] === true;
  });
}

function idList(value: readonly string[]): ApiResponse {
  return { status: 200, body: { '@odata.context': contextUrl('Collection(Edm.String)'), value } };
}

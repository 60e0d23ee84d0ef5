/** The actions on a tenant's groups, each one outside change, shown in the view at once. */
import { newGroup } from '../new-group.ts';
import type { TenantAction } from './actions.ts';
import { requireTenantId, type TenantLearned, type Work } from './apply.ts';

export const onGroups = ['CreateGroup', 'AddGroupMember', 'RemoveGroupMember'] as const;

type GroupAction = Extract<TenantAction, { name: (typeof onGroups)[number] }>;

export async function applyGroup(action: GroupAction, work: Work): Promise<TenantLearned> {
  const { clients } = work.context;
  const tenantId = requireTenantId(work.tenant);
  const [graph, view] = [clients.graph(tenantId), clients.directory(tenantId)];
  if (action.name === 'CreateGroup') {
    const group = newGroup(work.tenant, action.group);
    const { id, requestId } = await view.createGroupOnce(group, () =>
      graph.createGroup(group, work.signal),
    );
    return { audit: { requestId, target: id, after: group } };
  }
  const { groupId, member } = action;
  const isAdded = action.name === 'AddGroupMember';
  const { requestId } = await (isAdded
    ? graph.addMember(groupId, member.id, work.signal)
    : graph.removeMember(groupId, member.id, work.signal));
  view.recordMember(groupId, member.id, isAdded);
  const change = isAdded ? { after: action.group } : { before: action.group };
  return { audit: { requestId, target: member.id, ...change } };
}

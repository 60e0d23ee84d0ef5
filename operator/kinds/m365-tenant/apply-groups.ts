/** The actions on a tenant's groups in both directories, each one outside change; those of Entra are shown in the view at once. */
import { bug } from '../../core/errors.ts';
import { newAdGroup, newGroup } from '../new-group.ts';
import type { TenantAction } from './actions.ts';
import { requireTenantId, type TenantLearned, type Work } from './apply.ts';

export const onGroups = ['CreateGroup', 'AddGroupMember', 'RemoveGroupMember'] as const;

type GroupAction = Extract<TenantAction, { name: (typeof onGroups)[number] }>;

export function applyGroup(action: GroupAction, work: Work): Promise<TenantLearned> {
  return action.system === 'Graph' ? inEntra(action, work) : inActiveDirectory(action, work);
}

async function inEntra(action: GroupAction, work: Work): Promise<TenantLearned> {
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
  return { audit: { requestId, target: member.id, ...change(action) } };
}

async function inActiveDirectory(action: GroupAction, work: Work): Promise<TenantLearned> {
  const { activeDirectory } = work.context.clients;
  const { organizationalUnit } = work.tenant.status ?? {};
  if (activeDirectory === undefined || organizationalUnit === undefined)
    throw bug('no place in Active Directory to write to');
  if (action.name === 'CreateGroup') {
    const group = newAdGroup(work.tenant, action.group);
    const made = await activeDirectory.ensureGroup(organizationalUnit, group, work.signal);
    return { audit: { target: made.objectGuid, after: group } };
  }
  const { groupId, member } = action;
  await (action.name === 'AddGroupMember'
    ? activeDirectory.addMember(groupId, member.id, work.signal)
    : activeDirectory.removeMember(groupId, member.id, work.signal));
  return { audit: { target: member.id, ...change(action) } };
}

function change({ name, group }: GroupAction): {
  readonly before?: string;
  readonly after?: string;
} {
  return name === 'AddGroupMember' ? { after: group } : { before: group };
}

/** The actions of an M365User, each one outside change. Our own writes show in the tenant's view at once. */
import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { isNamed } from '../../core/plan.ts';
import { keyOf } from '../../core/resource.ts';
import { type Deps, tenantAccess } from '../access.ts';
import { newAdGroup, newGroup } from '../new-group.ts';
import type { UserAction } from './actions.ts';
import { applyToAccount, toAccount } from './apply-account.ts';
import { applyOfLeaver, ofLeaver } from './apply-leaver.ts';
import { restoreAdAccount } from './apply-lost.ts';
import { applyOnSecret, onSecret } from './apply-secret.ts';
import { requireDirectory } from './directory-access.ts';
import { createAdAccount, ensureUnits } from './directory-creation.ts';
import { forgetSeen } from './last-seen.ts';
import { fulfilled, initialPassword } from './passwords.ts';
import type { UserLearned, Work } from './work.ts';

export async function applyUser(
  deps: Deps,
  action: UserAction,
  user: M365User,
  signal: AbortSignal,
): Promise<UserLearned> {
  // Nothing is written outside: the empty status makes the engine store what the plan found.
  if (action.name === 'ReportDrift' || action.name === 'RecordLeaver') return { status: {} };
  if (action.name === 'ForgetLeaver') return { status: { leaver: action.left } };
  const needs = isNamed(action, blocking) ? 'Cloud' : 'All';
  const access = await tenantAccess(deps, user, signal, needs);
  const { clients, tenantId } = access;
  const view = clients.directory(tenantId);
  const work: Work = { deps, user, access, graph: clients.graph(tenantId), view, signal };
  if (isNamed(action, onSecret)) return applyOnSecret(action, work);
  const learned = await applyOutside(action, work);
  deps.massChanges.noteDone(user, access.tenant);
  return learned;
}

/** A person is blocked in Entra also while Active Directory is away (outage.ts). */
const blocking = ['UpdateEntraUser', 'RevokeSessions'] as const;

type Inside = 'ReportDrift' | 'RecordLeaver' | 'ForgetLeaver' | (typeof onSecret)[number];

function applyOutside(
  action: Exclude<UserAction, { name: Inside }>,
  work: Work,
): Promise<UserLearned> {
  const isCreation = action.name === 'CreateAdAccount';
  if (action.system === 'ActiveDirectory' && !isCreation) forgetSeen(work.signal);
  if (isNamed(action, ofLeaver)) return applyOfLeaver(action, work);
  if (action.name === 'RestoreAdAccount')
    return restoreAdAccount(action, work, requireDirectory(work.access));
  if (isNamed(action, inDirectory))
    return applyInDirectory(action, work, requireDirectory(work.access));
  return isNamed(action, toAccount) ? applyToAccount(action, work) : applyAround(action, work);
}

const inDirectory = [
  'CreateAdAccount',
  'UpdateAdAccount',
  'MoveAdAccount',
  'SetAdPassword',
  'JoinAdGroup',
  'DeleteAdAccount',
] as const;

type InDirectory = Extract<UserAction, { name: (typeof inDirectory)[number] }>;

async function applyInDirectory(
  action: InDirectory,
  work: Work,
  directory: ActiveDirectory,
): Promise<UserLearned> {
  switch (action.name) {
    case 'CreateAdAccount':
      return createAdAccount(action, work, directory);
    case 'UpdateAdAccount':
      await directory.updateAccount(action.objectGuid, action.patch, work.signal);
      return { audit: { target: action.objectGuid, after: action.patch } };
    case 'MoveAdAccount': {
      const { objectGuid, organizationalUnit } = action;
      await ensureUnits(work, directory);
      await directory.moveAccount(objectGuid, organizationalUnit, work.signal);
      return { audit: { target: objectGuid, after: { organizationalUnit } } };
    }
    case 'SetAdPassword':
      await directory.setPassword(action.objectGuid, await initialPassword(work), work.signal);
      return fulfilled(action.request, { target: action.objectGuid });
    case 'JoinAdGroup': {
      const ou = work.access.tenant.status?.organizationalUnit ?? '';
      const group = await directory.ensureGroup(
        ou,
        newAdGroup(work.access.tenant, action.group),
        work.signal,
      );
      await directory.addMember(group.objectGuid, action.objectGuid, work.signal);
      return { audit: { target: action.objectGuid, after: { group: action.group } } };
    }
    case 'DeleteAdAccount':
      await directory.deleteAccount(action.objectGuid, work.signal);
      return { audit: { target: action.objectGuid } };
  }
}

type Around = Extract<
  UserAction,
  { name: 'AssignLicenses' | 'SetManager' | 'CreateGroup' | 'JoinGroup' | 'LeaveGroup' }
>;

async function applyAround(action: Around, work: Work): Promise<UserLearned> {
  const { graph, view, signal } = work;
  switch (action.name) {
    case 'AssignLicenses':
      return assignLicenses(action, work);
    case 'SetManager': {
      const { requestId } = await graph.setManager(action.id, action.managerId, signal);
      view.recordUser(action.id, { managerId: action.managerId });
      return { audit: { requestId, target: action.id, after: { managerId: action.managerId } } };
    }
    case 'CreateGroup': {
      const group = newGroup(work.access.tenant, action.group);
      const { id, requestId } = await view.createGroupOnce(group, () =>
        graph.createGroup(group, signal),
      );
      return { audit: { requestId, target: id, after: group } };
    }
    case 'JoinGroup': {
      const { requestId } = await graph.addMember(action.groupId, action.id, signal);
      view.recordMember(action.groupId, action.id, true);
      return { audit: { requestId, target: action.id, after: { group: action.group } } };
    }
    case 'LeaveGroup': {
      const { requestId } = await graph.removeMember(action.groupId, action.id, signal);
      view.recordMember(action.groupId, action.id, false);
      return { audit: { requestId, target: action.id, before: { group: action.group } } };
    }
  }
}

/** A pool counts its users; where many get a licence at once it counts once for all that came within this. */
const countingDelayMs = 10_000;
/** … and hands on a seat that has just become free. */
const handingOnMs = 500;

async function assignLicenses(
  action: Extract<UserAction, { name: 'AssignLicenses' }>,
  { graph, view, signal, deps, access }: Work,
): Promise<UserLearned> {
  const { id, add, remove } = action;
  const before = view.user(id)?.assignedLicenses ?? [];
  const { requestId } = await graph.assignLicenses(id, { add, remove }, signal);
  const changed = new Set([...remove, ...add.map(({ skuId }) => skuId)]);
  const after = [...before.filter(({ skuId }) => !changed.has(skuId)), ...add];
  view.recordUser(id, { assignedLicenses: after });
  const isWaitedFor = remove.length > 0 && isSomebodyWaiting(deps, access.tenant);
  for (const pool of deps.cluster.referencing(keyOf(access.tenant), 'LicensePool')) {
    deps.wake(keyOf(pool), 'dependant', isWaitedFor ? handingOnMs : countingDelayMs);
  }
  return { audit: { requestId, target: id, before, after } };
}

function isSomebodyWaiting({ cluster }: Deps, tenant: M365Tenant): boolean {
  const users = cluster.referencing<M365User>(keyOf(tenant), 'M365User');
  return users.some(({ status }) =>
    status?.conditions?.some(({ reason }) => reason === 'WaitingForSeat'),
  );
}

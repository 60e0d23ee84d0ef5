/** A person who must not sign in, while Active Directory does not answer. */
import { describe, expect, it } from 'vitest';
import {
  connection,
  ids,
  inHours,
  nowMs,
  readyCondition,
  tenant,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { transient } from '../../core/errors.ts';
import type { Condition } from '../../core/resource.ts';
import type { Deps } from '../access.ts';
import * as act from './actions.ts';
import { applyUser } from './apply.ts';
import { planUser } from './plan.ts';
import { observeUser } from './remote.ts';

const outage = { reason: 'DirectoryUnreachable', message: 'no domain controller answers' };
const left = user({
  spec: { leaveAt: inHours(-1), department: 'Sales', groups: ['Board'] },
  status: { entraId: ids.user },
});

describe('what is planned', () => {
  it('is the block in Entra, and nothing that needs to know more', () => {
    const memberships = [{ id: ids.group, name: 'Board' }];
    const plan = planUser(left, observedUser({ outage, memberships }), nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateEntraUser', patch: { accountEnabled: false } },
      { name: 'RevokeSessions' },
    ]);
    expect(Object.keys(plan.actions[0] ?? {})).not.toContain('department');
    expect([readyOf(plan), shown(plan, 'ActiveDirectorySynced')]).toEqual([
      'False DirectoryUnreachable',
      'False DirectoryUnreachable',
    ]);
    expectSoundPlan(left, plan);
  });

  it('is no deletion, though the days of retention are over', () => {
    const leaver = { blockedAt: inHours(-48) };
    const over = user({
      spec: { ...left.spec, retentionDays: 1 },
      status: { entraId: ids.user, createdByOperator: { entra: true }, leaver },
    });
    expect(actionNames(planUser(over, observedUser({ outage }), nowMs))).toEqual([
      'UpdateEntraUser',
      'RevokeSessions',
    ]);
    expect(actionNames(planUser(over, observedUser(), nowMs))).toEqual(['DeleteEntraUser']);
  });

  it('is the end of the sessions where a crash came before', () => {
    const observed = observedUser({ outage, entra: entraUser({ accountEnabled: false }) });
    expect(actionNames(planUser(left, observed, nowMs))).toEqual(['RevokeSessions']);
  });

  it('leaves an administrator, and what the drift policy leaves, as they are', () => {
    const privileged = observedUser({ outage, protection: 'PrivilegedAccount' });
    expect(actionNames(planUser(left, privileged, nowMs))).toEqual([]);
    const observed = observedUser({
      entra: entraUser({ accountEnabled: false, department: 'Sales' }),
    });
    const { status } = planUser(left, observed, nowMs);
    const settled = { ...left, status: { ...left.status, ...status, sessionsRevoked: true } };
    const ignored = observedUser({ outage, driftRules: { default: 'Ignore' } });
    expect(actionNames(planUser(settled, ignored, nowMs))).toEqual([]);
  });
});

const unreachable = transient(outage.message, { reason: outage.reason });
const says = (type: string, status: 'True' | 'False', reason: string): Condition => ({
  type,
  status,
  reason,
  message: 'as it is',
});

/** A tenant with Active Directory, which does not answer. `shows`: conditions of its connection. */
function deps(found: EntraUser, shows: readonly Condition[]): Deps {
  const managed = tenant({
    spec: { identity: { activeDirectory: 'Managed', passwords: 'Both' } },
    status: { tenantId: 'tenant-1' },
  });
  const objects = {
    M365Tenant: withConditions(managed, [{ ...readyCondition(), type: 'AccessReady' }]),
    PartnerConnection: withConditions(connection(), shows),
  };
  const failing = () => Promise.reject(unreachable);
  const view = {
    isLoaded: true,
    user: () => found,
    isPrivileged: () => false,
    recordUser: () => undefined,
  };
  const graph = {
    updateUser: () => Promise.resolve({ requestId: 'r1' }),
    assignLicenses: () => Promise.resolve({ requestId: 'r2' }),
  };
  const clients = {
    graph: () => graph,
    directory: () => view,
    activeDirectory: { getAccount: failing, findPerson: failing },
  };
  return {
    cluster: {
      get: (kind: keyof typeof objects) => objects[kind],
      referencing: () => [],
      namespaceLabels: () => ({ 'm365-operator.io/customer': 'true' }),
      readSecret: () => Promise.resolve({}),
    },
    clientsFor: () => ({ clients }),
    massChanges: { holdOf: () => undefined, noteDone: () => undefined },
    nowMs: () => nowMs,
  } as unknown as Deps;
}

const signal = new AbortController().signal;
const isReady = [readyCondition()];
const lacksDirectory = [
  says('CredentialsReady', 'True', 'Valid'),
  says('AppAccess', 'True', 'Granted'),
  says('UserAccess', 'True', 'Granted'),
  says('Ready', 'False', 'DirectoryUnreachable'),
  says('DirectoryReady', 'False', 'DirectoryUnreachable'),
];
const lacksMore = [
  says('Ready', 'False', 'TokenRefused'),
  says('DirectoryReady', 'False', 'DirectoryUnreachable'),
];

describe('what is observed', () => {
  it.each([
    ['the connection does not know it yet', isReady, outage.reason],
    ['the connection lacks nothing else', lacksDirectory, 'ConnectionNotReady'],
  ])('is the open account in Entra: %s', async (_, shows, reason) => {
    const observed = await observeUser(deps(entraUser(), shows), left, signal);
    expect(observed.entra?.id).toBe(ids.user);
    expect(observed.outage?.reason).toBe(reason);
  });

  it.each([
    [
      'the account is blocked already',
      entraUser({ accountEnabled: false }),
      isReady,
      user({ spec: { enabled: false }, status: { entraId: ids.user, sessionsRevoked: true } }),
      outage.reason,
    ],
    [
      'the person may sign in',
      entraUser(),
      isReady,
      user({ status: { entraId: ids.user } }),
      outage.reason,
    ],
    [
      'the account is not on record',
      entraUser(),
      isReady,
      user({ spec: { enabled: false } }),
      outage.reason,
    ],
    [
      'a sync server owns it',
      entraUser({ onPremisesSyncEnabled: true }),
      isReady,
      left,
      outage.reason,
    ],
    ['the cloud cannot be reached either', entraUser(), lacksMore, left, 'ConnectionNotReady'],
  ])('is nothing, as ever, where %s', async (_, found, shows, person, reason) => {
    await expect(observeUser(deps(found, shows), person, signal)).rejects.toMatchObject({ reason });
  });
});

describe('what is done', () => {
  it('is the block alone, while the connection is not Ready for its directory', async () => {
    const away = deps(entraUser(), lacksDirectory);
    const block = act.updateEntraUser(ids.user, { accountEnabled: false }, 'accountEnabled');
    const learned = await applyUser(away, block, left, signal);
    expect(learned.audit?.requestId).toBe('r1');
    const other = act.assignLicenses(ids.user, { add: [], remove: [] }, 'freed');
    await expect(applyUser(away, other, left, signal)).rejects.toMatchObject({
      reason: 'ConnectionNotReady',
    });
    await expect(
      applyUser(deps(entraUser(), lacksMore), block, left, signal),
    ).rejects.toMatchObject({ reason: 'ConnectionNotReady' });
  });
});

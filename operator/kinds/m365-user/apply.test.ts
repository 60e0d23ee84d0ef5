import { describe, expect, it } from 'vitest';
import {
  connection,
  pool,
  readyCondition,
  tenant,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import type { EntraUser, Graph } from '../../clients/graph/port.ts';
import { terminal } from '../../core/errors.ts';
import { keyOf } from '../../core/resource.ts';
import type { Deps } from '../access.ts';
import { createEntraUser as action, assignLicenses } from './actions.ts';
import { applyUser } from './apply.ts';

const signal = new AbortController().signal;
const taken = terminal('taken', { reason: 'UserPrincipalNameTaken' });

/** A tenant whose directory refuses the name; `shown` is what a read by key shows. */
function refusing(shown: EntraUser | undefined) {
  const recorded: string[] = [];
  const graph = {
    createUser: () => Promise.reject(taken),
    getUser: () => Promise.resolve(shown),
  } as unknown as Graph;
  const view = { recordUser: (id: string) => recorded.push(id) };
  const isReady = { ...readyCondition(), type: 'AccessReady' };
  const objects = {
    M365Tenant: withConditions(tenant({ status: { tenantId: 'tenant-1' } }), [isReady]),
    PartnerConnection: withConditions(connection(), [readyCondition()]),
  };
  const deps = {
    cluster: {
      get: (kind: keyof typeof objects) => objects[kind],
      namespaceLabels: () => ({ 'm365-operator.io/customer': 'true' }),
      readSecret: () => Promise.resolve({}),
    },
    clientsFor: () => ({ clients: { graph: () => graph, directory: () => view } }),
    massChanges: { noteDone: () => undefined },
    nowMs: () => 0,
    randomBytes: (count: number) => new Uint8Array(count),
  } as unknown as Deps;
  return { deps, recorded };
}

describe('a name that is taken at the moment of creation', () => {
  it('may be that of our own account whose answer was lost: the next look tells', async () => {
    const shown = { id: 'id-1' } as EntraUser;
    const { deps, recorded } = refusing(shown);
    const learned = await applyUser(deps, action(undefined), user(), signal);
    expect(learned).toEqual({
      summary: 'found an account of this name in Entra ID',
      audit: { target: 'id-1' },
    });
    expect(recorded).toEqual(['id-1']);
  });

  it('is waited for where it does not show yet, and no second account is made', async () => {
    const { deps, recorded } = refusing(undefined);
    await expect(applyUser(deps, action(undefined), user(), signal)).rejects.toMatchObject({
      class: 'Wait',
      reason: 'UserPrincipalNameTaken',
    });
    expect(recorded).toEqual([]);
  });
});

describe('an account that is made', () => {
  it('stands in the view with all that was sent, so that the next round tells nothing new', async () => {
    const { deps } = refusing(undefined);
    const sent: object[] = [];
    const recorded: object[] = [];
    const made = {
      ...deps,
      clientsFor: () => ({
        clients: {
          graph: () => ({
            createUser: (one: object) => (sent.push(one), Promise.resolve({ id: 'id-1' })),
          }),
          directory: () => ({ recordUser: (_: string, one: object) => recorded.push(one) }),
        },
      }),
    } as unknown as Deps;
    await applyUser(made, action(undefined), user(), signal);
    const [{ password, forceChangePasswordNextSignIn, owner, ...shown }] = sent as [
      Record<string, unknown>,
    ];
    expect([password, forceChangePasswordNextSignIn, owner]).not.toContain(undefined);
    expect(recorded).toEqual([{ ...shown, assignedLicenses: [] }]);
  });
});

describe('a licence that is taken', () => {
  const take = assignLicenses('id-1', { add: [], remove: ['sku-1'] }, 'take it');

  it.each([
    ['counts in its pools after a while', 'Provisioned', 10_000],
    ['is handed on at once where somebody waits', 'WaitingForSeat', 500],
  ])('%s', async (_, reason, expected) => {
    const { deps } = refusing(undefined);
    const woken: [string, number][] = [];
    const graph = { assignLicenses: () => Promise.resolve({ requestId: undefined }) };
    const view = { user: () => undefined, recordUser: () => undefined };
    const others = [withConditions(user(), [{ ...readyCondition(), status: 'False', reason }])];
    const world = {
      ...deps,
      cluster: {
        ...deps.cluster,
        referencing: (_key: string, kind: string) => (kind === 'LicensePool' ? [pool()] : others),
      },
      clientsFor: () => ({ clients: { graph: () => graph, directory: () => view } }),
      wake: (key: string, _lane: string, delayMs: number) => woken.push([key, delayMs]),
    } as unknown as Deps;
    await applyUser(world, take, user(), signal);
    expect(woken).toEqual([[keyOf(pool()), expected]]);
  });
});

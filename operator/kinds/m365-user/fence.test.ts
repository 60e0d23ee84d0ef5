import { describe, expect, it } from 'vitest';
import {
  connection,
  deleted,
  ids,
  readyCondition,
  tenant,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { adAccount, entraUser } from '../../../hack/testing/observed.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import type { Deps } from '../access.ts';
import { planUser } from './plan.ts';
import { observeUser } from './remote.ts';

const signal = new AbortController().signal;

/** A tenant whose sync server was turned on after accounts were written into both directories. */
const shown = (reason: string): M365Tenant =>
  withConditions(
    tenant({
      spec: { identity: { activeDirectory: 'Managed', passwords: 'Both' } },
      status: { tenantId: ids.tenant, organizationalUnit: 'OU=contoso,OU=Customers' },
    }),
    [
      { ...readyCondition(), type: 'AccessReady' },
      { ...readyCondition(), type: 'ActiveDirectoryReady', status: 'False', reason },
    ],
  );

function look(resource: M365User, reason: string) {
  const asked: string[] = [];
  const account = adAccount({ enabled: false });
  const ask =
    <T>(name: string, answer: T) =>
    () => {
      asked.push(name);
      return Promise.resolve(answer);
    };
  const entra = entraUser({ onPremisesImmutableId: account.anchor });
  const clients = {
    activeDirectory: {
      getAccount: ask('getAccount', account),
      findPerson: ask('findPerson', { byOwner: account, byName: [account] }),
    },
    graph: () => ({}),
    outsideChanges: () => ({ of: () => [] }),
    directory: () => ({
      isLoaded: true,
      lastReadMs: 0,
      skus: [],
      user: () => entra,
      userByPrincipalName: () => entra,
      usersByAnchor: () => [entra],
      groupsOf: () => [],
      isPrivileged: () => false,
      isReadBack: () => true,
    }),
  };
  const objects = {
    M365Tenant: shown(reason),
    PartnerConnection: withConditions(connection(), [readyCondition()]),
  };
  const deps = {
    cluster: {
      get: (kind: keyof typeof objects) => objects[kind],
      referencing: () => [],
      namespaceLabels: () => ({ 'm365-operator.io/customer': 'true' }),
      readSecret: () => Promise.resolve({}),
    },
    clientsFor: () => ({ clients }),
    massChanges: { holdOf: () => undefined },
    nowMs: () => 0,
    pollMs: 60_000,
  } as unknown as Deps;
  return { observed: observeUser(deps, resource, signal), asked };
}

const recorded = user({ status: { entraId: ids.user, objectGuid: adAccount().objectGuid } });

describe('a person of a tenant that a sync server writes', () => {
  it('is not written in Active Directory, however it stands there', async () => {
    const { observed, asked } = look(recorded, 'DirectorySyncActive');
    const plan = planUser(recorded, await observed, 0);
    expect(plan.actions.filter(({ system }) => system === 'ActiveDirectory')).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('is written there once the server is gone', async () => {
    const { observed } = look(recorded, 'UpnSuffixMissing');
    const plan = planUser(recorded, await observed, 0);
    expect(plan.actions.map(({ name }) => name)).toContain('UpdateAdAccount');
  });

  it('is not deleted in one directory alone', async () => {
    const gone = deleted(user({ ...recorded, spec: { deletionPolicy: 'SoftDelete' } }));
    await expect(look(gone, 'DirectorySyncActive').observed).rejects.toMatchObject({
      class: 'Wait',
      reason: 'DirectorySyncActive',
    });
  });
});

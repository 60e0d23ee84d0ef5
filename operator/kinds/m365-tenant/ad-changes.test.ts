import { beforeEach, describe, expect, it } from 'vitest';
import { ids, tenant, user, withConditions } from '../../../hack/testing/build.ts';
import { adAccount } from '../../../hack/testing/observed.ts';
import type { AdChanges } from '../../clients/active-directory/port.ts';
import type { ConnectionClients } from '../../clients/port.ts';
import { condition } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import { DirectoryPoll } from './remote-directory-poll.ts';

const signal = new AbortController().signal;
const unit = 'OU=contoso,OU=Customers,DC=corp,DC=example';
const status = { tenantId: ids.tenant, organizationalUnit: unit };
const withMode = (activeDirectory: 'Managed' | 'None') =>
  tenant({ spec: { identity: { activeDirectory, passwords: 'Both' } }, status });
const ours = withMode('Managed');
const mia = user({ metadata: { name: 'mia', uid: 'uid-mia' }, status: { objectGuid: 'guid-mia' } });
const noah = user({
  metadata: { name: 'noah', uid: 'uid-noah' },
  status: { objectGuid: 'guid-noah' },
});

let users: readonly M365User[];
let woken: string[];
let asked: string[];
let answer: Partial<AdChanges>;
let poll: DirectoryPoll;

beforeEach(() => {
  users = [mia, noah];
  woken = [];
  asked = [];
  answer = {};
  poll = new DirectoryPoll({
    cluster: { referencing: () => users } as never,
    wake: (key) => woken.push(key.replace(/.*\//, '')),
  });
});

async function look(clients: Partial<ConnectionClients> = { activeDirectory: directory() }) {
  woken = [];
  await poll.poll(ours, clients as ConnectionClients, signal);
  return woken;
}

function directory(): ConnectionClients['activeDirectory'] {
  const changedAccounts = (organizationalUnit: string, cookie: string | undefined) => {
    asked.push(`${organizationalUnit} ${cookie ?? 'all'}`);
    const nothing = { accounts: [], deletedGuids: [], regroupedGuids: [] };
    const changes = { ...nothing, unchangedGuids: new Set<string>(), ...answer };
    return Promise.resolve({ cookie: `cookie${asked.length}`, ...changes });
  };
  return { changedAccounts } as never;
}

function account(objectGuid: string, ownerUid?: string) {
  return adAccount({ objectGuid, ownerUid });
}

describe('a look at Active Directory', () => {
  it('goes on where the last one ended, till all is to be looked at', async () => {
    await look();
    await look();
    poll.forget(ours);
    await look();
    expect(asked).toEqual([`${unit} all`, `${unit} cookie1`, `${unit} all`]);
  });

  it('is for tenants that are written there, with an OU, on connections with a directory only', async () => {
    await look({ activeDirectory: undefined });
    for (const other of [withMode('None'), { ...ours, status: {} }]) {
      await poll.poll(other, { activeDirectory: directory() }, signal);
    }
    expect(asked).toEqual([]);
  });

  it('wakes nobody where nothing changed', async () => {
    users = [...users, user({ metadata: { name: 'new', uid: 'uid-new' } })];
    answer = { accounts: [account('guid-mia')], unchangedGuids: new Set(['guid-mia']) };
    expect(await look()).toEqual([]);
  });

  it.each<[string, Partial<AdChanges>]>([
    ['changed', { accounts: [account('guid-mia')] }],
    ['is made again, with the mark of its owner', { accounts: [account('other', 'uid-mia')] }],
    ['is gone', { deletedGuids: ['guid-mia'] }],
    ['joined or left a group', { regroupedGuids: ['guid-mia'] }],
  ])('wakes the person whose account %s, and nobody else', async (_, changes) => {
    answer = changes;
    expect(await look()).toEqual(['mia']);
  });

  it('anywhere in the domain wakes who waits for a name that another has', async () => {
    const stalled = condition('Stalled', 'True', 'NameTaken', 'another account has it');
    users = [mia, withConditions(noah, [stalled])];
    expect(await look()).toEqual(['noah']);
    answer = { cookie: 'cookie1' };
    expect(await look()).toEqual([]);
  });

  it('wakes those who have no account yet at any change: the name may be free now', async () => {
    const guest = { userPrincipalName: 'guest@fabrikam.example', type: 'Guest' as const };
    users = [
      ...users,
      user({ metadata: { name: 'new', uid: 'uid-new' } }),
      user({ metadata: { name: 'guest', uid: 'uid-guest' }, spec: guest }),
    ];
    answer = { deletedGuids: ['somebody'] };
    expect(await look()).toEqual(['new']);
  });
});

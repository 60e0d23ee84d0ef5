import { describe, expect, it } from 'vitest';
import { ids, tenant } from '../../../hack/testing/build.ts';
import { adAccount, entraUser } from '../../../hack/testing/observed.ts';
import type { ActiveDirectory, AdAccount, AdChanges } from '../../clients/active-directory/port.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import { HandOverAccounts, observeHandOver } from './remote-hand-over.ts';

const { signal } = new AbortController();
const [mia, max] = [adAccount({ objectGuid: 'mia' }), adAccount({ objectGuid: 'max' })];

describe('accounts of a tenant that is taken over', () => {
  it('are read whole once, then as far as they changed', async () => {
    const rounds: Omit<AdChanges, 'inventory'>[] = [
      { accounts: [mia, max], deletedGuids: [], cookie: '1' },
      { accounts: [{ ...max, enabled: false }], deletedGuids: ['mia'], cookie: '2' },
      { accounts: [mia], deletedGuids: [], cookie: '3' },
    ];
    const cookies: (string | undefined)[] = [];
    const directory = {
      changedAccounts: (_: string, cookie: string | undefined) => {
        cookies.push(cookie);
        return Promise.resolve(rounds.shift());
      },
    } as unknown as ActiveDirectory;
    const accounts = new HandOverAccounts();
    const read = () => accounts.read(tenant(), 'OU=contoso', directory, signal);
    expect(await read()).toEqual([mia, max]);
    expect(await read()).toEqual([{ ...max, enabled: false }]);
    accounts.forget(tenant());
    expect(await read()).toEqual([mia]);
    expect(cookies).toEqual([undefined, '1', undefined]);
  });

  it('are read whole again through another client, which tells nothing of who is gone', async () => {
    const answering = (accounts: readonly AdAccount[]) => {
      const changes = { accounts, deletedGuids: [], cookie: '1' };
      return { changedAccounts: () => Promise.resolve(changes) } as unknown as ActiveDirectory;
    };
    const accounts = new HandOverAccounts();
    const read = (directory: ActiveDirectory) =>
      accounts.read(tenant(), 'OU=contoso', directory, signal);
    expect(await read(answering([mia, max]))).toEqual([mia, max]);
    expect(await read(answering([max]))).toEqual([max]);
  });

  it('are guarded where they are listed or an administrator’s', () => {
    const of = (name: string) => ({ userPrincipalName: `${name}@contoso.example` });
    const people = ['listed', 'known', 'admin', 'plain'].map((name) => ({
      account: adAccount({ objectGuid: name, anchor: name, ...of(name) }),
      user: entraUser({ id: name, onPremisesImmutableId: name, ...of(name) }),
    }));
    const view = {
      users: () => people.map(({ user }) => user),
      isPrivileged: (id: string) => id === 'admin',
    } as unknown as DirectoryView;
    const resource = tenant({
      spec: { protectedUsers: ['Listed@Contoso.example', ids.user] },
      status: { protectedAccounts: [{ account: ids.user, id: 'known' }] },
    });
    const { pairing, protection } = observeHandOver(
      resource,
      people.map(({ account }) => account),
      view,
    );
    expect(pairing.matched).toHaveLength(4);
    expect(Object.fromEntries(protection)).toEqual({
      listed: 'ProtectedAccount',
      known: 'ProtectedAccount',
      admin: 'PrivilegedAccount',
    });
  });
});

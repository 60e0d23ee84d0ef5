import { describe, expect, it } from 'vitest';
import { adAccount, ids, tenant, user } from '../../../hack/testing/build.ts';
import type { ActiveDirectory, AdAccount } from '../../clients/active-directory/port.ts';
import type { DirectoryView } from '../../clients/graph/port.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { keyOf } from '../../core/resource.ts';
import { ActiveDirectoryLooks } from './remote-active-directory.ts';

const { signal } = new AbortController();
const view = { users: () => [], isPrivileged: () => false } as unknown as DirectoryView;
const customer = { id: ids.tenant, domain: 'contoso.onmicrosoft.com' };
const facts = { customer, customersOU: 'OU=Customers,DC=corp', isolatesTenants: true };
const sight = { facts, view };
const open = { facts: { ...facts, isolatesTenants: false }, view };
const mia = adAccount({ objectGuid: 'mia' });
const person = user({ status: { objectGuid: 'mia' } });

function world() {
  const asked: string[] = [];
  const rounds: { accounts?: AdAccount[]; deletedGuids?: string[] }[] = [];
  const woken: string[] = [];
  const clock = { nowMs: 0 };
  const looks = new ActiveDirectoryLooks({
    cluster: { referencing: () => [person] } as never,
    wake: (key) => woken.push(key),
    nowMs: () => clock.nowMs,
  });
  const directory = {
    changedAccounts: (unit: string, cookie: string | undefined) => {
      asked.push(`${unit} since ${cookie ?? 'ever'}`);
      const round = { accounts: [], deletedGuids: [], ...rounds.shift() };
      return Promise.resolve({ ...round, cookie: String(asked.length) });
    },
    listUpnSuffixes: () => {
      asked.push('suffixes');
      return Promise.resolve(['contoso.example']);
    },
    readIsolation: (unit: string, name: string) => {
      asked.push(`${name} in ${unit}`);
      return Promise.resolve({ group: undefined, openings: [] });
    },
  } as unknown as ActiveDirectory;
  const look = async (resource: M365Tenant, of: typeof sight = sight) => {
    await looks.poll(resource, directory, signal);
    return looks.read(resource, of, directory, signal);
  };
  return { asked, rounds, woken, clock, looks, look };
}

const placed = (more: object = {}) =>
  tenant({
    spec: { identity: { activeDirectory: 'Managed', passwords: 'Both', ...more } },
    status: { tenantId: ids.tenant, organizationalUnit: 'OU=c' },
  });

describe('what a look at a tenant reads of Active Directory', () => {
  it('is what changed, for which people are woken', async () => {
    const { asked, rounds, woken, look } = world();
    rounds.push({}, {}, { deletedGuids: ['mia'] });
    for (const expected of [[], [], [keyOf(person)]]) {
      expect(await look(placed(), open)).toEqual({ upnSuffixes: ['contoso.example'] });
      expect(woken).toEqual(expected);
    }
    expect(asked).toEqual(['OU=c since ever', 'suffixes', 'OU=c since 1', 'OU=c since 3']);
  });

  it('is once an hour, or when it was forgotten, which suffixes there are and who sees the tenant', async () => {
    const { asked, clock, looks, look } = world();
    const isolations = () => asked.filter((one) => one === 'People of contoso in OU=c').length;
    expect(await look(placed())).toEqual({
      upnSuffixes: ['contoso.example'],
      isolation: { group: undefined, openings: [] },
    });
    await look(placed());
    expect(isolations()).toBe(1);
    clock.nowMs += 60 * 60_000;
    await look(placed());
    expect(isolations()).toBe(2);
    looks.forgetLayout(placed());
    await look(placed());
    expect(isolations()).toBe(3);
  });

  it('is nothing where the operator writes nothing there', async () => {
    const { asked, look } = world();
    await look(placed({ activeDirectory: 'EntraConnect' }));
    await look(tenant({ spec: placed().spec, status: { tenantId: ids.tenant } }));
    expect(asked).toEqual([]);
  });

  it('is the accounts of a tenant that is taken over, from where they are or will be; then the poll begins anew', async () => {
    const { asked, rounds, looks, look } = world();
    const taking = placed({ handOver: 'Guided' });
    const fresh = { ...taking, status: { tenantId: ids.tenant } };
    rounds.push({ accounts: [mia] });
    for (const expected of [[mia], [mia]]) {
      expect((await look(fresh)).handOver?.pairing.onlyActiveDirectory).toEqual(expected);
    }
    looks.forget(fresh);
    expect((await look(fresh)).handOver?.pairing.onlyActiveDirectory).toEqual([]);
    const place = 'OU=contoso,OU=Customers,DC=corp';
    expect(asked).toEqual([`${place} since ever`, `${place} since 1`, `${place} since ever`]);
    await look(placed(), open);
    expect(asked.at(-2)).toBe('OU=c since ever');
  });

  it('is nothing where the connection names no directory', async () => {
    const { looks } = world();
    await looks.poll(placed(), undefined, signal);
    expect(await looks.read(placed(), sight, undefined, signal)).toEqual({});
  });
});

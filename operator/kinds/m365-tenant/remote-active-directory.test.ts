import { describe, expect, it } from 'vitest';
import { ids, tenant, user } from '../../../hack/testing/build.ts';
import { adAccount } from '../../../hack/testing/observed.ts';
import type { AdInventory } from '../../clients/active-directory/groups-port.ts';
import type { OrganizationalUnit } from '../../clients/active-directory/layout-port.ts';
import type { ActiveDirectory, AdAccount } from '../../clients/active-directory/port.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import { wait } from '../../core/errors.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { keyOf } from '../../core/resource.ts';
import { ActiveDirectoryLooks } from './remote-active-directory.ts';

const { signal } = new AbortController();
const view = { users: () => [], isPrivileged: () => false } as unknown as DirectoryView;
const customer = { id: ids.tenant, domain: 'contoso.onmicrosoft.com' };
const mia = adAccount({ objectGuid: 'mia' });
const person = user({ status: { objectGuid: 'mia' } });
const facts = { customer, customersOU: 'OU=Customers,DC=corp', isolatesTenants: true };
const sight = { facts, view, people: () => [person] };
const open = { ...sight, facts: { ...facts, isolatesTenants: false } };
const here = { objectGuid: 'guid', distinguishedName: 'OU=c' };
/** Of a tenant that has none yet. */
const future = 'OU=contoso,OU=Customers,DC=corp';

function world() {
  const asked: string[] = [];
  const rounds: { accounts?: AdAccount[]; deletedGuids?: string[]; inventory?: AdInventory }[] = [];
  const woken: string[] = [];
  const clock = { nowMs: 0 };
  const looks = new ActiveDirectoryLooks({
    cluster: { referencing: () => [person] } as never,
    wake: (key) => woken.push(key),
    nowMs: () => clock.nowMs,
    pollMs: 60_000,
  });
  /** Where the tenant's OU is. */
  const place: { unit: OrganizationalUnit | undefined } = { unit: here };
  const directory = {
    readOrganizationalUnit: (key: object) => {
      asked.push(`unit ${Object.values(key).join()}`);
      const isMeant = Object.values(place.unit ?? {}).includes(Object.values(key).join());
      return Promise.resolve(isMeant ? place.unit : undefined);
    },
    changedAccounts: (unit: string, cookie: string | undefined) => {
      asked.push(`${unit} since ${cookie ?? 'ever'}`);
      const isThere = [place.unit?.distinguishedName, future].includes(unit);
      if (!isThere) throw wait('no such OU', { reason: 'OrganizationalUnitMissing' });
      const round = { accounts: [], deletedGuids: [], ...rounds.shift() };
      return Promise.resolve({ ...round, cookie: String(asked.length) });
    },
    isGroupNameTaken: (unit: string, name: string) => {
      asked.push(`name ${name} in ${unit}`);
      return Promise.resolve(true);
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
  return { asked, rounds, woken, clock, place, looks, look };
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
      expect(await look(placed(), open)).toEqual({ unit: here, upnSuffixes: ['contoso.example'] });
      expect(woken).toEqual(expected);
    }
    expect(asked).toEqual([
      'OU=c since ever',
      'unit OU=c',
      'suffixes',
      'OU=c since 1',
      'OU=c since 4',
    ]);
  });

  it('is once an hour, or when it was forgotten, which suffixes there are and who sees the tenant', async () => {
    const { asked, clock, looks, look } = world();
    const isolations = () => asked.filter((one) => one === 'People of contoso in OU=c').length;
    expect(await look(placed())).toEqual({
      unit: here,
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
    expect(asked).toEqual([`${future} since ever`, `${future} since 1`, `${future} since ever`]);
    await look(placed(), open);
    expect(asked.at(-3)).toBe('OU=c since ever');
  });

  it('is where the OU is by now, at the poll that does not find it: by its GUID', async () => {
    const { asked, place, looks, look } = world();
    const { status, ...rest } = placed();
    const known = { ...rest, status: { ...status, organizationalUnitGuid: 'guid' } };
    await look(known, open);
    place.unit = { objectGuid: 'guid', distinguishedName: 'OU=renamed,OU=resellers' };
    expect((await look(known, open)).unit).toEqual(place.unit);
    expect(asked.slice(-3)).toEqual(['OU=c since 1', 'unit guid', 'suffixes']);
    place.unit = { objectGuid: 'other', distinguishedName: 'OU=c' };
    looks.forget(known);
    expect((await look(known, open)).unit).toEqual(place.unit);
    expect(asked.slice(-3)).toEqual(['unit guid', 'unit OU=c', 'suffixes']);
    looks.forget(known);
    place.unit = undefined;
    const gone = { class: 'Wait', reason: 'OrganizationalUnitMissing' };
    await expect(look(known, open)).rejects.toMatchObject({ ...gone, delayMs: 60_000 });
    looks.forget(known);
    await expect(look(placed(), open)).rejects.toMatchObject(gone);
  });

  it('is the declared groups, without a read but for the name of one that is to be made', async () => {
    const { asked, rounds, look } = world();
    const sales = {
      objectGuid: 'g1',
      name: 'Sales',
      isDirect: true,
      scope: 'Global' as const,
      memberGuids: new Set<string>(),
      strangers: new Map<string, string>(),
    };
    const inventory = { accounts: new Map(), groups: new Map([['g1', sales]]) };
    rounds.push({ inventory }, { inventory });
    const { spec, ...rest } = placed();
    const activeDirectoryGroups = [{ name: 'Sales' }, { name: 'Field' }];
    const declaring = { ...rest, spec: { ...spec, activeDirectoryGroups } };
    for (const _ of [1, 2]) {
      expect((await look(declaring, open)).directoryGroups).toMatchObject([
        { name: 'Sales', id: 'g1', isNameTaken: false },
        { name: 'Field', id: undefined, isNameTaken: true },
      ]);
    }
    expect(asked.slice(-2)).toEqual(['OU=c since 1', 'name Field in OU=c']);
  });

  it('is nothing where the connection names no directory', async () => {
    const { looks } = world();
    await looks.poll(placed(), undefined, signal);
    expect(await looks.read(placed(), sight, undefined, signal)).toEqual({});
  });
});

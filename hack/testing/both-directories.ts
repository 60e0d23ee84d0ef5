/** A person in both directories, as an administrator sees them and lays hands on them: for tests on Northwind with a domain controller. */
import { readFile } from 'node:fs/promises';
import { Attribute, Change, Client, Control, type Entry, EqualityFilter } from 'ldapts';
import { expect } from 'vitest';
import { guidText } from '../../operator/clients/active-directory/wire.ts';
import type { M365User } from '../../operator/core/objects.ts';
import type { DomainController } from '../samba/index.ts';
import { expectAllReady } from './after-faults.ts';
import { liveUsers, type Northwind } from './northwind.ts';

const showDeleted = '1.2.840.113556.1.4.417';
const owner = 'msDS-cloudExtensionAttribute1';
const binary = ['objectGUID', 'mS-DS-ConsistencyGuid'];

/** What must stay as it is. */
export interface Identity {
  readonly entraId: string;
  readonly anchor: string;
}

export class BothDirectories {
  readonly #world: Northwind;
  #admin: Client;

  private constructor(world: Northwind, admin: Client) {
    this.#world = world;
    this.#admin = admin;
  }

  static async open(world: Northwind): Promise<BothDirectories> {
    return new BothDirectories(world, await boundTo(controllerOf(world)));
  }

  /** After the controller was away. */
  async openAgain(): Promise<void> {
    await this.close();
    this.#admin = await boundTo(this.controller);
  }

  /** The administrator's own connection. */
  get admin(): Client {
    return this.#admin;
  }

  get controller(): DomainController {
    return controllerOf(this.#world);
  }

  close(): Promise<void> {
    return this.#admin.unbind();
  }

  /** Anywhere in the domain. */
  async entries(attribute: string, value: string): Promise<readonly Entry[]> {
    const { searchEntries } = await this.#admin.search(this.controller.baseDN, {
      scope: 'sub',
      filter: new EqualityFilter({ attribute, value }),
      attributes: ['*', 'memberOf'],
      explicitBufferAttributes: binary,
    });
    return searchEntries;
  }

  /** The one account with the mark of this M365User. */
  async account(name: string): Promise<Entry> {
    const { metadata } = await this.person(name);
    const [found, ...others] = await this.entries(owner, metadata.uid);
    if (found === undefined || others.length > 0)
      throw new Error(`not one account of ${name}, but none or several`);
    return found;
  }

  person(name: string): Promise<M365User> {
    return this.#world.desk.find<M365User>('M365User', name);
  }

  async shown(name: string, attribute: string): Promise<unknown> {
    return (await this.account(name))[attribute];
  }

  async replace(dn: string, type: string, values: string[] | Buffer[]): Promise<void> {
    const modification = new Attribute({ type, values });
    await this.#admin.modify(dn, new Change({ operation: 'replace', modification }));
  }

  async add(dn: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    await this.#admin.add(dn, { ...attributes });
  }

  async move(dn: string, to: string): Promise<void> {
    await this.#admin.modifyDN(dn, to);
  }

  async delete(dn: string): Promise<void> {
    await this.#admin.del(dn);
  }

  /** From among the deleted objects: without recycle bin, as here, most of it is lost (active-directory.md A5). */
  async bringBack(entry: Entry): Promise<void> {
    const control = new Control(showDeleted, { critical: true });
    const base = `<GUID=${guidOf(entry)}>`;
    const { searchEntries } = await this.#admin.search(base, { scope: 'base' }, control);
    const changes = [
      new Change({
        operation: 'delete',
        modification: new Attribute({ type: 'isDeleted', values: [] }),
      }),
      new Change({
        operation: 'replace',
        modification: new Attribute({ type: 'distinguishedName', values: [entry.dn] }),
      }),
    ];
    // Samba takes no GUID here.
    await this.#admin.modify(searchEntries[0]?.dn ?? '', changes, control);
  }

  async canSignIn(name: string, password: string): Promise<boolean> {
    const { url, caFile } = this.controller;
    const client = new Client({ url, tlsOptions: { ca: await readFile(caFile, 'utf8') } });
    try {
      await client.bind(name, password);
      return true;
    } catch {
      return false;
    } finally {
      await client.unbind();
    }
  }

  /** All but these people's own: accounts of Entra as they are, users and groups of the domain by their last change. */
  async others(...names: readonly string[]): Promise<unknown> {
    const people = await Promise.all(names.map((name) => this.person(name)));
    const upns = people.map(({ spec }) => spec.userPrincipalName);
    const uids = people.map(({ metadata }) => metadata.uid);
    const entra = liveUsers(this.#world.stage).filter(
      (user) => !upns.includes(user.userPrincipalName),
    );
    const { searchEntries } = await this.#admin.search(this.controller.baseDN, {
      scope: 'sub',
      filter: '(|(objectClass=user)(objectClass=organizationalUnit))',
      attributes: ['uSNChanged', owner],
    });
    const directory = searchEntries
      .filter((entry) => !uids.includes(String(entry[owner])))
      .map(({ dn, uSNChanged }) => `${dn} ${String(uSNChanged)}`);
    return { entra, directory: directory.sort() };
  }

  /** Of Entra: by name or by anchor. */
  entraIds({ spec, status }: M365User): readonly string[] {
    return liveUsers(this.#world.stage)
      .filter(
        ({ userPrincipalName, properties }) =>
          userPrincipalName === spec.userPrincipalName ||
          properties['onPremisesImmutableId'] === status?.anchor,
      )
      .map(({ id }) => id);
  }

  /** In Entra, and in Active Directory. */
  async anchors({ spec, status }: M365User): Promise<readonly unknown[]> {
    const users = liveUsers(this.#world.stage);
    const [account] = await this.entries('userPrincipalName', spec.userPrincipalName);
    const bytes = account?.['mS-DS-ConsistencyGuid'] ?? account?.['objectGUID'];
    return [
      users.find(({ id }) => id === status?.entraId)?.properties['onPremisesImmutableId'],
      Buffer.isBuffer(bytes) ? bytes.toString('base64') : bytes,
    ];
  }
}

/**
 * After whatever happened: Ready, with one account a side that name, mark and record all lead to, one anchor on both and in
 * status, and a status that keeps the rules. Returns what identifies the person; `before`: it is the same as then.
 */
export async function expectOnePerson(
  both: BothDirectories,
  name: string,
  before?: Identity,
): Promise<Identity> {
  const person = await both.person(name);
  const { spec, metadata } = person;
  const { drift, objectGuid, entraId = '', anchor = '' } = person.status ?? {};
  expectAllReady([person]);
  expect(drift).toBeUndefined();
  const named = await both.entries('userPrincipalName', spec.userPrincipalName);
  const marked = await both.entries(owner, metadata.uid);
  expect([named, marked].map((found) => found.map(guidOf))).toEqual([[objectGuid], [objectGuid]]);
  expect(both.entraIds(person)).toEqual([entraId]);
  expect(await both.anchors(person)).toEqual([anchor, anchor]);
  const identity = { entraId, anchor };
  expect(identity).toEqual(before ?? identity);
  return identity;
}

function guidOf(entry: Entry): string {
  return guidText(entry['objectGUID'] as Buffer);
}

async function boundTo({ url, caFile, adminDN, adminPassword }: DomainController): Promise<Client> {
  const admin = new Client({ url, tlsOptions: { ca: await readFile(caFile, 'utf8') } });
  await admin.bind(adminDN, adminPassword);
  return admin;
}

function controllerOf({ stage }: Northwind): DomainController {
  if (stage.directory === undefined) throw new Error(stage.directoryNote);
  return stage.directory;
}

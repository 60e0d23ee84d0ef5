/**
 * The simulator's customer as an Entra Connect server left it: people in a real Active Directory, synced in part. The
 * operator's account has the rights that README lists, and tenants are isolated.
 */
import { readFile } from 'node:fs/promises';
import { Client } from 'ldapts';
import { createActiveDirectory } from '../../operator/clients/active-directory/client.ts';
import type { ActiveDirectory, AdAccount } from '../../operator/clients/active-directory/port.ts';
import { grantService, hiding } from '../samba/delegation.ts';
import type { DomainController } from '../samba/index.ts';
import { addPerson, type Person } from '../samba/people.ts';
import { password, signal } from '../samba/test-directory.ts';
import { saveUser } from '../simulator/directory/records.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { applyCredentials, directorySpec, type Stage, startStage } from '../stage/index.ts';
import { connectionSpec, createDesk, type Desk } from './desk.ts';
import { liveUsers } from './northwind.ts';

const { domain, initialDomain, tenantId } = DEFAULT_CUSTOMER;

const [label = ''] = initialDomain.split('.');

export const upnOf = (name: string): string => `${name}@${domain}`;

/** In Active Directory. Anna and Bernd are synced, David's anchor is another, two have Frank's mail. */
const people: readonly Person[] = [
  { samAccountName: 'anna.becker', userPrincipalName: upnOf('anna.becker') },
  { samAccountName: 'bernd.vogel', userPrincipalName: 'bernd@corp.example' },
  { samAccountName: 'claudia.richter', userPrincipalName: upnOf('claudia.richter') },
  { samAccountName: 'david.kurz', userPrincipalName: upnOf('david.kurz') },
  {
    samAccountName: 'eva.sommer',
    userPrincipalName: 'eva@corp.example',
    mail: upnOf('eva.sommer'),
  },
  { samAccountName: 'frank', userPrincipalName: 'frank@corp.example', mail: upnOf('frank.lorenz') },
  { samAccountName: 'franz', userPrincipalName: 'franz@corp.example', mail: upnOf('frank.lorenz') },
  { samAccountName: 'only.here', userPrincipalName: upnOf('only.here') },
  { samAccountName: 'admin.north', userPrincipalName: `admin@${initialDomain}` },
];

export interface SyncedCustomer {
  readonly stage: Stage;
  readonly desk: Desk;
  readonly controller: DomainController;
  /** The administrator's own connection. */
  readonly admin: Client;
  /** The customer's OU. */
  readonly unit: string;
  /** By logon name, as they were. */
  readonly before: Readonly<Record<string, AdAccount>>;
  /** All that stand below the OU now. */
  accounts(): Promise<readonly AdAccount[]>;
  /** How much of the customer's OU this person sees, signed in in Active Directory. */
  seenBy(userPrincipalName: string): Promise<number>;
  /** What shows the customer's OU to others. */
  openings(): Promise<readonly string[]>;
  /** As Entra has it. */
  person(name: string): ReturnType<typeof liveUsers>[number] | undefined;
  /** A hand in Entra: of the person, or of the whole tenant. */
  set(name: string | undefined, properties: Readonly<Record<string, unknown>>): void;
  stop(): Promise<void>;
}

export async function startSyncedCustomer(directoryAddress: string): Promise<SyncedCustomer> {
  const stage = await startStage({ directoryAddress });
  const controller = stage.directory;
  if (controller === undefined) throw new Error(stage.directoryNote);
  const ca = await readFile(controller.caFile, 'utf8');
  const admin = new Client({ url: controller.url, tlsOptions: { ca: [ca] } });
  await admin.bind(controller.adminDN, controller.adminPassword);
  const unit = `OU=${label},${controller.customersOU}`;
  await moveAccounts(admin, controller, unit);
  const directory = directoryOf(controller, ca);
  const accounts = async () => (await directory.changedAccounts(unit, undefined, signal)).accounts;
  const before = Object.fromEntries(
    (await accounts()).map((account) => [account.samAccountName, account]),
  );
  const bound = await prepareForest(admin, controller);
  const desk = createDesk(() => stage);
  await stage.controlPlane.kubectl(['apply', '-f', 'examples/quickstart/00-namespaces.yaml']);
  await applyCredentials(stage);
  await desk.putSecret('corp-ad', { ...bound, 'ca.crt': ca });
  const operator = await stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
  const spec = connectionSpec('eu-prod-credentials', connectionTo(controller));
  await desk.put('PartnerConnection', 'provider', 'eu-prod', spec);
  await desk.ready('PartnerConnection', 'eu-prod');
  const cloud = cloudOf(stage);
  cloud.sync(before);
  return {
    stage,
    desk,
    controller,
    admin,
    unit,
    before,
    accounts,
    seenBy: (userPrincipalName) => seenBy(userPrincipalName, { controller, ca, unit }),
    openings: async () =>
      (await directory.readIsolation(unit, `People of ${label}`, signal)).openings,
    ...cloud,
    stop: async () => {
      await directory.close();
      await admin.unbind();
      await operator.stop();
      await stage.stop();
    },
  };
}

async function seenBy(
  userPrincipalName: string,
  { controller, ca, unit }: Pick<SyncedCustomer, 'controller' | 'unit'> & { readonly ca: string },
): Promise<number> {
  const person = new Client({ url: controller.url, tlsOptions: { ca: [ca] } });
  try {
    await person.bind(userPrincipalName, password);
    const { searchEntries } = await person.search(controller.customersOU, { attributes: ['cn'] });
    return searchEntries.filter(({ dn }) => dn.endsWith(unit)).length;
  } finally {
    await person.unbind();
  }
}

/** README, "Replace Entra Connect", first step. */
async function moveAccounts(
  admin: Client,
  { baseDN }: DomainController,
  unit: string,
): Promise<void> {
  const old = `OU=Staff,${baseDN}`;
  for (const dn of [unit, old]) await admin.add(dn, { objectClass: 'organizationalUnit' });
  for (const person of people) {
    const dn = await addPerson(admin, old, person);
    await admin.modifyDN(dn, `CN=${person.samAccountName},${unit}`);
  }
}

/** README, "Rights in Active Directory". What the operator binds with. */
async function prepareForest(admin: Client, { baseDN, customersOU }: DomainController) {
  const bindDN = await addPerson(admin, `CN=Users,${baseDN}`, {
    samAccountName: 'svc-m365',
    userPrincipalName: 'svc-m365@corp.example',
  });
  await grantService(admin, { account: bindDN, customersOU });
  await hiding.listObjectMode(admin);
  await hiding.compatibleAccess(admin);
  await hiding.customersOU(admin, customersOU);
  return { bindDN, bindPassword: password };
}

function connectionTo(directory: DomainController): object {
  return { activeDirectory: { ...directorySpec(directory), tenantIsolation: 'ListObject' } };
}

function directoryOf({ url, customersOU, ...controller }: DomainController, ca: string) {
  const { adminDN: bindDN, adminPassword: bindPassword } = controller;
  const options = { nowMs: Date.now, observe: () => undefined, mayWrite: () => true };
  const credentials = { bindDN, bindPassword, ca };
  return createActiveDirectory({
    domainControllers: [url],
    customersOU,
    credentials,
    ...options,
  }) satisfies ActiveDirectory;
}

function cloudOf(stage: Stage) {
  const found = stage.simulator.world.directories.get(tenantId);
  if (found === undefined) throw new Error('the simulator has no such customer');
  const person: SyncedCustomer['person'] = (name) =>
    liveUsers(stage).find(({ userPrincipalName }) => userPrincipalName === upnOf(name));
  const set: SyncedCustomer['set'] = (name, properties) => {
    if (name === undefined) {
      Object.assign(found.organization, properties);
      return;
    }
    const user = person(name);
    if (user === undefined) throw new Error(`Entra has no ${name}`);
    saveUser(found, { ...user, properties: { ...user.properties, ...properties } });
  };
  const sync = (before: SyncedCustomer['before']): void => {
    set(undefined, { onPremisesSyncEnabled: true });
    for (const name of ['anna.becker', 'bernd.vogel']) {
      const onPremisesImmutableId = before[name]?.anchor;
      set(name, { onPremisesSyncEnabled: true, onPremisesImmutableId });
    }
    set('david.kurz', { onPremisesImmutableId: 'b3RoZXI=' });
    for (const name of ['eva.sommer', 'frank.lorenz']) set(name, { mail: upnOf(name) });
  };
  return { person, set, sync };
}

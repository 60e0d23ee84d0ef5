/** What the simulator and the domain controller themselves hold: the demo and its test believe these, not status. */
import { readFile } from 'node:fs/promises';
import { Attribute, Change, Client, InvalidCredentialsError } from 'ldapts';
import type { DomainController } from '../samba/index.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { dumpDirectory } from '../simulator/directory/dump.ts';
import type { Simulator } from '../simulator/index.ts';

export interface CloudUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  readonly onPremisesImmutableId: string | null;
  readonly assignedLicenses: readonly {
    readonly skuId: string;
    readonly disabledPlans: readonly string[];
  }[];
  readonly managerId: string | null;
  readonly memberOf: readonly string[];
}

export interface CloudTenant {
  readonly customers: number;
  readonly agreements: number;
  readonly subscriptions: readonly { readonly quantity: number; readonly status: string }[];
  readonly verifiedDomains: readonly string[];
  readonly users: readonly CloudUser[];
}

/** The customer of this initial domain, as Partner Center and Entra have it. */
export function cloudTenant({ world }: Simulator, initialDomain: string): CloudTenant | undefined {
  const commerce = commerceOf(world);
  const customers = [...commerce.customers.values()].filter(
    ({ domain }) => domain === initialDomain,
  );
  const id = customers[0]?.id;
  const directory = id === undefined ? undefined : world.directories.get(id);
  if (directory === undefined) return undefined;
  const { users } = dumpDirectory(directory) as { users: readonly CloudUser[] };
  return {
    customers: customers.length,
    agreements: [...commerce.agreements].filter(({ customerId }) => customerId === id).length,
    subscriptions: [...commerce.subscriptions.values()].filter(
      ({ customerId }) => customerId === id,
    ),
    verifiedDomains: [...directory.domains.values()].filter((d) => d.isVerified).map((d) => d.id),
    users,
  };
}

export interface DirectoryAccount {
  readonly distinguishedName: string;
  readonly userPrincipalName: string;
  readonly samAccountName: string;
  readonly isEnabled: boolean;
  /** base64 of objectGUID's bytes: what Entra must hold as onPremisesImmutableId. */
  readonly anchor: string;
  readonly groups: readonly string[];
}

/** Every account below the customers OU, read past the operator's own client. */
export async function directoryAccounts(
  dc: DomainController,
): Promise<readonly DirectoryAccount[]> {
  return asAdministrator(dc, async (client) => {
    const { searchEntries } = await client.search(dc.customersOU, {
      scope: 'sub',
      filter: '(objectClass=user)',
      attributes: [
        'userPrincipalName',
        'sAMAccountName',
        'userAccountControl',
        'objectGUID',
        'memberOf',
      ],
      explicitBufferAttributes: ['objectGUID'],
      timeLimit: 20,
      paged: { pageSize: 500 },
    });
    return searchEntries.map((entry) => ({
      distinguishedName: entry.dn,
      userPrincipalName: String(entry['userPrincipalName']),
      samAccountName: String(entry['sAMAccountName']),
      isEnabled: (Number(entry['userAccountControl']) & 2) === 0,
      anchor: (entry['objectGUID'] as Buffer).toString('base64'),
      groups: [entry['memberOf'] ?? []].flat().map(String),
    }));
  });
}

/** What an administrator does with another tool. */
export async function disableAccount(
  dc: DomainController,
  userPrincipalName: string,
): Promise<void> {
  const account = (await directoryAccounts(dc)).find(
    (a) => a.userPrincipalName === userPrincipalName,
  );
  if (account === undefined) throw new Error(`${userPrincipalName} is not in Active Directory`);
  const disabled = new Attribute({ type: 'userAccountControl', values: ['514'] });
  await asAdministrator(dc, (client) =>
    client.modify(
      account.distinguishedName,
      new Change({ operation: 'replace', modification: disabled }),
    ),
  );
}

/** Whether this name and password open the domain. */
export async function canSignIn(
  dc: DomainController,
  userPrincipalName: string,
  password: string,
): Promise<boolean> {
  const client = await clientOf(dc);
  try {
    await client.bind(userPrincipalName, password);
    return true;
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return false;
    throw error;
  } finally {
    await client.unbind();
  }
}

async function asAdministrator<T>(
  dc: DomainController,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await clientOf(dc);
  try {
    await client.bind(dc.adminDN, dc.adminPassword);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

async function clientOf(dc: DomainController): Promise<Client> {
  return new Client({
    url: dc.url,
    tlsOptions: { ca: [await readFile(dc.caFile)], servername: 'dc1.corp.example' },
    timeout: 20_000,
    connectTimeout: 5_000,
  });
}

/**
 * Any change of a break-glass account (`protectedUsers` of a tenant), by anybody, is a warning event on the tenant and a
 * count: when the directory shows it, and once more with its author when the audit log tells (minutes later; of passwords
 * and roles only the log tells, within a quarter of an hour). The tenant's status remembers the accounts, so that what is changed while nobody looks (a restart, another leader) is told as well.
 */

import type { M365TenantStatus } from '../api/m365-tenant-status.ts';
import type { OutsideChange } from '../clients/graph/audit-port.ts';
import type { DirectoryView } from '../clients/graph/directory-view-port.ts';
import type { EntraUser } from '../clients/graph/port.ts';
import type { Cluster } from '../core/cluster.ts';
import { fingerprint } from '../core/hash.ts';
import type { M365Tenant } from '../core/objects.ts';
import type { EventRecorder } from '../core/ports.ts';

interface ProtectedAccountsOptions {
  readonly cluster: Pick<Cluster, 'list'>;
  readonly events: EventRecorder;
  readonly count: (labels: { readonly namespace: string; readonly tenant: string }) => void;
  /** Seen by several processes, it is told by one. */
  readonly isTold: (tenant: M365Tenant) => boolean;
}

type Directory = Pick<DirectoryView, 'isLoaded' | 'user' | 'userByPrincipalName' | 'groupsOf'>;
type Account = NonNullable<M365TenantStatus['protectedAccounts']>[number];

/** Named one by one: a field that a later version reads as well is no change of the account. */
const watched = [
  'userPrincipalName',
  'displayName',
  'givenName',
  'surname',
  'usageLocation',
  'jobTitle',
  'department',
  'companyName',
  'officeLocation',
  'mobilePhone',
  'businessPhones',
  'mail',
  'otherMails',
  'employeeId',
  'employeeType',
  'mailNickname',
  'passwordPolicies',
  'accountEnabled',
  'onPremisesImmutableId',
  'onPremisesSyncEnabled',
  'assignedLicenses',
  'managerId',
] as const satisfies readonly (keyof EntraUser)[];

/** As they stand now; of one that is gone the id is remembered. Names that nobody has are left out. */
export function protectedAccountsOf(
  { spec, status }: M365Tenant,
  view: Directory,
): M365TenantStatus['protectedAccounts'] {
  const accounts = (spec.protectedUsers ?? []).flatMap((account): Account[] => {
    const id = idOf(account, status, view);
    if (id === undefined) return [];
    const user = view.user(id);
    return [{ account, id, ...(user === undefined ? {} : { fingerprint: seen(user, view) }) }];
  });
  return accounts.length === 0 ? undefined : accounts;
}

/** The one that we know by this name stays the one that is meant, whatever it is called by now. */
function idOf(account: string, status: M365Tenant['status'], view: Directory): string | undefined {
  if (!account.includes('@')) return account;
  const id = known(account, status)?.id;
  if (id !== undefined && view.user(id) !== undefined) return id;
  return view.userByPrincipalName(account)?.id ?? id;
}

/** Also by a name that others have given it since. */
export function isProtected({ spec, status }: M365Tenant, id: string): boolean {
  return spec.protectedUsers?.some((account) => known(account, status)?.id === id) === true;
}

function known(account: string, status: M365Tenant['status']): Account | undefined {
  return status?.protectedAccounts?.find((one) => one.account === account);
}

function seen(user: EntraUser, view: Directory): string {
  const groups = view.groupsOf(user.id).map(({ id }) => id);
  const fields = watched.map((field) => user[field] ?? null);
  return fingerprint(JSON.stringify([fields, groups.toSorted()]));
}

export class ProtectedAccounts {
  readonly #options: ProtectedAccountsOptions;

  constructor(options: ProtectedAccountsOptions) {
    this.#options = options;
  }

  /** These users of the directory are others now. `isFirst`: all are new to us, and only what status tells is compared. */
  changed(
    tenantId: string,
    userIds: ReadonlySet<string>,
    { view, isFirst }: { readonly view: Directory; readonly isFirst: boolean },
  ): void {
    for (const tenant of this.#tenants(tenantId)) {
      const changed = (tenant.spec.protectedUsers ?? []).filter((account) =>
        isFirst
          ? isOtherThanKnown(known(account, tenant.status), view)
          : userIds.has(idOf(account, tenant.status, view) ?? ''),
      );
      if (changed.length === 0) continue;
      const note = `changed in Entra ID: ${changed.join(', ')}; the audit log tells who did it`;
      this.#tell(tenant, note.slice(0, 1_000), changed.length);
    }
  }

  /** The audit log tells who it was. */
  attributed(tenantId: string, { id, activity, author, at, fields }: OutsideChange): void {
    for (const tenant of this.#tenants(tenantId)) {
      const isListed = tenant.spec.protectedUsers?.includes(id) === true;
      if (!isListed && !isProtected(tenant, id)) continue;
      const what = fields.length === 0 ? activity : `${activity} (${fields.join(', ')})`;
      const who = author.type === 'User' ? author.name : `the application ${author.name}`;
      this.#tell(tenant, `one of protectedUsers: ${what} by ${who} at ${at}`.slice(0, 1_000), 1);
    }
  }

  #tenants(tenantId: string): readonly M365Tenant[] {
    return this.#options.cluster
      .list<M365Tenant>('M365Tenant')
      .filter((tenant) => tenant.status?.tenantId === tenantId && this.#options.isTold(tenant));
  }

  #tell(tenant: M365Tenant, note: string, accounts: number): void {
    const { namespace, name } = tenant.metadata;
    for (let n = 0; n < accounts; n += 1) this.#options.count({ namespace, tenant: name });
    const reason = 'ProtectedAccountChanged';
    this.#options.events.record(tenant, { type: 'Warning', reason, action: 'Compare', note });
  }
}

/** Nothing is said of a directory that was read in part. */
function isOtherThanKnown(before: Account | undefined, view: Directory): boolean {
  if (before === undefined || !view.isLoaded) return false;
  const user = view.user(before.id);
  return before.fingerprint !== (user === undefined ? undefined : seen(user, view));
}

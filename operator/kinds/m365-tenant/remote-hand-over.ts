/** What is read of both directories for a guided hand-over (hand-over.ts). */
import type { ActiveDirectory, AdAccount } from '../../clients/active-directory/port.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { isProtected } from '../protected-accounts.ts';
import type { ObservedHandOver, Protection } from './hand-over.ts';
import { pairAccounts } from './hand-over-pairs.ts';

interface Known {
  /** Another client knows nothing of what this one told, so it tells nothing of who is gone. */
  readonly directory: ActiveDirectory;
  readonly cookie: string;
  readonly accounts: Map<string, AdAccount>;
}

/** Accounts below the OUs of tenants that are being taken over: read once, then only what changed. */
export class HandOverAccounts {
  readonly #known = new Map<string, Known>();

  async read(
    { metadata }: M365Tenant,
    organizationalUnit: string,
    directory: ActiveDirectory,
    signal: AbortSignal,
  ): Promise<readonly AdAccount[]> {
    const last = this.#known.get(metadata.uid);
    const known = last?.directory === directory ? last : undefined;
    const changes = await directory.changedAccounts(organizationalUnit, known?.cookie, signal);
    const accounts = known?.accounts ?? new Map<string, AdAccount>();
    for (const account of changes.accounts) accounts.set(account.objectGuid, account);
    for (const guid of changes.deletedGuids) accounts.delete(guid);
    this.#known.set(metadata.uid, { directory, cookie: changes.cookie, accounts });
    return [...accounts.values()];
  }

  forget({ metadata }: M365Tenant): void {
    this.#known.delete(metadata.uid);
  }
}

export function observeHandOver(
  tenant: M365Tenant,
  accounts: readonly AdAccount[],
  view: DirectoryView,
): ObservedHandOver {
  const pairing = pairAccounts(accounts, [...view.users()]);
  const protection = new Map<string, Protection>();
  for (const { user } of pairing.matched) {
    if (isListed(tenant, user)) protection.set(user.id, 'ProtectedAccount');
    else if (view.isPrivileged(user.id)) protection.set(user.id, 'PrivilegedAccount');
  }
  return { pairing, protection };
}

function isListed(
  tenant: M365Tenant,
  { id, userPrincipalName }: { readonly id: string; readonly userPrincipalName: string },
): boolean {
  const name = userPrincipalName.toLowerCase();
  const listed = tenant.spec.protectedUsers?.some((entry) => entry.toLowerCase() === name);
  return listed === true || isProtected(tenant, id);
}

/**
 * The person's account in Active Directory, by the first line that finds one:
 *
 * | by                                                                    | where                     |
 * | --------------------------------------------------------------------- | ------------------------- |
 * | the GUID of our record                                                | below the customers OU    |
 * | our UID on the account: a create without an answer; one that came to a password | below the customers OU |
 * | nothing, where the account of our record was moved out                | out of the customers OU   |
 * | the anchor that the person has in Entra: another account with it would be a second person with one identity | below the tenant's OU |
 * | exactly the name                                                      | below the tenant's OU     |
 * | the mail, where Entra's account has no anchor, once a sync server handed over | below the tenant's OU |
 *
 * Never by a part of a name. Of the last three an account that is another person's is none, and is refused.
 */
import type { MatchKey } from '../../clients/active-directory/matching-port.ts';
import type { ActiveDirectory, AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { isBelow } from '../../core/distinguished-names.ts';
import { terminal } from '../../core/errors.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { nameInTenant } from './desired.ts';
import { writtenDirectory } from './directory-access.ts';
import { lastSeen, noteSeen } from './last-seen.ts';
import type { Look } from './look.ts';

export interface FoundInDirectory {
  readonly activeDirectory: AdAccount | undefined;
  /** Others moved it out of the customers OU: no second one is made beside it. */
  readonly isOutside: boolean;
}

export async function findAdAccount(look: Look): Promise<FoundInDirectory> {
  const { user, signal } = look;
  const directory = writtenDirectory(look);
  if (directory === undefined) return found(undefined);
  const { objectGuid } = user.status ?? {};
  const byGuid =
    objectGuid === undefined ? undefined : await recorded(directory, objectGuid, signal);
  if (byGuid !== undefined) return found(byGuid);
  const { byOwner, byName } = await directory.findPerson(
    { ownerUid: user.metadata.uid, userPrincipalName: user.spec.userPrincipalName },
    signal,
  );
  if (byOwner !== undefined) return found(isHalfMade(user, byOwner) ? undefined : byOwner);
  noteSeen(signal, 'none');
  if (objectGuid !== undefined && (await directory.isOutside(objectGuid, signal))) {
    return { activeDirectory: undefined, isOutside: true };
  }
  return found(await findOlder(look, directory, byName));
}

async function recorded(
  directory: ActiveDirectory,
  objectGuid: string,
  signal: AbortSignal,
): Promise<AdAccount | undefined> {
  const account = lastSeen(signal, objectGuid) ?? (await directory.getAccount(objectGuid, signal));
  if (account !== undefined) noteSeen(signal, account);
  return account;
}

/**
 * The create was stopped before the password, or before its end, which says whether that is to be changed: to be made once
 * more, which finishes it. It is there to be deleted, though.
 */
function isHalfMade({ metadata, status }: M365User, account: AdAccount): boolean {
  if (metadata.deletionTimestamp !== undefined || account.enabled) return false;
  const isUnfinished = status?.objectGuid === undefined && account.lastLogonMs === undefined;
  return isUnfinished || account.lacksPassword === true;
}

function found(activeDirectory: AdAccount | undefined): FoundInDirectory {
  return { activeDirectory, isOutside: false };
}

/** One that was there before the person was declared. */
async function findOlder(
  look: Look,
  activeDirectory: ActiveDirectory,
  named: readonly AdAccount[],
): Promise<AdAccount | undefined> {
  const isDeleting = look.user.metadata.deletionTimestamp !== undefined;
  const { anchor, mail } = isDeleting ? {} : keysOf(look);
  const byAnchor =
    anchor === undefined ? undefined : await findBy(look, activeDirectory, { anchor });
  const known = byAnchor ?? requireFree(look, named);
  if (known !== undefined || mail === undefined) return known;
  return findBy(look, activeDirectory, { mail });
}

function keysOf(look: Look): { readonly anchor?: string; readonly mail?: string } {
  const { user, access } = look;
  const entra = accountInEntra(look);
  const anchor = entra?.onPremisesImmutableId ?? user.status?.anchor;
  if (anchor !== undefined) return { anchor };
  const mail = entra?.mail;
  return mail !== undefined && wasHandedOver(access.tenant) ? { mail } : {};
}

/** From a sync server: who is who was told, and confirmed. */
export function wasHandedOver({ status }: M365Tenant): boolean {
  return status?.handOver?.done === true;
}

function accountInEntra({ user, access, view }: Look): EntraUser | undefined {
  const id = user.status?.entraId ?? user.spec.entraId;
  if (id !== undefined) return view.user(id);
  return view.userByPrincipalName(nameInTenant(user, access.tenant.status?.initialDomain));
}

async function findBy(
  { access, signal }: Look,
  activeDirectory: ActiveDirectory,
  key: MatchKey,
): Promise<AdAccount | undefined> {
  const { organizationalUnit } = access.tenant.status ?? {};
  if (organizationalUnit === undefined) return undefined;
  const found = await activeDirectory.findAccountsBy(organizationalUnit, key, signal);
  const what = 'anchor' in key ? 'the anchor' : 'the mail';
  const only = onlyOne(found, what);
  if (only?.ownerUid !== undefined) {
    throw terminal(`another person's account in Active Directory has ${what} of this one`, {
      reason: 'anchor' in key ? 'AnchorTaken' : 'MailTaken',
    });
  }
  return only;
}

function onlyOne(accounts: readonly AdAccount[], what: string): AdAccount | undefined {
  if (accounts.length <= 1) return accounts[0];
  throw terminal(
    `${accounts.length} accounts in Active Directory have ${what} of the person: take it from all but one`,
    { reason: 'AmbiguousMatch' },
  );
}

/** Terminal `NameTaken` where it is another's. */
function requireFree({ access }: Look, named: readonly AdAccount[]): AdAccount | undefined {
  const only = onlyOne(named, 'the userPrincipalName');
  if (only === undefined) return undefined;
  const { organizationalUnit } = access.tenant.status ?? {};
  const isInOurOU =
    organizationalUnit !== undefined && isBelow(only.distinguishedName, organizationalUnit);
  if (isInOurOU && only.ownerUid === undefined) return only;
  throw terminal('another account in Active Directory has this userPrincipalName', {
    reason: 'NameTaken',
  });
}

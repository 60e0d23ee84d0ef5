/** Finding objects, and refusing those that are not below the customers OU. */
import type { Entry, Filter } from 'ldapts';
import { terminal, wait } from '../../core/errors.ts';
import { domainScope, extendedDn } from './controls.ts';
import { accountAttributes, bytesOf, toAccount } from './entries.ts';
import type { AdAccount, FoundPerson, PersonKeys } from './port.ts';
import type { Session } from './session.ts';
import * as wire from './wire.ts';

/** The account of this GUID, wherever below the customers OU it is now. */
export function readAccount(
  session: Session,
  objectGuid: string,
  signal: AbortSignal,
): Promise<AdAccount | undefined> {
  return readAccountAt(session, wire.guidDn(objectGuid), signal);
}

export async function readAccountAt(
  session: Session,
  dn: string,
  signal: AbortSignal,
): Promise<AdAccount | undefined> {
  const entry = await session.read(
    {
      operation: 'ReadAccount',
      base: dn,
      filter: wire.equals('objectClass', 'user'),
      attributes: accountAttributes,
      controls: [extendedDn()],
    },
    signal,
  );
  if (entry === undefined) return undefined;
  const account = toAccount(entry, session.customersOU);
  return wire.isBelow(account.distinguishedName, session.customersOU) ? account : undefined;
}

/** It exists, and not below the customers OU: an account without the right to see it there is told no. */
export async function isOutside(
  session: Session,
  objectGuid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const base = wire.guidDn(objectGuid);
  const search = { operation: 'FindOutside', base, attributes: ['objectGUID'] };
  const entry = await session.read(search, signal);
  return entry !== undefined && !wire.isBelow(entry.dn, session.customersOU);
}

export async function findOwned(
  session: Session,
  ownerUid: string,
  signal: AbortSignal,
): Promise<AdAccount | undefined> {
  return onlyOne(await findPeople(session, isOwnedBy(ownerUid), signal));
}

export async function findPerson(
  session: Session,
  { ownerUid, userPrincipalName }: PersonKeys,
  signal: AbortSignal,
): Promise<FoundPerson> {
  const either = wire.anyOf(
    isOwnedBy(ownerUid),
    wire.equals('userPrincipalName', userPrincipalName),
  );
  const found = await findPeople(session, either, signal);
  const name = userPrincipalName.toLowerCase();
  return {
    byOwner: onlyOne(found.filter((account) => account.ownerUid === ownerUid)),
    byName: found.filter((account) => account.userPrincipalName?.toLowerCase() === name),
  };
}

function isOwnedBy(ownerUid: string): Filter {
  return wire.equals(wire.ownerAttribute, ownerUid);
}

async function findPeople(
  session: Session,
  filter: Filter,
  signal: AbortSignal,
): Promise<readonly AdAccount[]> {
  const entries = await session.search(
    {
      operation: 'FindAccount',
      base: session.customersOU,
      scope: 'sub',
      filter: wire.allOf(filter, wire.isPerson()),
      attributes: accountAttributes,
      controls: [extendedDn()],
    },
    signal,
  );
  return entries.map((entry) => toAccount(entry, session.customersOU));
}

function onlyOne(accounts: readonly AdAccount[]): AdAccount | undefined {
  if (accounts.length <= 1) return accounts[0];
  throw terminal(
    `${accounts.length} accounts in Active Directory fit one user: delete all but one`,
    { reason: 'AmbiguousMatch' },
  );
}

/** Anywhere in the domain, of any kind: logon names are unique in it. */
export async function isTaken(
  session: Session,
  attribute: 'sAMAccountName' | 'userPrincipalName',
  value: string,
  signal: AbortSignal,
): Promise<boolean> {
  const entries = await session.search(
    {
      operation: 'FindName',
      base: session.root.defaultNamingContext,
      scope: 'sub',
      filter: wire.equals(attribute, value),
      attributes: ['objectGUID'],
      controls: [domainScope()],
    },
    signal,
  );
  return entries.length > 0;
}

/** `member`: what a group may hold, an account or a group. */
export type Kind = 'user' | 'group' | 'member' | 'organizationalUnit';

/**
 * Before every write by GUID: undefined where the object is absent, of another kind, or outside the customers OU. Its
 * DN is in the server's own spelling.
 */
export async function locate(
  session: Session,
  kind: Kind,
  objectGuid: string,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  const entry = await session.read(
    {
      operation: 'Locate',
      base: wire.guidDn(objectGuid),
      filter: kind === 'member' ? wire.isAccountOrGroup() : wire.equals('objectClass', kind),
      attributes: ['userAccountControl', 'cn', 'sAMAccountName'],
    },
    signal,
  );
  return entry !== undefined && wire.isBelow(entry.dn, session.customersOU) ? entry : undefined;
}

/** A tenant reads its directories with each look: the next must not be long in coming. */
const missingLookMs = 60_000;

const words = { user: 'account', group: 'group', member: 'account or group' } as const;

/** As `locate`. Throws Wait `ObjectMissing`: the next look finds out what to do about it. */
export async function requireObject(
  session: Session,
  kind: Exclude<Kind, 'organizationalUnit'>,
  objectGuid: string,
  signal: AbortSignal,
): Promise<Entry> {
  const entry = await locate(session, kind, objectGuid, signal);
  if (entry !== undefined) return entry;
  throw wait(
    `the ${words[kind]} is gone from Active Directory, or was moved out of the customers OU`,
    { reason: 'ObjectMissing', delayMs: missingLookMs },
  );
}

export interface Unit {
  readonly dn: string;
  readonly guid: string;
}

/**
 * The customers OU or one below it. Throws Wait `OrganizationalUnitMissing` where it is absent, Terminal
 * `OutsideCustomersOU` where it is elsewhere.
 */
export async function requireUnit(
  session: Session,
  dn: string,
  signal: AbortSignal,
): Promise<Unit> {
  const search = { operation: 'ReadOrganizationalUnit', base: dn, attributes: ['objectGUID'] };
  const entry = await session.read(search, signal);
  const guid = entry === undefined ? undefined : bytesOf(entry, 'objectGUID');
  if (entry === undefined || guid === undefined) {
    throw wait(`the OU "${dn}" does not exist in Active Directory`, {
      reason: 'OrganizationalUnitMissing',
      delayMs: missingLookMs,
    });
  }
  const isOurs =
    wire.isBelow(entry.dn, session.customersOU) ||
    entry.dn.toLowerCase() === session.customersOU.toLowerCase();
  if (isOurs) return { dn: entry.dn, guid: wire.guidText(guid) };
  throw terminal(`the OU "${dn}" is not below the customers OU of the connection`, {
    reason: 'OutsideCustomersOU',
  });
}

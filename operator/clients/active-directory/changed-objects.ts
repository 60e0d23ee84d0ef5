/** What is read to tell what changed below an OU: accounts, groups with their members, and who is gone. */
import type { Entry } from 'ldapts';
import { domainScope, extendedDn, showDeleted } from './controls.ts';
import {
  accountAttributes,
  changedAtOf,
  requireGuidOf,
  requireText,
  textOf,
  textsOf,
  toAccount,
} from './entries.ts';
import type { AdGroupMembers, GroupScope } from './groups-port.ts';
import type { Unit } from './lookup.ts';
import type { AdAccount } from './port.ts';
import type { Session } from './session.ts';
import * as wire from './wire.ts';

/** The well-known container of deleted objects, by its fixed GUID (MS-ADTS 6.1.1.4). */
const deletedObjects = '18E2EA80684F11D2B9AA00C04F79F805';
const noSuchObject = 32;
const insufficientAccess = 50;

export interface ChangedAccount {
  readonly account: AdAccount;
  /** uSNChanged. */
  readonly usn: bigint;
}

export interface Group extends AdGroupMembers {
  /** uSNChanged. */
  readonly usn: bigint;
}

/** `from`: the least uSNChanged; undefined: all. */
export async function readAccounts(
  session: Session,
  unit: Unit,
  from: bigint | undefined,
  signal: AbortSignal,
): Promise<readonly ChangedAccount[]> {
  const entries = await session.search(
    {
      operation: 'ReadChanges',
      base: unit.dn,
      scope: 'sub',
      filter: wire.allOf(...changedSince(from), wire.isPerson()),
      attributes: accountAttributes,
      controls: [extendedDn()],
    },
    signal,
  );
  return entries.map((entry) => ({
    account: toAccount(entry, session.customersOU),
    usn: usnOf(entry),
  }));
}

/** Of accounts memberOf is a back-link: only the group shows that a member came or went. */
export async function readGroups(
  session: Session,
  unit: Unit,
  from: bigint | undefined,
  signal: AbortSignal,
): Promise<readonly Group[]> {
  const entries = await session.search(
    {
      operation: 'ReadChangedGroups',
      base: unit.dn,
      scope: 'sub',
      filter: wire.allOf(...changedSince(from), wire.equals('objectClass', 'group')),
      attributes: groupAttributes,
      controls: [extendedDn()],
    },
    signal,
  );
  return entries.map((entry) => toGroup(entry, unit));
}

const groupAttributes = ['objectGUID', 'uSNChanged', 'whenChanged', 'cn', 'groupType', 'member'];

/** Undefined: it is not below the OU any more. */
export async function readGroup(
  session: Session,
  unit: Unit,
  objectGuid: string,
  signal: AbortSignal,
): Promise<Group | undefined> {
  const entry = await session.read(
    {
      operation: 'ReadGroup',
      base: wire.guidDn(objectGuid),
      filter: wire.equals('objectClass', 'group'),
      attributes: groupAttributes,
      controls: [extendedDn()],
    },
    signal,
  );
  if (entry === undefined) return undefined;
  return wire.isBelow(wire.parseExtendedName(entry.dn).dn, unit.dn)
    ? toGroup(entry, unit)
    : undefined;
}

function toGroup(entry: Entry, unit: Unit): Group {
  const memberGuids = new Set<string>();
  const strangers = new Map<string, string>();
  for (const name of textsOf(entry, 'member')) {
    const { guid, dn } = wire.parseExtendedName(name);
    if (guid === undefined) continue;
    memberGuids.add(guid);
    if (!wire.isBelow(dn, unit.dn)) strangers.set(guid, dn);
  }
  return {
    objectGuid: requireGuidOf(entry),
    name: textOf(entry, 'cn') ?? '',
    isDirect: wire.isChildOf(wire.parseExtendedName(entry.dn).dn, unit.dn),
    scope: scopeOf(textOf(entry, 'groupType')),
    memberGuids,
    strangers,
    ...changedAtOf(entry),
    usn: usnOf(entry),
  };
}

/** ADS_GROUP_TYPE_ENUM: 4 is domain local, 8 universal. */
function scopeOf(groupType = ''): GroupScope {
  const type = Number(groupType);
  if ((type & 4) !== 0) return 'DomainLocal';
  return (type & 8) === 0 ? 'Global' : 'Universal';
}

/** Accounts and groups; none without a right of its own on the container, which tells nothing of it on every server. */
export async function readDeleted(
  session: Session,
  from: bigint,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const entries = await session.search(
    {
      operation: 'ReadDeleted',
      base: `<WKGUID=${deletedObjects},${session.root.defaultNamingContext}>`,
      scope: 'one',
      // Tombstones have lost objectCategory.
      filter: wire.allOf(...changedSince(from), wire.isAccountOrGroup()),
      attributes: ['objectGUID'],
      // To an account without the right the container is not there, or is closed.
      accept: [noSuchObject, insufficientAccess],
      controls: [showDeleted()],
    },
    signal,
  );
  return entries.map(requireGuidOf);
}

/** Accounts of ours that changed and are not below the OU (any more): a move is a change. */
export async function readElsewhere(
  session: Session,
  unit: Unit,
  from: bigint,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const entries = await session.search(
    {
      operation: 'ReadMoved',
      base: session.root.defaultNamingContext,
      scope: 'sub',
      filter: wire.allOf(
        ...changedSince(from),
        wire.isPresent(wire.ownerAttribute),
        wire.isPerson(),
      ),
      attributes: ['objectGUID'],
      controls: [domainScope()],
    },
    signal,
  );
  return entries.filter(({ dn }) => !wire.isBelow(dn, unit.dn)).map(requireGuidOf);
}

/** GUIDs of all accounts and groups below the OU. */
export async function readPresent(
  session: Session,
  unit: Unit,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const entries = await session.search(
    {
      operation: 'ReadPresent',
      base: unit.dn,
      scope: 'sub',
      filter: wire.isAccountOrGroup(),
      attributes: ['objectGUID'],
    },
    signal,
  );
  return new Set(entries.map(requireGuidOf));
}

function changedSince(from: bigint | undefined) {
  return from === undefined ? [] : [wire.atLeast('uSNChanged', from)];
}

function usnOf(entry: Entry): bigint {
  return BigInt(requireText(entry, 'uSNChanged'));
}

/** What is read to tell what changed below an OU: accounts, groups with their members, and who is gone. */
import type { Entry } from 'ldapts';
import { domainScope, extendedDn, showDeleted } from './controls.ts';
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

export interface Group {
  readonly objectGuid: string;
  readonly name: string;
  /** GUIDs of all direct members, of whatever kind. */
  readonly memberGuids: ReadonlySet<string>;
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
      filter: wire.allOf(wire.isPerson(), ...changedSince(from)),
      attributes: wire.accountAttributes,
      controls: [extendedDn()],
    },
    signal,
  );
  return entries.map((entry) => ({
    account: wire.toAccount(entry, session.customersOU),
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
      filter: wire.allOf(wire.equals('objectClass', 'group'), ...changedSince(from)),
      attributes: ['objectGUID', 'uSNChanged', 'cn', 'member'],
      controls: [extendedDn()],
    },
    signal,
  );
  return entries.map((entry) => ({
    objectGuid: wire.requireGuidOf(entry),
    name: wire.textOf(entry, 'cn') ?? '',
    memberGuids: new Set(
      wire.textsOf(entry, 'member').flatMap((name) => wire.parseExtendedName(name).guid ?? []),
    ),
    usn: usnOf(entry),
  }));
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
      filter: wire.allOf(isAccountOrGroup(), ...changedSince(from)),
      attributes: ['objectGUID'],
      // To an account without the right the container is not there, or is closed.
      accept: [noSuchObject, insufficientAccess],
      controls: [showDeleted()],
    },
    signal,
  );
  return entries.map(wire.requireGuidOf);
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
        wire.isPerson(),
        wire.isPresent(wire.ownerAttribute),
        ...changedSince(from),
      ),
      attributes: ['objectGUID'],
      controls: [domainScope()],
    },
    signal,
  );
  return entries.filter(({ dn }) => !wire.isBelow(dn, unit.dn)).map(wire.requireGuidOf);
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
      filter: isAccountOrGroup(),
      attributes: ['objectGUID'],
    },
    signal,
  );
  return new Set(entries.map(wire.requireGuidOf));
}

function isAccountOrGroup() {
  return wire.anyOf(wire.equals('objectClass', 'user'), wire.equals('objectClass', 'group'));
}

function changedSince(from: bigint | undefined) {
  return from === undefined ? [] : [wire.atLeast('uSNChanged', from)];
}

function usnOf(entry: Entry): bigint {
  return BigInt(wire.requireText(entry, 'uSNChanged'));
}

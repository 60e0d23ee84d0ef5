/**
 * What changed below an OU, by uSNChanged. Update sequence numbers belong to one database of one controller, so a
 * cookie names both; with another one, or for an OU that this client has not read yet, everything is read.
 * Source: MicrosoftDocs/win32, polling-for-changes-using-usnchanged (2025).
 */
import * as z from 'zod';
import { parseJson } from '../http.ts';
import { domainScope, extendedDn, showDeleted } from './controls.ts';
import { requireUnit, type Unit } from './lookup.ts';
import type { AdChanges } from './port.ts';
import { readRoot } from './root.ts';
import type { Search, Session } from './session.ts';
import * as wire from './wire.ts';

const Cookie = z.object({
  /** dnsHostName of the controller. */
  controller: z.string(),
  /** GUID of its database: another one after a restore from backup. */
  invocationId: z.string(),
  /** objectGUID of the OU. */
  unit: z.string(),
  /** Everything up to this number was read. */
  usn: z.string().regex(/^\d+$/),
});
type Cookie = z.infer<typeof Cookie>;

/** The well-known container of deleted objects, by its fixed GUID (MS-ADTS 6.1.1.4). */
const deletedObjects = '18E2EA80684F11D2B9AA00C04F79F805';
const noSuchObject = 32;
const insufficientAccess = 50;

export class ChangeTracker {
  /** By objectGUID of the OU: GUIDs of the accounts seen below it, to tell which of them left. */
  readonly #known = new Map<string, Set<string>>();

  /**
   * Deletes are seen in the container of deleted objects, which a service account reads only with a right of its own;
   * without it they show at the next full read.
   */
  async changes(
    session: Session,
    organizationalUnit: string,
    given: string | undefined,
    signal: AbortSignal,
  ): Promise<AdChanges> {
    const unit = await requireUnit(session, organizationalUnit, signal);
    // Read before the query: what changes during it is read twice, never lost.
    const { dnsHostName, highestCommittedUsn } = await readRoot(session, signal);
    const current: Cookie = {
      controller: dnsHostName,
      invocationId: await readInvocationId(session, signal),
      unit: unit.guid,
      usn: String(highestCommittedUsn),
    };
    const known = this.#known.get(unit.guid);
    const last = parseCookie(given);
    const isDelta = known !== undefined && last !== undefined && isSameDatabase(last, current);
    const changes = isDelta
      ? await readDelta(session, { unit, known, from: BigInt(last.usn) + 1n }, signal)
      : await this.#readAll(session, unit, signal);
    return { ...changes, cookie: Buffer.from(JSON.stringify(current)).toString('base64url') };
  }

  async #readAll(session: Session, unit: Unit, signal: AbortSignal): Promise<Found> {
    const entries = await session.search(accountsBelow(unit), signal);
    const accounts = entries.map((entry) => wire.toAccount(entry, session.customersOU));
    const present = new Set(accounts.map(({ objectGuid }) => objectGuid));
    const before = this.#known.get(unit.guid) ?? new Set<string>();
    this.#known.set(unit.guid, present);
    return { accounts, deletedGuids: [...before].filter((guid) => !present.has(guid)) };
  }
}

type Found = Omit<AdChanges, 'cookie'>;

interface Delta {
  readonly unit: Unit;
  readonly known: Set<string>;
  readonly from: bigint;
}

async function readDelta(
  session: Session,
  { unit, known, from }: Delta,
  signal: AbortSignal,
): Promise<Found> {
  const entries = await session.search(accountsBelow(unit, from), signal);
  const accounts = entries.map((entry) => wire.toAccount(entry, session.customersOU));
  const gone = [
    ...(await readDeleted(session, from, signal)),
    ...(await readElsewhere(session, { unit, from }, signal)),
  ];
  const present = new Set(accounts.map(({ objectGuid }) => objectGuid));
  const deletedGuids = [...new Set(gone)].filter((guid) => known.has(guid) && !present.has(guid));
  for (const guid of present) known.add(guid);
  for (const guid of deletedGuids) known.delete(guid);
  return { accounts, deletedGuids };
}

function accountsBelow(unit: Unit, from?: bigint): Search {
  return {
    operation: 'ReadChanges',
    base: unit.dn,
    scope: 'sub',
    filter:
      from === undefined
        ? wire.isPerson()
        : wire.allOf(wire.isPerson(), wire.atLeast('uSNChanged', from)),
    attributes: wire.accountAttributes,
    controls: [extendedDn()],
  };
}

async function readDeleted(
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
      filter: wire.allOf(wire.equals('objectClass', 'user'), wire.atLeast('uSNChanged', from)),
      attributes: ['objectGUID'],
      // To an account without the right the container is not there, or is closed.
      accept: [noSuchObject, insufficientAccess],
      controls: [showDeleted()],
    },
    signal,
  );
  return entries.flatMap((entry) => guidsOf(wire.bytesOf(entry, 'objectGUID')));
}

/** Accounts of ours that changed and are not below the OU (any more): a move is a change. */
async function readElsewhere(
  session: Session,
  { unit, from }: Omit<Delta, 'known'>,
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
        wire.atLeast('uSNChanged', from),
      ),
      attributes: ['objectGUID'],
      controls: [domainScope()],
    },
    signal,
  );
  return entries
    .filter(({ dn }) => !wire.isBelow(dn, unit.dn))
    .flatMap((entry) => guidsOf(wire.bytesOf(entry, 'objectGUID')));
}

function guidsOf(bytes: Buffer | undefined): string[] {
  return bytes === undefined ? [] : [wire.guidText(bytes)];
}

/** Empty where the service account may not read the configuration: the host name is then all that tells. */
async function readInvocationId(session: Session, signal: AbortSignal): Promise<string> {
  const base = session.root.dsServiceName;
  const search = { operation: 'ReadInvocationId', base, attributes: ['invocationId'] };
  const entry = await session.read(search, signal);
  const bytes = entry === undefined ? undefined : wire.bytesOf(entry, 'invocationId');
  return bytes === undefined ? '' : wire.guidText(bytes);
}

/** Undefined for what this version did not write. */
function parseCookie(given: string | undefined): Cookie | undefined {
  if (given === undefined) return undefined;
  return Cookie.safeParse(parseJson(Buffer.from(given, 'base64url').toString('utf8'))).data;
}

function isSameDatabase(last: Cookie, current: Cookie): boolean {
  return (
    last.controller === current.controller &&
    last.invocationId === current.invocationId &&
    last.unit === current.unit &&
    BigInt(last.usn) <= BigInt(current.usn)
  );
}

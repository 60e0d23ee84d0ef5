/**
 * What changed below an OU, by uSNChanged. Update sequence numbers belong to one database of one controller, so a
 * cookie names both; with another one, or for an OU that this client has not read yet, everything is read.
 * Source: MicrosoftDocs/win32, polling-for-changes-using-usnchanged (2025).
 */
import * as z from 'zod';
import { parseJson } from '../http.ts';
import {
  type ChangedAccount,
  type Group,
  readAccounts,
  readDeleted,
  readElsewhere,
  readGroup,
  readGroups,
  readPresent,
} from './changed-objects.ts';
import { bytesOf } from './entries.ts';
import type { AdInventory } from './groups-port.ts';
import { requireUnit, type Unit } from './lookup.ts';
import type { AdChanges } from './port.ts';
import { type RootFacts, readRoot } from './root.ts';
import type { Session } from './session.ts';
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
type Place = Omit<Cookie, 'unit'>;

/** Who cannot be seen as deleted or moved away is missed by a list of all that is there. */
const listEveryMs = 10 * 60_000;

interface Known extends AdInventory {
  /** The DN by which it was asked for. */
  readonly name: string;
  readonly at: Place;
  /** All who were ever there: of them every change elsewhere is told, as another look may have brought them back and away. */
  readonly seen: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, Group>;
  /** When all that is there was listed, and how far the controller was then. */
  readonly listed: { readonly atMs: number; readonly usn: string };
}

interface Found {
  readonly changes: Omit<AdChanges, 'cookie' | 'inventory'>;
  readonly known: Omit<Known, 'name' | 'at'>;
}

interface Delta {
  readonly unit: Unit;
  readonly known: Known;
  readonly at: Place;
  /** uSNChanged of what was read last. */
  readonly since: string;
}

interface Suspects {
  readonly unit: Unit;
  readonly groups: ReadonlyMap<string, Group>;
  /** Who was deleted or moved away. */
  readonly gone: ReadonlySet<string>;
  readonly accounts: readonly ChangedAccount[];
}

const nothing = { accounts: [], deletedGuids: [] };

export class ChangeTracker {
  readonly #nowMs: () => number;
  /** By objectGUID of the OU. */
  readonly #known = new Map<string, Known>();
  /** invocationId. */
  readonly #databases = new WeakMap<Session, string>();
  /** Groups that were written, by objectGUID: a change that was none leaves no trace to read. */
  readonly #written = new Set<string>();
  /** Where the client's reading began; null: on several controllers. */
  #start: Pick<RootFacts, 'dnsHostName' | 'highestCommittedUsn'> | null | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** To be told of every session before anything is read on it. */
  begin({ root }: Pick<Session, 'root'>): void {
    if (this.#start === undefined) this.#start = root;
    else if (this.#start?.dnsHostName !== root.dnsHostName) this.#start = null;
  }

  /** To be told of a group before its members are written: the next look reads it, whatever comes of it. */
  written(groupGuid: string): void {
    this.#written.add(groupGuid);
  }

  /** Where nothing at all changed on the controller, one read tells so. */
  async changes(
    session: Session,
    organizationalUnit: string,
    given: string | undefined,
    signal: AbortSignal,
  ): Promise<AdChanges> {
    // Read before the queries: what changes during them is read twice, never lost.
    const { dnsHostName, highestCommittedUsn } = await readRoot(session, signal);
    const at: Place = {
      controller: dnsHostName,
      invocationId: await this.#database(session, signal),
      usn: String(highestCommittedUsn),
    };
    const last = parseCookie(given);
    const untouched = this.#untouched(organizationalUnit, last, at);
    if (given !== undefined && untouched !== undefined) {
      return { ...nothing, inventory: inventoryOf(untouched), cookie: given };
    }
    const unit = await requireUnit(session, organizationalUnit, signal);
    const known = this.#known.get(unit.guid);
    const isDelta = last?.unit === unit.guid && isSameDatabase(last, at);
    const { changes, known: now } =
      isDelta && known !== undefined
        ? await this.#readDelta(session, { unit, known, at, since: last.usn }, signal)
        : await this.#readAll(session, { unit, at, isFirst: given === undefined }, signal);
    this.#known.set(unit.guid, { ...now, name: organizationalUnit, at });
    const cookie: Cookie = { ...at, unit: unit.guid };
    return {
      ...changes,
      inventory: inventoryOf(now),
      cookie: Buffer.from(JSON.stringify(cookie)).toString('base64url'),
    };
  }

  /** What is known, where nothing changed since. */
  #untouched(name: string, last: Cookie | undefined, at: Place): Known | undefined {
    if (last === undefined || last.usn !== at.usn || !isSameDatabase(last, at)) return undefined;
    const known = this.#known.get(last.unit);
    if (known?.name !== name || this.#isListDue(known, at)) return undefined;
    return [...this.#written].some((guid) => known.groups.has(guid)) ? undefined : known;
  }

  #isListDue({ listed }: Known, { usn }: Place): boolean {
    return listed.usn !== usn && this.#nowMs() - listed.atMs >= listEveryMs;
  }

  async #readAll(
    session: Session,
    { unit, at, isFirst }: { readonly unit: Unit; readonly at: Place; readonly isFirst: boolean },
    signal: AbortSignal,
  ): Promise<Found> {
    const accounts = await readAccounts(session, unit, undefined, signal);
    const groups = byGuid(await readGroups(session, unit, undefined, signal));
    for (const guid of groups.keys()) this.#written.delete(guid);
    const before = this.#known.get(unit.guid);
    const present = new Set(accounts.map(guidOf));
    const seen = present.union(before?.seen ?? new Set<string>());
    const reference = isFirst ? this.#referenceOf(before, at, groups) : undefined;
    return {
      changes: {
        accounts: accounts.map(({ account }) => account),
        deletedGuids: [...seen.difference(present)],
        regroupedGuids: before === undefined ? [] : regrouped(before.groups, groups),
        unchangedGuids: new Set(
          accounts.filter(({ usn }) => reference !== undefined && usn <= reference).map(guidOf),
        ),
      },
      known: {
        accounts: namesOf(accounts),
        seen,
        groups,
        listed: { atMs: this.#nowMs(), usn: at.usn },
      },
    };
  }

  /** Up to which number nothing is new to the client: what it read since then, it read as it is. */
  #referenceOf(
    before: Known | undefined,
    at: Place,
    groups: ReadonlyMap<string, Group>,
  ): bigint | undefined {
    if (before !== undefined) {
      return isSameDatabase(before.at, at) ? BigInt(before.at.usn) : undefined;
    }
    if (this.#start?.dnsHostName !== at.controller) return undefined;
    const { highestCommittedUsn } = this.#start;
    // Who left a group since then cannot be told.
    const isRegrouped = [...groups.values()].some(({ usn }) => usn > highestCommittedUsn);
    return isRegrouped ? undefined : highestCommittedUsn;
  }

  async #readDelta(
    session: Session,
    { unit, known, at, since }: Delta,
    signal: AbortSignal,
  ): Promise<Found> {
    const from = BigInt(since) + 1n;
    const accounts = await readAccounts(session, unit, from, signal);
    const changedGroups = byGuid(await readGroups(session, unit, from, signal));
    const gone = new Set([
      ...(await readDeleted(session, from, signal)),
      ...(await readElsewhere(session, unit, from, signal)),
    ]);
    const isListDue = this.#isListDue(known, at);
    if (isListDue) {
      const present = await readPresent(session, unit, signal);
      for (const guid of [...known.accounts.keys(), ...known.groups.keys()]) {
        if (!present.has(guid)) gone.add(guid);
      }
    }
    const changed = new Set(accounts.map(guidOf));
    const isGone = (guid: string): boolean => gone.has(guid) && !changed.has(guid);
    const staying = new Map([...known.groups].filter(([guid]) => !gone.has(guid)));
    for (const guid of changedGroups.keys()) this.#written.delete(guid);
    const groups = new Map([
      ...(await this.#readSuspects(
        session,
        { unit, groups: staying, gone, accounts },
        changedGroups,
        signal,
      )),
      ...changedGroups,
    ]);
    return {
      changes: {
        accounts: accounts.map(({ account }) => account),
        deletedGuids: [...known.seen].filter(isGone),
        regroupedGuids: regrouped(known.groups, groups),
        unchangedGuids: new Set(),
      },
      known: {
        accounts: new Map([
          ...[...known.accounts].filter(([guid]) => !isGone(guid)),
          ...namesOf(accounts),
        ]),
        seen: known.seen.union(changed),
        groups,
        listed: isListDue ? { atMs: this.#nowMs(), usn: at.usn } : known.listed,
      },
    };
  }

  /**
   * A group does not change when a member is deleted or moved: it loses it, or knows it by another name. Who was brought
   * back since then knows that it is in no group.
   */
  async #readSuspects(
    session: Session,
    { unit, groups, gone, accounts }: Suspects,
    changed: ReadonlyMap<string, Group>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Group>> {
    const read = new Map(groups);
    for (const [guid, { memberGuids }] of groups) {
      const hasLeft = ({ account }: ChangedAccount): boolean =>
        memberGuids.has(account.objectGuid) && !account.groupGuids.includes(guid);
      const isSuspect =
        this.#written.has(guid) || !memberGuids.isDisjointFrom(gone) || accounts.some(hasLeft);
      if (!isSuspect || changed.has(guid)) continue;
      const group = await readGroup(session, unit, guid, signal);
      if (group === undefined) read.delete(guid);
      else read.set(guid, group);
      this.#written.delete(guid);
    }
    return read;
  }

  /** Empty where the service account may not read the configuration: the host name is then all that tells. */
  async #database(session: Session, signal: AbortSignal): Promise<string> {
    const read = this.#databases.get(session);
    if (read !== undefined) return read;
    const base = session.root.dsServiceName;
    const search = { operation: 'ReadInvocationId', base, attributes: ['invocationId'] };
    const entry = await session.read(search, signal);
    const bytes = entry === undefined ? undefined : bytesOf(entry, 'invocationId');
    const database = bytes === undefined ? '' : wire.guidText(bytes);
    this.#databases.set(session, database);
    return database;
  }
}

function guidOf({ account }: ChangedAccount): string {
  return account.objectGuid;
}

function inventoryOf({ accounts, groups }: AdInventory): AdInventory {
  return { accounts, groups };
}

function namesOf(accounts: readonly ChangedAccount[]): AdInventory['accounts'] {
  return new Map(
    accounts.map(({ account }) => [account.objectGuid, account.userPrincipalName] as const),
  );
}

function byGuid(groups: readonly Group[]): ReadonlyMap<string, Group> {
  return new Map(groups.map((group) => [group.objectGuid, group]));
}

/** Who came or went; everybody in a group that has another name, or that came or went itself. */
function regrouped(
  before: ReadonlyMap<string, Group>,
  after: ReadonlyMap<string, Group>,
): readonly string[] {
  const guids = new Set([...before.keys(), ...after.keys()]);
  const found = [...guids].flatMap((guid) => [...affected(before.get(guid), after.get(guid))]);
  return [...new Set(found)];
}

function affected(old: Group | undefined, now: Group | undefined): ReadonlySet<string> {
  if (old === now) return noMembers;
  const [left, right] = [old?.memberGuids ?? noMembers, now?.memberGuids ?? noMembers];
  return old?.name === now?.name ? left.symmetricDifference(right) : left.union(right);
}

const noMembers: ReadonlySet<string> = new Set();

/** Undefined for what this version did not write. */
function parseCookie(given: string | undefined): Cookie | undefined {
  if (given === undefined) return undefined;
  return Cookie.safeParse(parseJson(Buffer.from(given, 'base64url').toString('utf8'))).data;
}

function isSameDatabase(last: Place, current: Place): boolean {
  return (
    last.controller === current.controller &&
    last.invocationId === current.invocationId &&
    BigInt(last.usn) <= BigInt(current.usn)
  );
}

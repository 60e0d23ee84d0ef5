/** Between the port's types and what LDAP carries: GUIDs, names, filters, entries. Pure. */
import {
  AndFilter,
  Attribute,
  Change,
  DN,
  type Entry,
  EqualityFilter,
  type Filter,
  GreaterThanEqualsFilter,
  OrFilter,
  PresenceFilter,
} from 'ldapts';
import { terminal, wait } from '../../core/errors.ts';
import type { AdAccount } from './port.ts';

/** Single-valued, indexed, and there without Exchange's schema (active-directory.md B10). */
export const ownerAttribute = 'msDS-cloudExtensionAttribute1';

/** ldapts compares these letter by letter with the server's spelling; else it guesses by the bytes (B1). */
export const binaryAttributes = [
  'objectGUID',
  'mS-DS-ConsistencyGuid',
  'invocationId',
  'objectSid',
  'nTSecurityDescriptor',
];

const accountDisabled = 2;
const passwordNotRequired = 32;
const normalAccount = 512;
/** userAccountControl of an account that may not sign in yet. */
export const disabledAccount = normalAccount | accountDisabled;

/** The first three groups of the text are little-endian in the bytes. */
export function guidText(bytes: Buffer): string {
  const hex = swapped(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function guidBytes(guid: string): Buffer {
  return swapped(Buffer.from(requireGuid(guid).replaceAll('-', ''), 'hex'));
}

function swapped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.subarray(0, 4).reverse();
  copy.subarray(4, 6).reverse();
  copy.subarray(6, 8).reverse();
  return copy;
}

/** The name of an object that no rename or move changes. */
export function guidDn(guid: string): string {
  return `<GUID=${requireGuid(guid)}>`;
}

function requireGuid(guid: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(guid)) return guid.toLowerCase();
  throw terminal(`"${guid}" is no objectGUID`, { reason: 'InvalidName' });
}

export function childDn(type: 'CN' | 'OU', name: string, parent: string): string {
  return `${new DN().addPairRDN(type, name).toString()},${parent}`;
}

/** `CN=` with nothing in it that is syntax to anybody: ldapts cuts a new DN apart with a simple expression (B1). */
export function relativeName(commonName: string): string {
  const escaped = commonName.replaceAll(
    /^ | $|[,+"\\<>;=#\p{Cc}]/gu,
    (sign) => `\\${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `CN=${escaped}`;
}

/** Both in the server's own spelling. */
export function isChildOf(dn: string, parent: string): boolean {
  const [, rest = ''] = /^(?:\\.|[^\\,])*,(.*)$/s.exec(dn) ?? [];
  return rest.toLowerCase() === parent.toLowerCase();
}

/** Both in the server's own spelling: only then may DNs be compared. The OU itself is not below it. */
export function isBelow(dn: string, organizationalUnit: string): boolean {
  return dn.toLowerCase().endsWith(`,${organizationalUnit.toLowerCase()}`);
}

export interface ExtendedName {
  readonly guid: string | undefined;
  readonly dn: string;
}

/** Of what the extended DN control makes of a DN. */
export function parseExtendedName(text: string): ExtendedName {
  const match = /^<GUID=([^>]+)>;(?:<SID=[^>]+>;)?(.*)$/s.exec(text);
  return { guid: match?.[1]?.toLowerCase(), dn: match?.[2] ?? text };
}

/** Values go out as they are, so that nothing in them can become syntax. */
export function equals(attribute: string, value: string | Buffer): Filter {
  return new EqualityFilter({ attribute, value });
}

export function atLeast(attribute: string, value: bigint): Filter {
  return new GreaterThanEqualsFilter({ attribute, value: String(value) });
}

export function isPresent(attribute: string): Filter {
  return new PresenceFilter({ attribute });
}

export function anyOf(...filters: readonly Filter[]): Filter {
  return new OrFilter({ filters: [...filters] });
}

/** What leaves the fewest stands first: Samba reads the whole index of each one that it meets before. */
export function allOf(...filters: readonly Filter[]): Filter {
  return new AndFilter({ filters: [...filters] });
}

/** People: no computers, no contacts. */
export function isPerson(): Filter {
  return allOf(equals('objectCategory', 'person'), equals('objectClass', 'user'));
}

/** Computers are accounts too. */
export function isAccountOrGroup(): Filter {
  return anyOf(equals('objectClass', 'user'), equals('objectClass', 'group'));
}

export function attribute(type: string, ...values: readonly string[]): Attribute {
  return new Attribute({ type, values: [...values] });
}

export function replaceAnchor(anchor: string): Change {
  return new Change({ operation: 'replace', modification: anchorAttribute(anchor) });
}

/** What base64 does not say is nobody's anchor: Terminal `InvalidAnchor`. */
export function anchorAttribute(anchor: string): Attribute {
  const bytes = Buffer.from(anchor, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== anchor) {
    throw terminal(
      'onPremisesImmutableId in Entra ID is not base64: no account in Active Directory can have it',
      { reason: 'InvalidAnchor' },
    );
  }
  return new Attribute({ type: 'mS-DS-ConsistencyGuid', values: [bytes] });
}

/** No values: cleared, also where it is unset. */
export function replace(type: string, ...values: readonly string[]): Change {
  return new Change({ operation: 'replace', modification: attribute(type, ...values) });
}

export function replaceBytes(type: string, value: Buffer): Change {
  const modification = new Attribute({ type, values: [value] });
  return new Change({ operation: 'replace', modification });
}

export function addition(type: string, value: string): Change {
  return new Change({ operation: 'add', modification: attribute(type, value) });
}

export function removal(type: string, value: string): Change {
  return new Change({ operation: 'delete', modification: attribute(type, value) });
}

/** A reset: no old password, no history. Windows takes it in a modify over TLS only (KB 269190). */
export function replacePassword(password: string): Change {
  const value = Buffer.from(`"${password}"`, 'utf16le');
  const modification = new Attribute({ type: 'unicodePwd', values: [value] });
  return new Change({ operation: 'replace', modification });
}

export function textOf(entry: Entry, name: string): string | undefined {
  const value = entry[name];
  return typeof value === 'string' ? value : undefined;
}

export function textsOf(entry: Entry, name: string): readonly string[] {
  const value = entry[name];
  if (value === undefined) return [];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((item) => typeof item === 'string');
}

export function bytesOf(entry: Entry, name: string): Buffer | undefined {
  const value = entry[name];
  return Buffer.isBuffer(value) ? value : undefined;
}

/** An attribute of which the server gave only a part: `member;range=0-1499` (B9, MaxValRange). */
export function openRange(entry: Entry): { attribute: string; next: number } | undefined {
  for (const key of Object.keys(entry)) {
    const match = /^(.+);range=\d+-(\d+)$/i.exec(key);
    if (match?.[1] !== undefined) return { attribute: match[1], next: Number(match[2]) + 1 };
  }
  return undefined;
}

/** Puts the parts of an attribute together under its plain name; the part ends with `*` when it is the last. */
export function joinRange(entry: Entry, name: string, part: Entry): Entry {
  const prefix = `${name.toLowerCase()};range=`;
  const joined: Entry = { dn: entry.dn };
  const values: string[] = [];
  for (const [key, value] of Object.entries(entry)) {
    if (key.toLowerCase().startsWith(prefix)) values.push(...textsOf(entry, key));
    else if (key.toLowerCase() === name.toLowerCase()) values.push(...textsOf(entry, key));
    else joined[key] = value;
  }
  let key = name;
  for (const partKey of Object.keys(part)) {
    if (!partKey.toLowerCase().startsWith(prefix)) continue;
    values.push(...textsOf(part, partKey));
    if (!partKey.endsWith('-*')) key = partKey;
  }
  joined[key] = values;
  return joined;
}

/** userAccountControl with and without the right to sign in; every other bit stays. */
export function withEnabled(userAccountControl: number, enabled: boolean): number {
  return enabled ? userAccountControl & ~accountDisabled : userAccountControl | accountDisabled;
}

/** Of an account that may be used: never with a blank password, which 32 (PASSWD_NOTREQD) would allow. */
export function finishedAccount(userAccountControl: number): number {
  return (withEnabled(userAccountControl, true) | normalAccount) & ~passwordNotRequired;
}

export function userAccountControlOf(entry: Entry): number {
  return Number(requireText(entry, 'userAccountControl'));
}

/** All that a person may hold: the port's `attributes` are whatever a manifest names. */
export const accountAttributes = ['*', 'memberOf'];

/** In lower case: these have a field of their own in AdAccount, or are no attribute. */
const ownFields: ReadonlySet<string> = new Set([
  'dn',
  'distinguishedname',
  'userprincipalname',
  'samaccountname',
  'useraccountcontrol',
  'memberof',
  'manager',
  'objectclass',
  'objectcategory',
  ownerAttribute.toLowerCase(),
]);

/** The server writes these by itself, at every logon for one: they would make each read another one. */
const systemFields =
  /^(usn(changed|created)|when(changed|created)|last(logon|logoff|logontimestamp)|badp.*|logoncount|pwdlastset|instancetype|samaccounttype|dscorepropagationdata)$/i;

/** `entry` was read with the extended DN control; `customersOU` is in the server's spelling. */
export function toAccount(entry: Entry, customersOU: string): AdAccount {
  const objectGuid = requireBytes(entry, 'objectGUID');
  const logons = ['lastLogon', 'lastLogonTimestamp'].map((name) => millisecondsOf(entry, name));
  const lastLogonMs = Math.max(...logons);
  const groups = textsOf(entry, 'memberOf').map(parseExtendedName);
  const manager = textOf(entry, 'manager');
  const groupGuids = groups.flatMap(({ guid, dn }) =>
    guid !== undefined && isBelow(dn, customersOU) ? [guid] : [],
  );
  return {
    objectGuid: guidText(objectGuid),
    distinguishedName: parseExtendedName(entry.dn).dn,
    userPrincipalName: textOf(entry, 'userPrincipalName'),
    samAccountName: requireText(entry, 'sAMAccountName'),
    enabled: (userAccountControlOf(entry) & accountDisabled) === 0,
    ...(lacksPassword(entry) ? { lacksPassword: true as const } : {}),
    ...changedAtOf(entry),
    anchor: (bytesOf(entry, 'mS-DS-ConsistencyGuid') ?? objectGuid).toString('base64'),
    ownerUid: textOf(entry, ownerAttribute),
    attributes: managedAttributes(entry),
    groupGuids: groupGuids.sort(),
    managerGuid: manager === undefined ? undefined : parseExtendedName(manager).guid,
    lastLogonMs: lastLogonMs > 0 ? lastLogonMs : undefined,
  };
}

/** From 1601, in steps of 100 ns, to the Unix epoch: what Windows calls a FILETIME. */
const unixEpoch = 11_644_473_600_000n;

/** 0: never. */
function millisecondsOf(entry: Entry, name: string): number {
  const value = textOf(entry, name);
  if (value === undefined || !/^[1-9]\d*$/.test(value)) return 0;
  return Math.max(0, Number(BigInt(value) / 10_000n - unixEpoch));
}

/** 0 also where the first one is to be changed. */
function lacksPassword(entry: Entry): boolean {
  const isOptional = (userAccountControlOf(entry) & passwordNotRequired) !== 0;
  return isOptional || textOf(entry, 'pwdLastSet') === '0';
}

/** Generalized time, to the second: `20261128120000.0Z`. */
export function changedAtOf(entry: Entry): { readonly changedAt?: string } {
  const text = textOf(entry, 'whenChanged') ?? '';
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  if (second === undefined) return {};
  return { changedAt: `${year}-${month}-${day}T${hour}:${minute}:${second}Z` };
}

function managedAttributes(entry: Entry): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry)) {
    const isManaged = !ownFields.has(name.toLowerCase()) && !systemFields.test(name);
    if (isManaged && typeof value === 'string') attributes[name] = value;
  }
  return attributes;
}

export function requireText(entry: Entry, name: string): string {
  return textOf(entry, name) ?? unreadable(name);
}

/** objectGUID in text form. */
export function requireGuidOf(entry: Entry): string {
  return guidText(requireBytes(entry, 'objectGUID'));
}

function requireBytes(entry: Entry, name: string): Buffer {
  return bytesOf(entry, name) ?? unreadable(name);
}

function unreadable(name: string): never {
  throw wait(`the service account may not read ${name} of accounts`, {
    reason: 'PermissionDenied',
  });
}

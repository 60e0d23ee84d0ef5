/** What an entry of LDAP says, in the port's types. Pure. */
import type { Entry } from 'ldapts';
import { wait } from '../../core/errors.ts';
import type { AdAccount } from './port.ts';
import { maySignIn, needsNoPassword } from './user-account-control.ts';
import { guidText, isBelow, ownerAttribute, parseExtendedName } from './wire.ts';

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
    enabled: maySignIn(userAccountControlOf(entry)),
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
  return needsNoPassword(userAccountControlOf(entry)) || textOf(entry, 'pwdLastSet') === '0';
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

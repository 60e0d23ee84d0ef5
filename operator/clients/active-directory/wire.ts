/** From ours to what LDAP carries: GUIDs, names, filters, changes. Pure. What it carries back is read in entries.ts. */
import {
  AndFilter,
  Attribute,
  Change,
  DN,
  EqualityFilter,
  type Filter,
  GreaterThanEqualsFilter,
  OrFilter,
  PresenceFilter,
} from 'ldapts';
import { terminal } from '../../core/errors.ts';

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

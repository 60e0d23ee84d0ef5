/**
 * Who may do what with an object: nTSecurityDescriptor in its self-relative form, as far as its DACL (MS-DTYP 2.4.6,
 * 2.4.5, 2.4.4, 2.4.2). What is not understood of an entry is kept byte for byte. Pure.
 */
import { terminal } from '../../core/errors.ts';

/** ADS_RIGHT_… of MS-ADTS 5.1.3.2. */
export const rights = {
  listContents: 0x4,
  readProperty: 0x10,
  listObject: 0x80,
  readControl: 0x2_00_00,
} as const;

export interface AccessEntry {
  /** 0 allows, 1 denies, 5 and 6 the same for one attribute, one right, or one class of objects. */
  readonly type: number;
  readonly flags: number;
  readonly mask: number;
  /** S-1-5-… */
  readonly sid: string;
  readonly bytes: Buffer;
}

export interface AccessList {
  /** Of the descriptor: whether it is cut off from what stands above it, for one. */
  readonly control: number;
  /** 4 where entries of the types 5 and 6 are among them, else 2. */
  readonly revision: number;
  readonly entries: readonly AccessEntry[];
}

const allow = 0;
const allowObject = 5;
/** Objects below get it too. */
const containerInherit = 0x02;
/** It does not concern the object itself. */
const inheritOnly = 0x08;
const inherited = 0x10;

const headerSize = 20;
const listHeaderSize = 8;
const daclPresent = 0x0004;
const selfRelative = 0x8000;

/** Throws Terminal `SecurityDescriptorUnreadable`. */
export function parseAccessList(descriptor: Buffer): AccessList {
  const control = descriptor.length < headerSize ? 0 : descriptor.readUInt16LE(2);
  const start = descriptor.length < headerSize ? 0 : descriptor.readUInt32LE(16);
  if ((control & daclPresent) === 0 || start === 0) throw unreadable();
  try {
    return { control, ...readEntries(descriptor, start) };
  } catch {
    // Offsets that point beyond the end.
    throw unreadable();
  }
}

function readEntries(from: Buffer, start: number): Omit<AccessList, 'control'> {
  const count = from.readUInt16LE(start + 4);
  const entries: AccessEntry[] = [];
  let at = start + listHeaderSize;
  for (let index = 0; index < count; index += 1) {
    const size = from.readUInt16LE(at + 2);
    entries.push(parseEntry(Buffer.from(from.subarray(at, at + size))));
    at += size;
  }
  return { revision: from.readUInt8(start), entries };
}

function parseEntry(bytes: Buffer): AccessEntry {
  const [type, flags] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  return {
    type,
    flags,
    mask: bytes.readUInt32LE(4),
    sid: sidText(bytes, sidStart(type, bytes)),
    bytes,
  };
}

function sidStart(type: number, bytes: Buffer): number {
  if (type < allowObject) return 8;
  const present = bytes.readUInt32LE(8);
  return 12 + ((present & 1) === 0 ? 0 : 16) + ((present & 2) === 0 ? 0 : 16);
}

/** S-1-5-21-… */
export function sidText(bytes: Buffer, start = 0): string {
  const count = bytes.readUInt8(start + 1);
  const parts = [bytes.readUInt8(start), bytes.readUIntBE(start + 2, 6)];
  for (let index = 0; index < count; index += 1)
    parts.push(bytes.readUInt32LE(start + 8 + index * 4));
  return `S-${parts.join('-')}`;
}

export function sidBytes(sid: string): Buffer {
  const [revision = 1, authority = 5, ...parts] = sid.slice(2).split('-').map(Number);
  const bytes = Buffer.alloc(8 + parts.length * 4);
  bytes.writeUInt8(revision, 0);
  bytes.writeUInt8(parts.length, 1);
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + index * 4);
  return bytes;
}

/** Without owner and group: those stay as they are where only the DACL is written (LDAP_SERVER_SD_FLAGS). */
export function encodeAccessList({ control, revision, entries }: AccessList): Buffer {
  const bodies = entries.map(({ bytes }) => bytes);
  const size = listHeaderSize + bodies.reduce((sum, { length }) => sum + length, 0);
  const head = Buffer.alloc(headerSize + listHeaderSize);
  head.writeUInt8(1, 0);
  head.writeUInt16LE(control | daclPresent | selfRelative, 2);
  head.writeUInt32LE(headerSize, 16);
  head.writeUInt8(revision, headerSize);
  head.writeUInt16LE(size, headerSize + 2);
  head.writeUInt16LE(entries.length, headerSize + 4);
  return Buffer.concat([head, ...bodies]);
}

/** An entry that allows, for the object and all below it. */
export function allowing(sid: string, mask: number): AccessEntry {
  const owner = sidBytes(sid);
  const bytes = Buffer.alloc(8 + owner.length);
  bytes.writeUInt8(allow, 0);
  bytes.writeUInt8(containerInherit, 1);
  bytes.writeUInt16LE(bytes.length, 2);
  bytes.writeUInt32LE(mask, 4);
  owner.copy(bytes, 8);
  return parseEntry(bytes);
}

/** Whether the list shows the object, or what is below it, to one of these. */
export function opensTo({ entries }: AccessList, sids: readonly string[], mask: number): boolean {
  return entries.some(
    (entry) => (entry.flags & inheritOnly) === 0 && isAllowance(entry, sids, mask),
  );
}

/** Whether OUs below it get such an entry from it. */
export function handsDown({ entries }: AccessList, sids: readonly string[], mask: number): boolean {
  return entries.some(
    (entry) => (entry.flags & containerInherit) !== 0 && isAllowance(entry, sids, mask),
  );
}

function isAllowance(entry: AccessEntry, sids: readonly string[], mask: number): boolean {
  const isAllowed = entry.type === allow || entry.type === allowObject;
  return isAllowed && (entry.mask & mask) !== 0 && sids.includes(entry.sid);
}

/** Without what comes from above. */
export function ownEntries(list: AccessList): AccessList {
  return { ...list, entries: list.entries.filter(({ flags }) => (flags & inherited) === 0) };
}

export function allows({ entries }: AccessList, sid: string, mask: number): boolean {
  return entries.some(
    (entry) => entry.type === allow && entry.sid === sid && (entry.mask & mask) === mask,
  );
}

/**
 * The list's own entries without those that allow anything to `closedTo` (of those for one attribute or class: that show
 * the object), and with one that allows `mask` to `sid`.
 * What comes from above is left to the directory to add again.
 */
export function closed(
  list: AccessList,
  closedTo: readonly string[],
  { sid, mask }: { readonly sid: string; readonly mask: number },
): AccessList {
  const shows = rights.listContents | rights.listObject;
  const kept = ownEntries(list).entries.filter(
    (entry) =>
      !(entry.type === allow && [...closedTo, sid].includes(entry.sid)) &&
      !isAllowance(entry, closedTo, shows),
  );
  return { ...list, entries: [...kept, allowing(sid, mask)] };
}

function unreadable() {
  return terminal('the access list of the OU cannot be read: the service account lacks the right', {
    reason: 'SecurityDescriptorUnreadable',
  });
}

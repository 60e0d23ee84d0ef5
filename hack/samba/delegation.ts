/** What a provider's administrator sets up before the operator comes: README, "Rights in Active Directory", as code. */
import { Attribute, Change, type Client } from 'ldapts';
import { ownAccessList } from '../../operator/clients/active-directory/controls.ts';
import {
  type AccessEntry,
  type AccessList,
  allowing,
  encodeAccessList,
  parseAccessList,
  sidBytes,
  sidText,
} from '../../operator/clients/active-directory/security-descriptor.ts';

/** CC DC LC SW RP WP DT LO CR SD RC: make, change, move and delete what is below, read it, reset passwords. */
export const workRights = 0x3_01_ff;
/** CC DC SW WP DT CR SD: to make, change and delete. */
export const writeRights = 0x1_01_6b;
/** WD: to close OUs that somebody else made. */
const changeAccessRight = 0x4_00_00;
/** CI IO */
const belowOnly = 0x0a;
/** RP WP */
export const readAndWrite = 0x30;
const listContents = 0x4;
const uPNSuffixes = '032160bf-9824-11d1-aec0-0000f80367c1';
const authenticatedUsers = 'S-1-5-11';

export async function readBytes(admin: Client, dn: string, name: string): Promise<Buffer> {
  const { searchEntries } = await admin.search(
    dn,
    { scope: 'base', attributes: [name], explicitBufferAttributes: [name] },
    name === 'nTSecurityDescriptor' ? ownAccessList() : [],
  );
  const value = searchEntries[0]?.[name];
  if (!Buffer.isBuffer(value)) throw new Error(`${dn} has no ${name}`);
  return value;
}

async function changeAccess(
  admin: Client,
  dn: string,
  change: (list: AccessList) => AccessList,
): Promise<void> {
  const list = parseAccessList(await readBytes(admin, dn, 'nTSecurityDescriptor'));
  await writeDescriptor(admin, dn, encodeAccessList(change(list)));
}

async function writeDescriptor(admin: Client, dn: string, descriptor: Buffer): Promise<void> {
  const modification = new Attribute({ type: 'nTSecurityDescriptor', values: [descriptor] });
  await admin.modify(dn, new Change({ operation: 'replace', modification }), ownAccessList());
}

interface Access {
  readonly account: string;
  readonly rights: number;
  readonly isDenied?: boolean;
}

/** On one object and all below it, before all that stands there. Returns what takes it back. */
export async function setAccess(
  admin: Client,
  dn: string,
  { account, rights, isDenied = false }: Access,
): Promise<() => Promise<void>> {
  const entry = allowing(sidText(await readBytes(admin, account, 'objectSid')), rights);
  const before = await readBytes(admin, dn, 'nTSecurityDescriptor');
  const first = isDenied ? denied(entry) : entry;
  await changeAccess(admin, dn, (list) => ({ ...list, entries: [first, ...list.entries] }));
  return () => writeDescriptor(admin, dn, before);
}

function denied(entry: AccessEntry): AccessEntry {
  const bytes = Buffer.from(entry.bytes);
  bytes.writeUInt8(1, 0);
  return { ...entry, type: 1, bytes };
}

/** All that the operator's own account gets. */
export async function grantService(
  admin: Client,
  { account, customersOU }: { readonly account: string; readonly customersOU: string },
): Promise<void> {
  const sid = sidText(await readBytes(admin, account, 'objectSid'));
  await changeAccess(admin, customersOU, (list) => ({
    ...list,
    entries: [allowing(sid, workRights), below(sid, changeAccessRight), ...list.entries],
  }));
  const partitions = 'CN=Partitions,CN=Configuration,DC=corp,DC=example';
  await changeAccess(admin, partitions, (list) => ({
    ...list,
    revision: 4,
    entries: [forOneAttribute(sid, uPNSuffixes), ...list.entries],
  }));
}

function below(sid: string, mask: number): AccessEntry {
  const entry = allowing(sid, mask);
  const bytes = Buffer.from(entry.bytes);
  bytes.writeUInt8(belowOnly, 1);
  return { ...entry, flags: belowOnly, bytes };
}

function forOneAttribute(sid: string, attribute: string): AccessEntry {
  const who = sidBytes(sid);
  const bytes = Buffer.alloc(28 + who.length);
  bytes.writeUInt8(5, 0);
  bytes.writeUInt16LE(bytes.length, 2);
  bytes.writeUInt32LE(readAndWrite, 4);
  bytes.writeUInt32LE(1, 8);
  const hex = Buffer.from(attribute.replaceAll('-', ''), 'hex');
  for (const part of [hex.subarray(0, 4), hex.subarray(4, 6), hex.subarray(6, 8)]) part.reverse();
  hex.copy(bytes, 12);
  who.copy(bytes, 28);
  return { type: 5, flags: 0, mask: readAndWrite, sid, bytes };
}

/** The three settings that hide customers from each other, one by one. */
export const hiding = {
  async listObjectMode(admin: Client): Promise<void> {
    const dn = 'CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=corp,DC=example';
    await replace(admin, dn, 'dSHeuristics', '001');
  },
  /** Out of "Pre-Windows 2000 Compatible Access". */
  async compatibleAccess(admin: Client): Promise<void> {
    const dn = 'CN=Pre-Windows 2000 Compatible Access,CN=Builtin,DC=corp,DC=example';
    const member = `CN=${authenticatedUsers},CN=ForeignSecurityPrincipals,DC=corp,DC=example`;
    const modification = new Attribute({ type: 'member', values: [member] });
    await admin.modify(dn, new Change({ operation: 'delete', modification }));
  },
  /** They find their own OU by the right to see that one object. */
  async customersOU(admin: Client, dn: string): Promise<void> {
    await changeAccess(admin, dn, (list) => ({
      ...list,
      entries: list.entries.map((entry) =>
        entry.sid === authenticatedUsers ? without(entry, listContents) : entry,
      ),
    }));
  },
};

/** What others do: everybody may list what is in the OU, or what is in every OU below it. */
export async function openToAll(admin: Client, dn: string, where: 'Here' | 'Below'): Promise<void> {
  const entry = (where === 'Here' ? allowing : below)(authenticatedUsers, listContents);
  await changeAccess(admin, dn, (list) => ({ ...list, entries: [...list.entries, entry] }));
}

function without(entry: AccessEntry, right: number): AccessEntry {
  const bytes = Buffer.from(entry.bytes);
  const mask = entry.mask & ~right;
  bytes.writeUInt32LE(mask, 4);
  return { ...entry, mask, bytes };
}

async function replace(admin: Client, dn: string, type: string, value: string): Promise<void> {
  const modification = new Attribute({ type, values: [value] });
  await admin.modify(dn, new Change({ operation: 'replace', modification }));
}

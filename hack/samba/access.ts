/** An administrator who gives rights to an account, or takes them away, on one object and all below it. */
import { Attribute, Ber, BerWriter, Change, type Client, Control } from 'ldapts';

interface Entry {
  /** Of an access control entry (MS-DTYP 2.4.4.1). */
  readonly type: number;
  readonly mask: number;
}

/** CC DC LC SW RP WP DT LO CR SD RC: all that the operator does below the customers OU. */
export const work: Entry = { type: 0, mask: 0x3_01_ff };
/** RP WP. */
export const readAndWrite: Entry = { type: 0, mask: 0x30 };
/** CC DC SW WP DT CR SD: nothing is made, changed or deleted. */
export const noWrites: Entry = { type: 1, mask: 0x1_01_6b };

const containerInherit = 2;
const daclOffsetAt = 16;

/** Of a security descriptor the access list alone (MS-ADTS 3.1.1.3.4.1.11). */
class AccessListOnly extends Control {
  constructor() {
    super('1.2.840.113556.1.4.801', { critical: true });
  }

  protected override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(4);
    value.endSequence();
    writer.writeBuffer(value.buffer, Ber.OctetString);
  }
}

/** Returns what takes it back. */
export async function setAccess(
  admin: Client,
  dn: string,
  accountDN: string,
  entry: Entry,
): Promise<() => Promise<void>> {
  const sid = await readBytes(admin, accountDN, 'objectSid');
  const before = await readBytes(admin, dn, 'nTSecurityDescriptor');
  const write = (descriptor: Buffer): Promise<void> => {
    const modification = new Attribute({ type: 'nTSecurityDescriptor', values: [descriptor] });
    const change = new Change({ operation: 'replace', modification });
    return admin.modify(dn, change, new AccessListOnly());
  };
  await write(withEntry(before, entry, sid));
  return () => write(before);
}

async function readBytes(admin: Client, dn: string, name: string): Promise<Buffer> {
  const { searchEntries } = await admin.search(
    dn,
    { scope: 'base', attributes: [name], explicitBufferAttributes: [name] },
    new AccessListOnly(),
  );
  const value = searchEntries[0]?.[name];
  if (!Buffer.isBuffer(value)) throw new Error(`${dn} shows no ${name}`);
  return value;
}

/** First of the list (MS-DTYP 2.4.5): what stands before counts. */
function withEntry(descriptor: Buffer, { type, mask }: Entry, sid: Buffer): Buffer {
  const entry = Buffer.alloc(8 + sid.length);
  entry.writeUInt8(type, 0);
  entry.writeUInt8(containerInherit, 1);
  entry.writeUInt16LE(entry.length, 2);
  entry.writeUInt32LE(mask, 4);
  sid.copy(entry, 8);
  const list = descriptor.readUInt32LE(daclOffsetAt);
  const head = Buffer.from(descriptor.subarray(0, list + 8));
  head.writeUInt16LE(head.readUInt16LE(list + 2) + entry.length, list + 2);
  head.writeUInt16LE(head.readUInt16LE(list + 4) + 1, list + 4);
  return Buffer.concat([head, entry, descriptor.subarray(list + 8)]);
}

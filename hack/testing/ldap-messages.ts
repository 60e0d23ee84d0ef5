/** LDAP messages as they go over a connection: BER, each with its own length (RFC 4511 5.1). */
import type { Readable } from 'node:stream';
import { BerReader } from 'ldapts';

/** Calls back with each whole message. */
export function onMessages(stream: Readable, take: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const size = messageSize(rest);
      if (size === undefined || rest.length < size) return;
      const message = rest.subarray(0, size);
      rest = rest.subarray(size);
      take(message);
    }
  });
}

/** Undefined: its length is not there yet. */
function messageSize(bytes: Buffer): number | undefined {
  const first = bytes[1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first - 0x80;
  return bytes.length < 2 + count ? undefined : 2 + count + bytes.readUIntBE(2, count);
}

/** Tags of RFC 4511 4.6 to 4.9. */
const writes: Readonly<Record<number, string>> = {
  0x66: 'modify',
  0x68: 'add',
  0x4a: 'delete',
  0x6c: 'rename',
};

/** `write`: what it changes, `modify unicodePwd`; undefined: nothing, or it is an answer. */
export function readMessage(message: Buffer): { readonly id: number; readonly write?: string } {
  const reader = new BerReader(message);
  reader.readSequence();
  const id = reader.readInt() ?? 0;
  const name = writes[reader.readSequence() ?? 0];
  if (name === undefined) return { id };
  return { id, write: name === 'modify' ? `modify ${changedAttributes(reader).join(' ')}` : name };
}

function changedAttributes(reader: BerReader): readonly string[] {
  // The object.
  reader.readString();
  reader.readSequence();
  const end = reader.offset + reader.length;
  const names: string[] = [];
  while (reader.offset < end) {
    reader.readSequence();
    const next = reader.offset + reader.length;
    reader.readEnumeration();
    reader.readSequence();
    names.push(reader.readString() ?? '');
    reader.offset = next;
  }
  return names;
}

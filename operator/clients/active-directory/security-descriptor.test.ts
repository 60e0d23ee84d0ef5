import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../hack/testing/cloud.ts';
import {
  type AccessList,
  allowing,
  allows,
  closed,
  encodeAccessList,
  handsDown,
  opensTo,
  ownEntries,
  parseAccessList,
  rights,
  sidBytes,
  sidText,
} from './security-descriptor.ts';

const everybody = 'S-1-5-11';
const people = 'S-1-5-21-1-2-3-1105';
const admins = 'S-1-5-32-544';
const see = rights.listContents | rights.listObject;

/** Allows one attribute to be written (type 5, one GUID). */
const forOneAttribute = (() => {
  const sid = sidBytes(admins);
  const bytes = Buffer.alloc(28 + sid.length);
  bytes.writeUInt8(5, 0);
  bytes.writeUInt16LE(bytes.length, 2);
  bytes.writeUInt32LE(0x30, 4);
  bytes.writeUInt32LE(1, 8);
  bytes.fill(7, 12, 28);
  sid.copy(bytes, 28);
  return { type: 5, flags: 0, mask: 0x30, sid: admins, bytes };
})();

const inherited = (sid: string, mask: number) => {
  const entry = allowing(sid, mask);
  const bytes = Buffer.from(entry.bytes);
  bytes.writeUInt8(0x12, 1);
  return { ...entry, flags: 0x12, bytes };
};

const list = (...entries: AccessList['entries']): AccessList => ({
  control: 0x8404,
  revision: 4,
  entries,
});

describe('an access list', () => {
  it('is written as it was read, entries of other types included', () => {
    const sid = fc
      .array(fc.nat(0xff_ff_ff_ff), { minLength: 1, maxLength: 5 })
      .map((parts) => ['S-1-5', ...parts].join('-'));
    const entry = fc.oneof(
      fc.tuple(sid, fc.nat(0xf_ff_ff)).map(([who, mask]) => allowing(who, mask)),
      fc.constant(forOneAttribute),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        expect(parseAccessList(encodeAccessList(list(...entries)))).toEqual(list(...entries));
      }),
    );
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no DACL', Buffer.alloc(20)],
    ['a part', encodeAccessList(list(allowing(people, see))).subarray(0, 40)],
  ])('of which there is %s cannot be read', async (_, bytes) => {
    const failure = await failureOf(Promise.resolve().then(() => parseAccessList(bytes)));
    expect(failure).toMatchObject({ class: 'Terminal', reason: 'SecurityDescriptorUnreadable' });
  });

  it('is closed to everybody and opened to a group; what others may do, and what comes from above, is not its own', () => {
    const before = list(
      allowing(everybody, see),
      allowing(admins, 0xf_01_ff),
      forOneAttribute,
      inherited(admins, see),
    );
    const after = closed(before, [everybody], { sid: people, mask: see });
    expect(after.entries).toEqual([
      allowing(admins, 0xf_01_ff),
      forOneAttribute,
      allowing(people, see),
    ]);
    expect([opensTo(before, [everybody], see), opensTo(after, [everybody], see)]).toEqual([
      true,
      false,
    ]);
    expect([allows(before, people, see), allows(after, people, see)]).toEqual([false, true]);
    expect(closed(after, [everybody], { sid: people, mask: see })).toEqual(after);
  });

  it('is closed to everybody also where they see by an entry for one class; what that allows else stays', () => {
    const of = (mask: number) => ({ ...forOneAttribute, sid: everybody, mask });
    const before = list(of(see), of(rights.readProperty));
    const after = closed(before, [everybody], { sid: people, mask: see });
    expect(after.entries).toEqual([of(rights.readProperty), allowing(people, see)]);
    expect(opensTo(after, [everybody], see)).toBe(false);
  });

  it('that is open by what comes from above is open, and does not open by what it has of its own', () => {
    const opened = list(inherited(everybody, see), allowing(people, see));
    expect(opensTo(opened, [everybody], see)).toBe(true);
    expect(ownEntries(opened)).toEqual(list(allowing(people, see)));
  });

  it('hands down what containers below it are to have', () => {
    const [handed, kept] = [allowing(everybody, see), { ...allowing(everybody, see), flags: 0 }];
    expect(handsDown(list(kept), [everybody], see)).toBe(false);
    expect(handsDown(list(kept, handed), [everybody], see)).toBe(true);
    expect(handsDown(list(handed), [people], see)).toBe(false);
    const inheritOnly = { ...handed, flags: 0x0a };
    expect([opensTo, handsDown].map((asks) => asks(list(inheritOnly), [everybody], see))).toEqual([
      false,
      true,
    ]);
  });

  it('names who it speaks of as people do', () => {
    const bytes = Buffer.from('010500000000000515000000a065cf7e784b9b5fe77c8770f4010000', 'hex');
    const sid = 'S-1-5-21-2127521184-1604012920-1887927527-500';
    expect([sidText(bytes), sidBytes(sid)]).toEqual([sid, bytes]);
  });
});

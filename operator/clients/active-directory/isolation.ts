/** Who sees a tenant's OU: its own people only (layout-port.ts). */
import { wait } from '../../core/errors.ts';
import { domainScope, extendedDn, ownAccessList } from './controls.ts';
import { bytesOf, textOf, textsOf } from './entries.ts';
import type { AdGroup } from './groups-port.ts';
import type { Isolation, Opening } from './layout-port.ts';
import { requireUnit, type Unit } from './lookup.ts';
import {
  type AccessList,
  allows,
  closed,
  encodeAccessList,
  handsDown,
  opensTo,
  ownEntries,
  parseAccessList,
  rights,
  sidText,
} from './security-descriptor.ts';
import type { Session } from './session.ts';
import { ensureGroup, findGroup } from './structure.ts';
import * as wire from './wire.ts';

/** Everyone, Anonymous, Authenticated Users: whoever is somebody. */
const anybody = ['S-1-1-0', 'S-1-5-7', 'S-1-5-11'];
/** BUILTIN\Pre-Windows 2000 Compatible Access. */
const compatibleAccess = 'S-1-5-32-554';

const memberRights =
  rights.readProperty | rights.listContents | rights.listObject | rights.readControl;
const seeing = rights.listContents | rights.listObject;

export async function readIsolation(
  session: Session,
  organizationalUnit: string,
  groupName: string,
  signal: AbortSignal,
): Promise<Isolation> {
  const unit = await requireUnit(session, organizationalUnit, signal);
  const group = await findGroup(session, unit.dn, groupName, signal);
  const isShut =
    group !== undefined &&
    (await isClosed(session, unit, await sidOf(session, group.objectGuid, signal), signal));
  const parent = await readAccessList(session, session.customersOU, signal);
  const found: readonly (readonly [Opening, boolean])[] = [
    ['CompatibleAccess', await isAnybodyCompatible(session, signal)],
    ['CustomersOU', isOpenParent(parent)],
    ['ListObjectModeOff', !(await isListObjectMode(session, signal))],
    ['OrganizationalUnit', !isShut],
  ];
  return { group, openings: found.flatMap(([opening, isOpen]) => (isOpen ? [opening] : [])) };
}

export async function ensureIsolation(
  session: Session,
  organizationalUnit: string,
  groupName: string,
  signal: AbortSignal,
): Promise<AdGroup> {
  const unit = await requireUnit(session, organizationalUnit, signal);
  const group = await ensureGroup(session, unit.dn, { name: groupName }, signal);
  const sid = await sidOf(session, group.objectGuid, signal);
  if (await isClosed(session, unit, sid, signal)) return group;
  const list = await readAccessList(session, wire.guidDn(unit.guid), signal);
  const next = closed(list, anybody, { sid, mask: memberRights });
  await session.modify(
    {
      operation: 'CloseOrganizationalUnit',
      dn: wire.guidDn(unit.guid),
      controls: [ownAccessList()],
    },
    [wire.replaceBytes('nTSecurityDescriptor', encodeAccessList(next))],
    signal,
  );
  return group;
}

async function isClosed(
  session: Session,
  { guid }: Unit,
  sid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const list = await readAccessList(session, wire.guidDn(guid), signal);
  return allows(list, sid, memberRights) && !opensTo(ownEntries(list), anybody, seeing);
}

/** It lists what is below it to everybody, or gives everybody a sight of each OU there. */
function isOpenParent(list: AccessList): boolean {
  return opensTo(list, anybody, rights.listContents) || handsDown(list, anybody, seeing);
}

async function readAccessList(
  session: Session,
  base: string,
  signal: AbortSignal,
): Promise<AccessList> {
  const search = {
    operation: 'ReadAccessList',
    base,
    attributes: ['nTSecurityDescriptor'],
    controls: [ownAccessList()],
  };
  const entry = await session.read(search, signal);
  const bytes = entry === undefined ? undefined : bytesOf(entry, 'nTSecurityDescriptor');
  return parseAccessList(bytes ?? Buffer.alloc(0));
}

async function sidOf(session: Session, guid: string, signal: AbortSignal): Promise<string> {
  const search = { operation: 'ReadSid', base: wire.guidDn(guid), attributes: ['objectSid'] };
  const entry = await session.read(search, signal);
  const bytes = entry === undefined ? undefined : bytesOf(entry, 'objectSid');
  if (bytes !== undefined) return sidText(bytes);
  throw wait('the group is gone from Active Directory, or its objectSid may not be read', {
    reason: 'ObjectMissing',
  });
}

/** The third character of dSHeuristics is 1 (MS-ADTS 6.1.1.2.4.1.2, fDoListObject). */
async function isListObjectMode(session: Session, signal: AbortSignal): Promise<boolean> {
  const base = `CN=Directory Service,CN=Windows NT,CN=Services,${session.root.configurationNamingContext}`;
  const search = { operation: 'ReadHeuristics', base, attributes: ['dSHeuristics'] };
  const entry = await session.read(search, signal);
  return entry !== undefined && textOf(entry, 'dSHeuristics')?.[2] === '1';
}

/** Members are known by their SID: names differ by language. */
async function isAnybodyCompatible(session: Session, signal: AbortSignal): Promise<boolean> {
  const search = {
    operation: 'ReadCompatibleAccess',
    base: `<SID=${compatibleAccess}>`,
    attributes: ['member'],
    controls: [extendedDn(), domainScope()],
  };
  const entry = await session.read(search, signal);
  const members = entry === undefined ? [] : textsOf(entry, 'member');
  return members.some((member) => {
    const sid = /<SID=([^>]+)>/.exec(member)?.[1];
    return sid !== undefined && anybody.includes(sid);
  });
}

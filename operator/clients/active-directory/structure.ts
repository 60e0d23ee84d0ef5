/** What stands around accounts: OUs, UPN suffixes, groups and their members. */
import { createHash } from 'node:crypto';
import type { Entry, Filter } from 'ldapts';
import { terminal } from '../../core/errors.ts';
import { permissiveModify } from './controls.ts';
import { bytesOf, changedAtOf, requireGuidOf, textsOf } from './entries.ts';
import type { AdGroup, NewAdGroup } from './groups-port.ts';
import type { OrganizationalUnit, TenantLayout } from './layout-port.ts';
import { locate, requireObject, requireUnit, type Unit } from './lookup.ts';
import type { Session } from './session.ts';
import * as wire from './wire.ts';

const alreadyExists = 68;
const valueExists = 20;
const unwillingToPerform = 53;
const noSuchAttribute = 16;
const noSuchObject = 32;
/** ADS_GROUP_TYPE_GLOBAL_GROUP | ADS_GROUP_TYPE_SECURITY_ENABLED, as the signed number that AD stores. */
const globalSecurityGroup = '-2147483646';

export async function ensureOrganizationalUnit(
  session: Session,
  parent: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly distinguishedName: string; readonly created: boolean }> {
  const { dn } = await requireUnit(session, parent, signal);
  const find = (): Promise<Entry | undefined> =>
    findChild(session, dn, ['organizationalUnit', wire.equals('ou', name)], signal);
  const found = await find();
  if (found !== undefined) return { distinguishedName: found.dn, created: false };
  const code = await session.add(
    {
      operation: 'AddOrganizationalUnit',
      dn: wire.childDn('OU', name, dn),
      accept: [alreadyExists],
    },
    [wire.attribute('objectClass', 'top', 'organizationalUnit')],
    signal,
  );
  const made = await find();
  if (made === undefined) throw nameTaken(name);
  return { distinguishedName: made.dn, created: code === 0 };
}

export async function readOrganizationalUnit(
  session: Session,
  key: Parameters<TenantLayout['readOrganizationalUnit']>[0],
  signal: AbortSignal,
): Promise<OrganizationalUnit | undefined> {
  const base = 'objectGuid' in key ? wire.guidDn(key.objectGuid) : key.distinguishedName;
  const filter = wire.equals('objectClass', 'organizationalUnit');
  const search = { operation: 'ReadOrganizationalUnit', base, filter, attributes: ['objectGUID'] };
  const entry = await session.read(search, signal);
  if (entry === undefined || !wire.isBelow(entry.dn, session.customersOU)) return undefined;
  return { objectGuid: requireGuidOf(entry), distinguishedName: entry.dn };
}

export async function ensureUpnSuffix(
  session: Session,
  suffix: string,
  signal: AbortSignal,
): Promise<{ readonly created: boolean }> {
  const known = await listUpnSuffixes(session, signal);
  if (known.includes(suffix.toLowerCase())) return { created: false };
  const code = await session.modify(
    {
      operation: 'AddUpnSuffix',
      dn: suffixesDn(session),
      accept: [valueExists],
      controls: [permissiveModify()],
    },
    [wire.addition('uPNSuffixes', suffix)],
    signal,
  );
  return { created: code === 0 };
}

/** In lower case. */
export async function listUpnSuffixes(
  session: Session,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const base = suffixesDn(session);
  const search = { operation: 'ReadUpnSuffixes', base, attributes: ['uPNSuffixes'] };
  const entry = await session.read(search, signal);
  const known = entry === undefined ? [] : textsOf(entry, 'uPNSuffixes');
  return known.map((suffix) => suffix.toLowerCase());
}

function suffixesDn({ root }: Session): string {
  return `CN=Partitions,${root.configurationNamingContext}`;
}

export async function findGroup(
  session: Session,
  organizationalUnit: string,
  name: string,
  signal: AbortSignal,
): Promise<AdGroup | undefined> {
  const { dn } = await requireUnit(session, organizationalUnit, signal);
  return findGroupIn(session, dn, name, signal);
}

export async function isGroupNameTaken(
  session: Session,
  organizationalUnit: string,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { dn } = await requireUnit(session, organizationalUnit, signal);
  const found = await findChild(session, dn, ['top', wire.equals('cn', name)], signal);
  return found !== undefined && (await findGroupIn(session, dn, name, signal)) === undefined;
}

export async function ensureGroup(
  session: Session,
  organizationalUnit: string,
  { name, description }: NewAdGroup,
  signal: AbortSignal,
): Promise<AdGroup> {
  const unit = await requireUnit(session, organizationalUnit, signal);
  const found = await findGroupIn(session, unit.dn, name, signal);
  if (found !== undefined) return found;
  // Others may have renamed or moved one of this name: it has its logon name still.
  for (const count of [0, 1, 2]) {
    await session.add(
      {
        operation: 'AddGroup',
        dn: wire.childDn('CN', name, unit.dn),
        accept: [alreadyExists],
      },
      [
        wire.attribute('objectClass', 'top', 'group'),
        wire.attribute('groupType', globalSecurityGroup),
        wire.attribute('sAMAccountName', groupAccountName(unit, name, count)),
        ...(description === undefined ? [] : [wire.attribute('description', description)]),
      ],
      signal,
    );
    const made = await findGroupIn(session, unit.dn, name, signal);
    if (made !== undefined) return made;
  }
  throw nameTaken(name);
}

/** Many customers have a group "Sales", the domain has one name of that kind: the OU makes it unique. */
export function groupAccountName(unit: Unit, name: string, count = 0): string {
  const key = [unit.guid, name.toLowerCase(), ...(count === 0 ? [] : [count])].join('\0');
  const digest = createHash('sha256').update(key).digest('hex');
  const cleaned = name.replaceAll(/["/\\[\]:;|=,+*?<>@\p{Cc}]/gu, '').trim();
  return `${Array.from(cleaned).slice(0, 40).join('')}-${digest.slice(0, 12)}`;
}

export async function addMember(
  session: Session,
  groupGuid: string,
  memberGuid: string,
  signal: AbortSignal,
): Promise<void> {
  await requireObject(session, 'group', groupGuid, signal);
  await requireObject(session, 'member', memberGuid, signal);
  await session.modify(
    {
      operation: 'AddMember',
      dn: wire.guidDn(groupGuid),
      accept: [alreadyExists, valueExists],
    },
    [wire.addition('member', wire.guidDn(memberGuid))],
    signal,
  );
}

/** A member or a group that is gone has no such membership either. */
export async function removeMember(
  session: Session,
  groupGuid: string,
  memberGuid: string,
  signal: AbortSignal,
): Promise<void> {
  const group = await locate(session, 'group', groupGuid, signal);
  if (group === undefined) return;
  const code = await session.modify(
    {
      operation: 'RemoveMember',
      dn: wire.guidDn(groupGuid),
      accept: [unwillingToPerform, noSuchAttribute, noSuchObject],
    },
    [wire.removal('member', wire.guidDn(memberGuid))],
    signal,
  );
  // 53 is also what a refusal looks like.
  if (code !== 0 && (await isMember(session, groupGuid, memberGuid, signal))) {
    throw terminal('Active Directory refuses to take the member out of the group', {
      reason: 'ChangeRefused',
    });
  }
}

async function isMember(
  session: Session,
  groupGuid: string,
  memberGuid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const filter = wire.equals('member', wire.guidDn(memberGuid));
  const base = wire.guidDn(groupGuid);
  const search = { operation: 'ReadMember', base, filter, attributes: ['objectGUID'] };
  return (await session.read(search, signal)) !== undefined;
}

async function findGroupIn(
  session: Session,
  parent: string,
  name: string,
  signal: AbortSignal,
): Promise<AdGroup | undefined> {
  const entry = await findChild(session, parent, ['group', wire.equals('cn', name)], signal);
  const guid = entry === undefined ? undefined : bytesOf(entry, 'objectGUID');
  if (entry === undefined || guid === undefined) return undefined;
  return { objectGuid: wire.guidText(guid), name, ...changedAtOf(entry) };
}

async function findChild(
  session: Session,
  parent: string,
  [objectClass, filter]: readonly [objectClass: string, filter: Filter],
  signal: AbortSignal,
): Promise<Entry | undefined> {
  const [entry] = await session.search(
    {
      operation: 'FindChild',
      base: parent,
      scope: 'one',
      filter: wire.allOf(wire.equals('objectClass', objectClass), filter),
      attributes: ['objectGUID', 'whenChanged'],
    },
    signal,
  );
  return entry;
}

function nameTaken(name: string) {
  return terminal(`another object in Active Directory has the name "${name}"`, {
    reason: 'NameTaken',
  });
}

/** Making, changing and deleting accounts. */
import type { Attribute } from 'ldapts';
import { bug, terminal, transient } from '../../core/errors.ts';
import { userAccountControlOf } from './entries.ts';
import { findOwned, isTaken, locate, readAccountAt, requireObject, requireUnit } from './lookup.ts';
import type { AdAccount, AdAccountPatch, NewAdAccount } from './port.ts';
import type { LostParts } from './restore-port.ts';
import type { Session } from './session.ts';
import { disabledAccount, finishedAccount, withEnabled } from './user-account-control.ts';
import * as wire from './wire.ts';

const alreadyExists = 68;
const noSuchObject = 32;
/** Of cn, in Active Directory's schema. */
const commonNameMax = 64;

/**
 * Add disabled, set the password, enable: Windows takes no password in an add (KB 269190). Whatever was done before is
 * found by the owner's UID and done again, except on an account that is enabled: that one is finished.
 */
export async function createAccount(
  session: Session,
  account: NewAdAccount,
  signal: AbortSignal,
): Promise<AdAccount> {
  const before =
    account.isUnowned === true ? undefined : await findOwned(session, account.ownerUid, signal);
  const found = before ?? (await addDisabled(session, account, signal));
  if ('enabled' in found && found.enabled) return found;
  const made = 'enabled' in found ? await halfMade(session, found, signal) : found;
  await writePassword(session, made.dn, account.password, signal);
  await finish(session, made, account, signal);
  const finished = await readAccountAt(session, made.dn, signal);
  if (finished === undefined) throw bug('an account that was just made is not found');
  return finished;
}

/** An account without a password yet. */
interface HalfMade {
  readonly dn: string;
  readonly userAccountControl: number;
}

async function halfMade(
  session: Session,
  { objectGuid }: AdAccount,
  signal: AbortSignal,
): Promise<HalfMade> {
  const { dn, ...entry } = await requireObject(session, 'user', objectGuid, signal);
  return { dn, userAccountControl: userAccountControlOf({ dn, ...entry }) };
}

/** The account itself where somebody has made it meanwhile: one of its names is there, and its mark. */
async function addDisabled(
  session: Session,
  account: NewAdAccount,
  signal: AbortSignal,
): Promise<HalfMade | AdAccount> {
  const attributes = attributesOf(account);
  const add = async (commonName: string): Promise<HalfMade | undefined> => {
    const parent = await knownUnit(session, account.organizationalUnit, signal);
    const dn = wire.childDn('CN', commonName, parent);
    const write = { operation: 'AddAccount', dn, accept: [alreadyExists, noSuchObject] };
    const code = await session.add(write, attributes, signal);
    if (code === noSuchObject) throw unitChanged(session);
    return code === alreadyExists ? undefined : { dn, userAccountControl: disabledAccount };
  };
  const added = await add(account.commonName);
  if (added !== undefined) return added;
  const owned = await findOwned(session, account.ownerUid, signal);
  if (owned !== undefined) return owned;
  await refuseTakenNames(session, account, signal);
  // What is left is a namesake in the same OU.
  const distinct = await add(distinctCommonName(account));
  if (distinct === undefined) throw nameTaken('commonName', account.commonName);
  return distinct;
}

/** DNs of OUs as the server spells them, of a session: many accounts are made in few OUs. */
const units = new WeakMap<Session, Map<string, string>>();

async function knownUnit(session: Session, name: string, signal: AbortSignal): Promise<string> {
  const known = units.get(session) ?? new Map<string, string>();
  units.set(session, known);
  const dn = known.get(name) ?? (await requireUnit(session, name, signal)).dn;
  known.set(name, dn);
  return dn;
}

/** Renamed, moved or deleted since: the next look finds out. */
function unitChanged(session: Session) {
  units.delete(session);
  return transient('the OU of the account is not where it was; it is looked for again', {
    reason: 'OrganizationalUnitMissing',
  });
}

function attributesOf(account: NewAdAccount): Attribute[] {
  return [
    wire.attribute('objectClass', 'top', 'person', 'organizationalPerson', 'user'),
    wire.attribute('sAMAccountName', account.samAccountName),
    wire.attribute('userPrincipalName', account.userPrincipalName),
    wire.attribute('userAccountControl', String(disabledAccount)),
    wire.attribute(wire.ownerAttribute, account.ownerUid),
    ...(account.anchor === undefined ? [] : [wire.anchorAttribute(account.anchor)]),
    ...Object.entries(account.attributes).map(([name, value]) => wire.attribute(name, value)),
  ];
}

/** `Mia Lund (mia.lund2)`: the logon name is unique, so the whole is. */
export function distinctCommonName({
  commonName,
  samAccountName,
}: Pick<NewAdAccount, 'commonName' | 'samAccountName'>): string {
  const suffix = ` (${samAccountName})`;
  let head = '';
  // By whole characters: half a surrogate pair is no text.
  for (const character of commonName) {
    if (head.length + character.length + suffix.length > commonNameMax) break;
    head += character;
  }
  return `${head.trimEnd()}${suffix}`;
}

/** Code 68 does not tell which name collides in the same way on every server; a look does. */
async function refuseTakenNames(
  session: Session,
  account: NewAdAccount,
  signal: AbortSignal,
): Promise<void> {
  for (const attribute of ['sAMAccountName', 'userPrincipalName'] as const) {
    const value =
      attribute === 'sAMAccountName' ? account.samAccountName : account.userPrincipalName;
    if (await isTaken(session, attribute, value, signal)) throw nameTaken(attribute, value);
  }
}

function nameTaken(attribute: string, value: string) {
  return terminal(`another account in Active Directory has the ${attribute} "${value}"`, {
    reason: 'NameTaken',
  });
}

async function finish(
  session: Session,
  { dn, userAccountControl }: HalfMade,
  { enabled, mustChangePassword }: NewAdAccount,
  signal: AbortSignal,
): Promise<void> {
  const value = String(finishedAccount(userAccountControl));
  const changes = [
    ...(enabled ? [wire.replace('userAccountControl', value)] : []),
    // 0: the password must be changed at the first logon.
    ...(mustChangePassword ? [wire.replace('pwdLastSet', '0')] : []),
  ];
  if (changes.length === 0) return;
  await session.modify({ operation: 'EnableAccount', dn }, changes, signal);
}

/** The password first: an account with the mark of its owner is whole. */
export async function restoreAccount(
  session: Session,
  objectGuid: string,
  { ownerUid, anchor, password }: LostParts,
  signal: AbortSignal,
): Promise<void> {
  await requireObject(session, 'user', objectGuid, signal);
  const changes = [
    ...(ownerUid === undefined ? [] : [wire.replace(wire.ownerAttribute, ownerUid)]),
    ...(anchor === undefined ? [] : [wire.replaceAnchor(anchor)]),
  ];
  if (password !== undefined)
    await writePassword(session, wire.guidDn(objectGuid), password, signal);
  if (changes.length === 0) return;
  const write = { operation: 'RestoreAccount', dn: wire.guidDn(objectGuid) };
  await session.modify(write, changes, signal);
}

export async function setPassword(
  session: Session,
  objectGuid: string,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  await requireObject(session, 'user', objectGuid, signal);
  await writePassword(session, wire.guidDn(objectGuid), password, signal);
}

async function writePassword(
  session: Session,
  dn: string,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  const write = { operation: 'SetPassword', dn };
  await session.modify(write, [wire.replacePassword(password)], signal);
}

const ldapNames = {
  userPrincipalName: 'userPrincipalName',
  samAccountName: 'sAMAccountName',
} as const;

/** All in one modify: either everything is changed or nothing. */
export async function updateAccount(
  session: Session,
  objectGuid: string,
  patch: AdAccountPatch,
  signal: AbortSignal,
): Promise<void> {
  const entry = await requireObject(session, 'user', objectGuid, signal);
  const changes = [];
  if (patch.enabled !== undefined) {
    const current = userAccountControlOf(entry);
    const value = patch.enabled ? finishedAccount(current) : withEnabled(current, false);
    changes.push(wire.replace('userAccountControl', String(value)));
  }
  for (const name of ['userPrincipalName', 'samAccountName'] as const) {
    const value = patch[name];
    if (value !== undefined) changes.push(wire.replace(ldapNames[name], value));
  }
  for (const [name, value] of Object.entries(patch.attributes ?? {})) {
    changes.push(value === null ? wire.replace(name) : wire.replace(name, value));
  }
  if (patch.managerGuid !== undefined) {
    await requireObject(session, 'user', patch.managerGuid, signal);
    changes.push(wire.replace('manager', wire.guidDn(patch.managerGuid)));
  }
  if (changes.length === 0) return;
  await session.modify(
    { operation: 'UpdateAccount', dn: wire.guidDn(objectGuid) },
    changes,
    signal,
  );
}

/** Moved out of the customers OU is as good as gone: it is no longer ours to delete. */
export async function deleteAccount(
  session: Session,
  objectGuid: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await locate(session, 'user', objectGuid, signal)) === undefined) return;
  const write = {
    operation: 'DeleteAccount',
    dn: wire.guidDn(objectGuid),
    accept: [noSuchObject],
  };
  await session.delete(write, signal);
}

/** What is asked of Active Directory about one person, beside the account itself: names, schema, groups. */
import type { ActiveDirectory, AdAccount } from '../../clients/active-directory/port.ts';
import { terminal } from '../../core/errors.ts';
import { samAccountNameCandidate } from '../../core/names.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { hasLeft } from '../plans.ts';
import type { Look } from './look.ts';
import type { NamedGroup, ObservedUser } from './observed.ts';

type InDirectory = Pick<
  ObservedUser,
  | 'organizationalUnit'
  | 'samAccountName'
  | 'missingAttributes'
  | 'directoryGroups'
  | 'formerDirectoryGroups'
>;

/** Of a tenant, or a person, for whom nothing is written there. */
export function unwritten({ user, access }: Look): InDirectory {
  const organizationalUnit = unitOf(user, access.tenant.status?.organizationalUnit);
  return { organizationalUnit, samAccountName: undefined, directoryGroups: [] };
}

export async function lookInDirectory(
  look: Look,
  directory: ActiveDirectory,
  account: AdAccount | undefined,
): Promise<InDirectory> {
  const root = look.access.tenant.status?.organizationalUnit;
  return {
    missingAttributes: await missingAttributes(look, directory),
    organizationalUnit: unitOf(look.user, root),
    samAccountName:
      account?.samAccountName ?? (root === undefined ? undefined : await newName(look, directory)),
    ...(await directoryGroups(look, directory, account)),
  };
}

function unitOf({ spec }: M365User, root: string | undefined): string | undefined {
  const below = spec.activeDirectory?.organizationalUnit;
  return below === undefined || root === undefined ? root : `${below},${root}`;
}

async function newName({ user, signal }: Look, directory: ActiveDirectory): Promise<string> {
  return user.spec.activeDirectory?.samAccountName ?? freeName(user, directory, signal);
}

/** Many customers have a Mia; more than a hundred with one derived name need a name of their own. */
const candidatesMax = 100;

async function freeName(
  { metadata, spec }: M365User,
  directory: ActiveDirectory,
  signal: AbortSignal,
): Promise<string> {
  const candidates = Array.from({ length: candidatesMax }, (_, attempt) =>
    samAccountNameCandidate(spec.userPrincipalName, attempt),
  );
  const free = await directory.freeSamAccountName(candidates, metadata.uid, signal);
  if (free !== undefined) return free;
  throw terminal(
    'every logon name derived from userPrincipalName is taken: set activeDirectory.samAccountName',
    { reason: 'SamAccountNameTaken' },
  );
}

async function missingAttributes(
  { user, signal }: Look,
  directory: ActiveDirectory,
): Promise<readonly string[]> {
  const names = Object.keys(user.spec.activeDirectory?.attributes ?? {});
  if (names.length === 0) return [];
  return directory.missingAttributes(names, signal);
}

async function directoryGroups(
  { deps, user, access, signal }: Look,
  directory: ActiveDirectory,
  account: AdAccount | undefined,
): Promise<Pick<ObservedUser, 'directoryGroups' | 'formerDirectoryGroups'>> {
  const ou = access.tenant.status?.organizationalUnit;
  if (account === undefined || ou === undefined) {
    return { directoryGroups: [], formerDirectoryGroups: [] };
  }
  const named = async (name: string): Promise<NamedGroup> => {
    const group = await directory.findGroup(ou, name, signal);
    const id = group?.objectGuid;
    const isMember = id !== undefined && account.groupGuids.includes(id);
    return { name, id, isMember, changedAt: group?.changedAt };
  };
  const names = namesInDirectory(user, access.tenant, deps.nowMs());
  const given = hasLeft(user, deps.nowMs()) ? [] : (user.status?.activeDirectoryGroups ?? []);
  return {
    directoryGroups: await inTurn([...names], named),
    formerDirectoryGroups: await inTurn(
      given.filter((name) => !names.has(name)),
      named,
    ),
  };
}

async function inTurn<T>(names: readonly string[], read: (name: string) => Promise<T>) {
  const found: T[] = [];
  for (const name of names) found.push(await read(name));
  return found;
}

/** Declared ones, and the one whose members see the tenant's OU; of who left none. */
function namesInDirectory(
  user: M365User,
  { status }: M365Tenant,
  nowMs: number,
): ReadonlySet<string> {
  if (hasLeft(user, nowMs)) return new Set();
  const declared = user.spec.activeDirectory?.groups ?? [];
  const isolation = status?.isolationGroup;
  return new Set(isolation === undefined ? declared : [isolation, ...declared]);
}

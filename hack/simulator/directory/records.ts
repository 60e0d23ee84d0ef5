/** Writing users and groups so that the look-up tables stay right, and reading them as a replica would. */
import type { Directory, Domain, Group, LicenseState, Properties, User } from './directory.ts';
import { announce } from './notifications.ts';
import { assignedPlans, provisionedPlans } from './plans.ts';
import type { ObjectState, Version } from './store.ts';

/** Names that must be unique in a directory, and how they compare. */
export function uniqueNames(user: User): string[] {
  const addresses = (user.properties['proxyAddresses'] ?? []) as readonly string[];
  const anchor = user.properties['onPremisesImmutableId'];
  return [
    nameKey('upn', user.userPrincipalName),
    ...addresses.map((address) => nameKey('proxy', address)),
    ...(typeof anchor === 'string' ? [anchorKey(anchor)] : []),
  ];
}

export function nameKey(kind: 'upn' | 'proxy' | 'nickname' | 'uniqueName', value: string): string {
  return `${kind}:${value.toLowerCase()}`;
}

/** Anchors are case-sensitive (graph.md 2.6). */
function anchorKey(anchor: string): string {
  return `anchor:${anchor}`;
}

export function groupNames(group: Group): string[] {
  const { mailNickname, mailEnabled, proxyAddresses, uniqueName } = group.properties;
  return [
    ...(mailEnabled === true ? [nameKey('nickname', String(mailNickname))] : []),
    ...((proxyAddresses ?? []) as readonly string[]).map((address) => nameKey('proxy', address)),
    ...(typeof uniqueName === 'string' ? [nameKey('uniqueName', uniqueName)] : []),
  ];
}

export function saveUser(directory: Directory, user: User, state: ObjectState = 'live'): void {
  const before = directory.users.live(user.id);
  directory.users.write(user, state);
  for (const name of uniqueNames(user)) remember(directory, name, user.id);
  countSeats(directory, before, -1);
  countSeats(directory, state === 'live' ? user : undefined, 1);
  announce(directory, { set: 'users', id: user.id, changeType: changeType(state) });
}

export function saveGroup(directory: Directory, group: Group, state: ObjectState = 'live'): void {
  directory.groups.write(group, state);
  for (const name of groupNames(group)) remember(directory, name, group.id);
  if (state === 'live' && group.licenses.length > 0) directory.licensedGroups.add(group.id);
  else directory.licensedGroups.delete(group.id);
  announce(directory, { set: 'groups', id: group.id, changeType: changeType(state) });
}

/** @returns false if the member was there already */
export function addMember(directory: Directory, groupId: string, memberId: string): boolean {
  const isAdded = directory.memberships.add(groupId, memberId);
  if (isAdded) announce(directory, { set: 'groups', id: groupId, changeType: 'updated' });
  return isAdded;
}

/** @returns false if there was no such member */
export function removeMember(directory: Directory, groupId: string, memberId: string): boolean {
  const isRemoved = directory.memberships.remove(groupId, memberId);
  if (isRemoved) announce(directory, { set: 'groups', id: groupId, changeType: 'updated' });
  return isRemoved;
}

/** Into the recycle bin is a change; out of it for good is a deletion (graph.md 11). */
function changeType(state: ObjectState): 'updated' | 'deleted' {
  return state === 'purged' ? 'deleted' : 'updated';
}

/** Another live object that holds this name now. */
export function holderOf(
  directory: Directory,
  name: string,
  exceptId?: string,
): string | undefined {
  for (const id of directory.names.get(name) ?? []) {
    if (id === exceptId) continue;
    const user = directory.users.live(id);
    if (user && uniqueNames(user).includes(name)) return id;
    const group = directory.groups.live(id);
    if (group && groupNames(group).includes(name)) return id;
  }
  return undefined;
}

/** A user by id or UPN, as of write `seq`. Deleted ones are not found (graph.md 2.3). */
export function findUser(
  directory: Directory,
  key: string,
  seq: number,
): Version<User> | undefined {
  const byId = directory.users.at(key.toLowerCase(), seq);
  if (byId) return byId.state === 'live' ? byId : undefined;
  const name = nameKey('upn', key);
  for (const id of directory.names.get(name) ?? []) {
    const version = directory.users.at(id, seq);
    if (version?.state === 'live' && nameKey('upn', version.value.userPrincipalName) === name) {
      return version;
    }
  }
  return undefined;
}

export function findDomain(directory: Directory, name: string): Domain | undefined {
  return directory.domains.get(name.toLowerCase());
}

export function domainOf(userPrincipalName: string): string {
  return userPrincipalName.slice(userPrincipalName.lastIndexOf('@') + 1).toLowerCase();
}

/** Does the assignment give the person a seat? */
export function holds({ state }: LicenseState): boolean {
  return state === 'Active' || state === 'ActiveWithError';
}

/** `assignedLicenses`: direct and by group together; a plan is off only where every source has it off. */
export function assignedLicenses(
  licenses: readonly LicenseState[],
): { skuId: string; disabledPlans: string[] }[] {
  const active = licenses.filter(holds);
  const skus = new Set(active.map((license) => license.skuId));
  return [...skus].map((skuId) => {
    const sources = active.filter((license) => license.skuId === skuId);
    const plans = sources[0]?.disabledPlans ?? [];
    return {
      skuId,
      disabledPlans: plans.filter((plan) =>
        sources.every((source) => source.disabledPlans.includes(plan)),
      ),
    };
  });
}

/** A user as Graph would show it with every property selected. What follows from licences is made when it is read. */
export function userEntity(directory: Directory, user: User): Properties {
  const { licenses } = user;
  return {
    ...user.properties,
    id: user.id,
    userPrincipalName: user.userPrincipalName,
    get assignedLicenses() {
      return assignedLicenses(licenses);
    },
    get licenseAssignmentStates() {
      return licenses.map(licenseEntity);
    },
    get assignedPlans() {
      return assignedPlans(directory, licenses);
    },
    get signInActivity() {
      return directory.signInTimes.get(user.id) ?? null;
    },
    get provisionedPlans() {
      return provisionedPlans(directory, licenses);
    },
  };
}

function licenseEntity(license: LicenseState): Properties {
  return {
    skuId: license.skuId,
    disabledPlans: license.disabledPlans,
    assignedByGroup: license.assignedByGroup ?? null,
    state: license.state,
    error: license.error,
    lastUpdatedDateTime: new Date(license.updatedMs).toISOString(),
  };
}

export function groupEntity(directory: Directory, group: Group): Properties {
  return {
    ...group.properties,
    id: group.id,
    assignedLicenses: group.licenses,
    get hasMembersWithLicenseErrors() {
      return membersWithErrors(directory, group.id).length > 0;
    },
  };
}

/** Live members whose licences from this group are in error. */
export function membersWithErrors(directory: Directory, groupId: string): User[] {
  if (!directory.licensedGroups.has(groupId)) return [];
  const members = directory.memberships.members(groupId, directory.log.last);
  return members.flatMap((id) => {
    const user = directory.users.live(id);
    const hasError = user?.licenses.some(
      (license) => license.assignedByGroup === groupId && license.error !== 'None',
    );
    return user && hasError === true ? [user] : [];
  });
}

function remember(directory: Directory, name: string, id: string): void {
  const ids = directory.names.get(name) ?? new Set<string>();
  directory.names.set(name, ids.add(id));
}

function countSeats(directory: Directory, user: User | undefined, step: 1 | -1): void {
  for (const { skuId } of user ? assignedLicenses(user.licenses) : []) {
    directory.seatsInUse.set(skuId, (directory.seatsInUse.get(skuId) ?? 0) + step);
  }
}

/** Live users; decides the throttling class of the tenant (graph.md 10.1). */
export function findUserCount(directory: Directory): number {
  return directory.users.liveCount;
}

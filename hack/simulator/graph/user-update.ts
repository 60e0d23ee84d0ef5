/** PATCH of a user: what may change, who may change it, how sign-in properties hang together (graph.md 2.2, 2.5, 2.9). */
import { recordAudit } from '../directory/audit.ts';
import type { Properties, User } from '../directory/directory.ts';
import { domainOf, findDomain, saveUser } from '../directory/records.ts';
import { asText } from '../directory/text.ts';
import {
  checkPassword,
  checkUserPrincipalName,
  checkUserValues,
  SHAREPOINT_PROPERTIES,
  SYNCED_REFUSAL,
} from '../directory/user-rules.ts';
import type { ApiResponse, Caller } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT } from './call.ts';
import { badRequest, denied, notImplemented } from './errors.ts';
import { requireAuthorityOver } from './permissions.ts';
import {
  requireUnique,
  requireWritableUser,
  userTarget,
  withMail,
  withoutAnnotations,
} from './users.ts';

export const USER_UPDATE_HANDLERS: Handlers = {
  'PATCH /users/{user-id}': updateUser,
};

/** Changing one of these on an administrator needs more than a Graph permission (graph.md 2.9). */
const SENSITIVE = [
  'accountEnabled',
  'businessPhones',
  'mobilePhone',
  'onPremisesImmutableId',
  'otherMails',
  'passwordProfile',
  'userPrincipalName',
];
/** What the narrow permissions allow to change; the wide ones allow all but passwords. */
const NARROW_PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  'User.EnableDisableAccount.All': ['accountEnabled'],
  'User-PasswordProfile.ReadWrite.All': ['passwordProfile'],
  'User-Phone.ReadWrite.All': ['businessPhones', 'mobilePhone'],
  'User-Mail.ReadWrite.All': ['otherMails'],
  'User.ManageIdentities.All': ['identities'],
};
const WIDE_PERMISSIONS = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];

function updateUser(call: Call): ApiResponse {
  const user = requireWritableUser(call);
  const { id, passwordProfile, userPrincipalName, ...given } = call.body;
  if (id !== undefined && id !== user.id)
    throw badRequest("Property 'id' is read-only and cannot be set.");
  const changed = changedNames(call.body);
  requireMayChange(call.caller, changed);
  checkUserValues(given);
  if (
    user.properties['onPremisesSyncEnabled'] === true &&
    changed.some((name) => name !== 'usageLocation')
  ) {
    throw badRequest(SYNCED_REFUSAL);
  }
  if (changed.some((name) => SENSITIVE.includes(name))) requireAuthorityOver(call, user.id);
  const next = withMail({
    ...user,
    userPrincipalName:
      userPrincipalName === undefined ? user.userPrincipalName : asText(userPrincipalName),
    properties: merge(user.properties, withoutAnnotations(given)),
  });
  checkSignInChange(call, user, next);
  requireUnique(call, next);
  saveUser(call.directory, hasNewPassword(passwordProfile) ? withNewPassword(call, next) : next);
  recordChange(call, user, next);
  return NO_CONTENT;
}

/** @throws GraphError 403 where the token covers the call, but not all of these properties. */
function requireMayChange(caller: Caller, changed: readonly string[]): void {
  if (caller.portal === true) return;
  const held = caller.kind === 'user' ? caller.scopes : caller.roles;
  const isAsUser = caller.kind === 'user' && held.includes('Directory.AccessAsUser.All');
  const isWide = isAsUser || WIDE_PERMISSIONS.some((name) => held.includes(name));
  const allowed = new Set(held.flatMap((name) => NARROW_PERMISSIONS[name] ?? []));
  if (isAsUser) allowed.add('passwordProfile');
  for (const name of changed) {
    const isCovered = isWide && name !== 'passwordProfile';
    checkForeignProperty(caller, name);
    if (!isCovered && !allowed.has(name)) throw denied();
  }
}

/** @throws GraphError 403: when somebody leaves is for two permissions together (graph.md 2.2) */
function requireLifeCycle(caller: Caller): void {
  const held = caller.kind === 'user' ? caller.scopes : caller.roles;
  const isAllowed =
    held.includes('User-LifeCycleInfo.ReadWrite.All') &&
    (held.includes('User.Read.All') || held.includes('User.ReadWrite.All'));
  if (!isAllowed) throw denied();
}

/** Kept outside the directory, or not for apps. */
function checkForeignProperty(caller: Caller, name: string): void {
  const isApp = caller.kind === 'app';
  if (name === 'employeeLeaveDateTime') requireLifeCycle(caller);
  if (isApp && (SHAREPOINT_PROPERTIES.has(name) || name === 'employeeHireDate')) throw denied();
  if (SHAREPOINT_PROPERTIES.has(name)) throw notImplemented(`writing ${name}`);
}

/** One level deep: extension attributes are merged, `employeeOrgData` is replaced whole (graph.md 2.2). */
function merge(before: Properties, given: Properties): Properties {
  const next: Record<string, unknown> = { ...before, ...given };
  const extension = given['onPremisesExtensionAttributes'];
  if (extension !== undefined) {
    next['onPremisesExtensionAttributes'] = {
      ...(before['onPremisesExtensionAttributes'] as object | undefined),
      ...(extension as object),
    };
  }
  const organization = given['employeeOrgData'];
  if (organization) next['employeeOrgData'] = { division: null, costCenter: null, ...organization };
  return next;
}

/** UPN, anchor and password hang together on federated domains (graph.md 17.2, 17.3; active-directory.md B5). */
function checkSignInChange(call: Call, user: User, next: User): void {
  const { directory } = call;
  const before = findDomain(directory, domainOf(user.userPrincipalName));
  const isFederated = checkUserPrincipalName(directory, next.userPrincipalName);
  if (before?.authenticationType === 'Federated') checkFederatedUser(call, user, next);
  if (isFederated && typeof next.properties['onPremisesImmutableId'] !== 'string') {
    throw badRequest(
      "A value is required for property 'onPremisesImmutableId' of resource 'User'.",
    );
  }
  const password = call.body['passwordProfile'] as Properties | null | undefined;
  if (password && isFederated) {
    throw badRequest('The password of a federated user cannot be changed here.');
  }
  if (password?.['password'] !== undefined) checkPassword(password['password']);
}

function anchorOf(user: User): unknown {
  return user.properties['onPremisesImmutableId'] ?? null;
}

/** What a user whose domain is federated now may not do in one step. */
function checkFederatedUser(call: Call, user: User, next: User): void {
  if (anchorOf(next) !== anchorOf(user)) {
    throw badRequest(
      "Property 'onPremisesImmutableId' cannot be changed while the user's domain is federated.",
    );
  }
  if (domainOf(user.userPrincipalName) === domainOf(next.userPrincipalName)) return;
  if (checkUserPrincipalName(call.directory, next.userPrincipalName)) {
    throw badRequest(
      'The user principal name cannot be moved from one federated domain to another.',
    );
  }
  const password = call.body['passwordProfile'] as Properties | null | undefined;
  if (typeof password?.['password'] !== 'string') {
    throw badRequest(
      'A password is required when a user moves from a federated to a managed domain.',
    );
  }
}

/** The flags alone leave the password and the sessions as they are. */
function hasNewPassword(profile: unknown): boolean {
  return typeof (profile as Properties | null | undefined)?.['password'] === 'string';
}

function withNewPassword(call: Call, user: User): User {
  const now = new Date(call.world.clock.nowMs()).toISOString();
  const dates = { lastPasswordChangeDateTime: now, signInSessionsValidFromDateTime: now };
  return { ...user, properties: { ...user.properties, ...dates } };
}

function recordChange(call: Call, before: User, after: User): void {
  const changed = changedNames(call.body);
  const modified = changed.map((name) => ({
    name,
    before: valueOf(before, name),
    after: valueOf(after, name),
  }));
  for (const activity of activities(call.body, changed)) {
    const targets = [userTarget(after, modified)];
    recordAudit(call, { activity, category: 'UserManagement', targets });
  }
}

function changedNames(body: Properties): string[] {
  return Object.keys(body).filter((name) => name !== 'id' && !name.startsWith('@odata.'));
}

function valueOf(user: User, name: string): unknown {
  return name === 'userPrincipalName' ? user.userPrincipalName : user.properties[name];
}

function activities(body: Properties, changed: readonly string[]): string[] {
  const names = changed.includes('passwordProfile') ? ['Reset user password'] : [];
  if (body['accountEnabled'] !== undefined) {
    names.push(body['accountEnabled'] === true ? 'Enable account' : 'Disable account');
  }
  const isOther = changed.some((name) => name !== 'passwordProfile' && name !== 'accountEnabled');
  return isOther ? [...names, 'Update user'] : names;
}

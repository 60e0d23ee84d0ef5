/** Passwords of a person's accounts, and the Secret that holds the one people are told. */
import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import type { SecretData } from '../../core/cluster.ts';
import { bug, terminal } from '../../core/errors.ts';
import { localPart } from '../../core/names.ts';
import type { M365User } from '../../core/objects.ts';
import {
  noMoreRules,
  type PasswordRules,
  passwordFor,
  passwordProblem,
} from '../../core/password.ts';
import type { Deps } from '../access.ts';
import { directoryModeOf } from '../directory-mode.ts';
import type { UserLearned, Work } from './work.ts';

/** The initial password where this side gets it (`identity.passwords`), else one that nobody knows. */
export async function passwordOf(work: Work, side: 'ActiveDirectory' | 'Cloud'): Promise<string> {
  const { access, user, deps } = work;
  const identity = access.tenant.spec.identity;
  const isOnlySide = identity?.activeDirectory !== 'Managed';
  const isMeant = isOnlySide || ['Both', side].includes(identity?.passwords ?? 'Both');
  if (user.spec.initialPassword !== undefined && isMeant) return initialPassword(work);
  const rules = side === 'ActiveDirectory' ? await rulesOf(work) : noMoreRules;
  return unknownPassword(user, deps, rules);
}

/** Nobody types it: longer than finer policies of Active Directory ask, which are not seen (password-policy-port.ts). */
const unknownLength = 64;

/** One that is stored nowhere. */
export function unknownPassword(
  user: M365User,
  deps: Pick<Deps, 'randomBytes'>,
  rules: PasswordRules,
): string {
  const minLength = Math.max(unknownLength, rules.minLength);
  return newPassword(user, deps, { ...rules, minLength });
}

/** Administrators change it once in years; what is too old is refused when the password is set. */
const policyMaxAgeMs = 5 * 60_000;
const policies = new WeakMap<
  ActiveDirectory,
  { readonly rules: PasswordRules; readonly atMs: number }
>();

/** Of the domain, where the person has an account there. */
export async function rulesOf({ access, user, deps, signal }: Work): Promise<PasswordRules> {
  const { activeDirectory } = access.clients;
  const isWritten = user.spec.type !== 'Guest' && directoryModeOf(access.tenant) === 'Managed';
  if (activeDirectory === undefined || !isWritten) return noMoreRules;
  const atMs = deps.nowMs();
  const known = policies.get(activeDirectory);
  if (known !== undefined && atMs - known.atMs < policyMaxAgeMs) return known.rules;
  const rules = await activeDirectory.passwordPolicy(signal);
  policies.set(activeDirectory, { rules, atMs });
  return rules;
}

/**
 * Stored before the account is made, so that it is never lost: the Secret of this name where it exists (then it is
 * the user's own, any label), else a new one that belongs to the custom resource.
 */
export async function initialPassword(work: Work): Promise<string> {
  const { deps, user, access, signal } = work;
  const secretName = user.spec.initialPassword?.secretName;
  if (secretName === undefined) throw bug('no initial password is declared');
  const { namespace } = user.metadata;
  const given = await deps.cluster.readSecret(namespace, secretName, signal);
  if (given !== undefined && isExpired(user, given)) return renewedPassword(work, secretName);
  const rules = await rulesOf(work);
  const data =
    given ??
    (await deps.cluster.ensureSecret(
      {
        namespace,
        name: secretName,
        type: 'Opaque',
        owner: user,
        tenant: access.tenant.metadata.name,
        data: { password: newPassword(user, deps, rules) },
      },
      signal,
    ));
  return checkedPassword(user, { secretName, rules }, data['password']);
}

function checkedPassword(
  user: M365User,
  { secretName, rules }: { readonly secretName: string; readonly rules: PasswordRules },
  value: Uint8Array | undefined,
): string {
  if (value === undefined) {
    throw terminal(`Secret "${secretName}" has no key "password"`, { reason: 'SecretKeyMissing' });
  }
  const password = new TextDecoder().decode(value);
  const problem = passwordProblem(password, namesOf(user), rules);
  if (problem === undefined) return password;
  throw terminal(
    `the password in Secret "${secretName}" is not accepted by both directories: ${problem}`,
    {
      reason: 'PasswordNotAccepted',
    },
  );
}

/** One that both directories take. */
function newPassword(
  user: M365User,
  { randomBytes }: Pick<Deps, 'randomBytes'>,
  rules: PasswordRules,
): string {
  return passwordFor(randomBytes, namesOf(user), rules);
}

/** None of these may be in the password (active-directory.md B8). */
function namesOf({ spec, status }: M365User): readonly string[] {
  const samAccountName = spec.activeDirectory?.samAccountName ?? status?.samAccountName ?? '';
  return [spec.displayName, localPart(spec.userPrincipalName), samAccountName];
}

/** A new one into the Secret, whoever made that. */
export async function renewPassword(work: Work): Promise<void> {
  const { deps, user, signal } = work;
  const secretName = user.spec.initialPassword?.secretName;
  if (secretName === undefined) throw bug('no Secret for the new password is declared');
  const { namespace } = user.metadata;
  if ((await deps.cluster.readSecret(namespace, secretName, signal)) === undefined) {
    await initialPassword(work);
    return;
  }
  await renewedPassword(work, secretName);
}

async function renewedPassword(work: Work, secretName: string): Promise<string> {
  const { deps, user, signal } = work;
  const password = newPassword(user, deps, await rulesOf(work));
  await deps.cluster.patchSecret(user.metadata.namespace, secretName, { password }, signal);
  return password;
}

/** The operator took its password out (password-expiry.ts): what is missing is nobody's mistake. */
export function isExpired({ status }: M365User, data: SecretData): boolean {
  return status?.passwordSecret?.expiredAt !== undefined && data['password'] === undefined;
}

/** Nothing is left to take out where the Secret is gone. */
export async function expirePassword({ deps, user, signal }: Work): Promise<void> {
  const { namespace } = user.metadata;
  const { name } = user.status?.passwordSecret ?? {};
  if (name === undefined) throw bug('no Secret of a password is on record');
  if ((await deps.cluster.readSecret(namespace, name, signal)) === undefined) return;
  await deps.cluster.patchSecret(namespace, name, { password: null }, signal);
}

/** The request for a new password is fulfilled with the last directory that took it. */
export function fulfilled(
  request: string | undefined,
  audit: NonNullable<UserLearned['audit']>,
): UserLearned {
  return request === undefined
    ? { audit }
    : { status: { lastHandledPasswordRotation: request }, audit };
}

/**
 * A password that lies in the cluster for long is found by the wrong person: after `initialPassword.expireAfterDays`, or at
 * the first sign-in, it is taken out of the Secret. Pure.
 *
 * | the password in the Secret                              | then                              |
 * | ------------------------------------------------------- | --------------------------------- |
 * | was not put there by the operator, or has no end        | nothing                           |
 * | an account is still to be made with it                  | nothing yet                       |
 * | its days are not over                                   | nothing: looked at when they are  |
 * | its days are over                                       | ExpirePasswordSecret              |
 * | the person has signed in since, expireAtFirstSignIn     | ExpirePasswordSecret              |
 * | … which no directory would tell                         | PasswordExpiry=False              |
 * | is made, or made anew, and has an end                   | RecordPasswordSecret before       |
 */
import { condition } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import type { Condition } from '../../core/resource.ts';
import * as act from './actions.ts';
import type { ObservedUser } from './observed.ts';

const dayMs = 24 * 60 * 60_000;

export interface Expiry {
  readonly actions: readonly act.UserAction[];
  readonly conditions: readonly Condition[];
  readonly lookAtMs: number | undefined;
}

const nothing: Expiry = { actions: [], conditions: [], lookAtMs: undefined };

export function passwordExpiry(
  { spec, status }: M365User,
  {
    isBeingMade,
    signIn,
    nowMs,
  }: Pick<ObservedUser, 'signIn'> & {
    readonly isBeingMade: boolean;
    readonly nowMs: number;
  },
): Expiry {
  const days = spec.initialPassword?.expireAfterDays;
  const storedAt = storedAtOf(status);
  if (days === undefined || storedAt === undefined || isBeingMade) return nothing;
  const endMs = Date.parse(storedAt) + days * dayMs;
  if (endMs <= nowMs || hasSignedIn(signIn, storedAt)) {
    return { ...nothing, actions: [act.expirePasswordSecret] };
  }
  if (signIn === undefined) return { ...nothing, lookAtMs: endMs };
  return {
    actions: [],
    conditions: signIn.isTold ? [] : [signInsUnknown],
    lookAtMs: Math.min(endMs, Math.max(signIn.nextMs, nowMs + leastMs)),
  };
}

/** Between two looks for the first sign-in, whatever is said of the next. */
const leastMs = 60_000;

function hasSignedIn(signIn: ObservedUser['signIn'], storedAt: string): boolean {
  return signIn?.lastMs !== undefined && signIn.lastMs >= Date.parse(storedAt);
}

const signInsUnknown = condition(
  'PasswordExpiry',
  'False',
  'SignInsUnknown',
  'the first sign-in cannot be seen: Microsoft tells it with Entra ID P1 and the permission AuditLog.Read.All; the password stays in the Secret for expireAfterDays',
);

/** A password of ours lies in the Secret until then. */
export function awaitsFirstSignIn({ metadata, spec, status }: M365User): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return spec.initialPassword?.expireAtFirstSignIn === true && storedAtOf(status) !== undefined;
}

/** The same actions, with the record before whatever puts a password into the Secret. */
export function recorded(
  { spec, status }: M365User,
  actions: readonly act.UserAction[],
): readonly act.UserAction[] {
  if (spec.initialPassword?.expireAfterDays === undefined) return actions;
  const isOnRecord = storedAtOf(status) !== undefined;
  const needsRecord = actions.some(
    (action) => action.name === 'RenewPasswordSecret' || (!isOnRecord && mayStore(action)),
  );
  return needsRecord ? [act.recordPasswordSecret, ...actions] : actions;
}

function mayStore(action: act.UserAction): boolean {
  if (action.name === 'UpdateEntraUser') return action.needsPassword;
  return action.name === 'CreatePasswordSecret';
}

/** Undefined: none of ours lies there. */
function storedAtOf(status: M365User['status']): string | undefined {
  const { storedAt, expiredAt } = status?.passwordSecret ?? {};
  if (storedAt === undefined || expiredAt === undefined) return storedAt;
  return Date.parse(expiredAt) >= Date.parse(storedAt) ? undefined : storedAt;
}

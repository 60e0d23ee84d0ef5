/**
 * A password that lies in the cluster for long is found by the wrong person: after `initialPassword.expireAfterDays` it is
 * taken out of the Secret. Pure.
 *
 * | the password in the Secret                              | then                              |
 * | ------------------------------------------------------- | --------------------------------- |
 * | was not put there by the operator, or has no end        | nothing                           |
 * | an account is still to be made with it                  | nothing yet                       |
 * | its days are not over                                   | nothing: looked at when they are  |
 * | its days are over                                       | ExpirePasswordSecret              |
 * | is made, or made anew, and has an end                   | RecordPasswordSecret before       |
 */
import type { M365User } from '../../core/objects.ts';
import * as act from './actions.ts';

const dayMs = 24 * 60 * 60_000;

export interface Expiry {
  readonly actions: readonly act.UserAction[];
  readonly lookAtMs: number | undefined;
}

export function passwordExpiry(
  { spec, status }: M365User,
  { isBeingMade, nowMs }: { readonly isBeingMade: boolean; readonly nowMs: number },
): Expiry {
  const days = spec.initialPassword?.expireAfterDays;
  const storedAt = storedAtOf(status);
  if (days === undefined || storedAt === undefined || isBeingMade) {
    return { actions: [], lookAtMs: undefined };
  }
  const endMs = Date.parse(storedAt) + days * dayMs;
  return endMs <= nowMs
    ? { actions: [act.expirePasswordSecret], lookAtMs: undefined }
    : { actions: [], lookAtMs: endMs };
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

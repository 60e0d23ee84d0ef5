/** What is done with the Secret of a person's password. */
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import { isNamed } from '../../core/plan.ts';
import type { UserAction } from './actions.ts';
import { expirePassword, initialPassword, renewPassword } from './passwords.ts';
import type { UserLearned, Work } from './work.ts';

export const onSecret = [
  'RecordPasswordSecret',
  'CreatePasswordSecret',
  'RenewPasswordSecret',
  'ExpirePasswordSecret',
] as const;

type OnSecret = Extract<UserAction, { name: (typeof onSecret)[number] }>;

export async function applyOnSecret(action: OnSecret, work: Work): Promise<UserLearned> {
  const { deps, user } = work;
  const audit = { target: user.spec.initialPassword?.secretName };
  if (action.name === 'RecordPasswordSecret') return { status: stored(work) };
  if (action.name === 'CreatePasswordSecret') await initialPassword(work);
  if (action.name === 'RenewPasswordSecret') await renewPassword(work);
  if (!isNamed(action, ['ExpirePasswordSecret'])) return { status: stored(work), audit };
  await expirePassword(work);
  const { passwordSecret } = user.status ?? {};
  if (passwordSecret === undefined) return { audit };
  const expiredAt = new Date(deps.nowMs()).toISOString();
  return {
    status: { passwordSecret: { ...passwordSecret, expiredAt } },
    audit: { target: passwordSecret.name },
  };
}

function stored({ deps, user }: Work): Partial<M365UserStatus> {
  const name = user.spec.initialPassword?.secretName;
  if (name === undefined) return {};
  const storedAt = new Date(deps.nowMs()).toISOString();
  return { passwordSecret: { ...user.status?.passwordSecret, name, storedAt } };
}

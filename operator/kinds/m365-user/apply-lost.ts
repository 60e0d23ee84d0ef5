/** Giving an account in Active Directory back what others took from it (directory-lost.ts). */
import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import type { UserAction } from './actions.ts';
import { passwordOf } from './passwords.ts';
import type { UserLearned, Work } from './work.ts';

export async function restoreAdAccount(
  { objectGuid, lost, needsPassword }: Extract<UserAction, { name: 'RestoreAdAccount' }>,
  work: Work,
  directory: ActiveDirectory,
): Promise<UserLearned> {
  const password = needsPassword ? await passwordOf(work, 'ActiveDirectory') : undefined;
  await directory.restoreAccount(objectGuid, { ...lost, password }, work.signal);
  return { audit: { target: objectGuid, after: lost } };
}

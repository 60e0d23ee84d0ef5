/** What is asked of Entra about one person, which the tenant's view does not tell. */
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { isEnabled } from './desired.ts';
import { awaitsSeatProof } from './leaver-conditions.ts';
import { mailboxOf, rolesOf } from './leaver-look.ts';
import type { Look } from './look.ts';
import type { ObservedUser } from './observed.ts';
import { signInOf } from './sign-in-look.ts';

type Asked = Pick<ObservedUser, 'isReadBack' | 'roles' | 'mailbox' | 'signIn'>;

/** Nothing before an open account in Active Directory is blocked: Graph may not answer. */
export async function askEntra(
  look: Look,
  entra: EntraUser | undefined,
  account: AdAccount | undefined,
): Promise<Asked> {
  if (blocksFirst(look, entra, account))
    return { isReadBack: entra === undefined || look.view.isReadBack(entra.id) };
  return {
    isReadBack: entra === undefined || (await readBack(look, entra.id)),
    roles: await rolesOf(look, entra),
    mailbox: await mailboxOf(look, entra),
    signIn: await signInOf(look, entra, account),
  };
}

/** An administrator loses the roles before. */
function blocksFirst(
  { user, view, deps }: Look,
  entra: EntraUser | undefined,
  account: AdAccount | undefined,
): boolean {
  const isToBlock = user.metadata.deletionTimestamp === undefined && !isEnabled(user, deps.nowMs());
  return isToBlock && account?.enabled === true && !(entra && view.isPrivileged(entra.id));
}

/** A correction counts only when Entra shows it, and so does a seat that a leaver gave back: one read, where there was one. */
async function readBack({ deps, user, view, signal }: Look, id: string): Promise<boolean> {
  const hasDrift = (user.status?.drift ?? []).length > 0;
  if (hasDrift || awaitsSeatProof(user, deps.nowMs())) await view.readBack(id, signal);
  return view.isReadBack(id);
}

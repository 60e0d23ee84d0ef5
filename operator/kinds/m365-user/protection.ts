/** Whether an account is one that no manifest may harm (safeguards.ts). */
import type { EntraUser } from '../../clients/graph/port.ts';
import { isProtected } from '../protected-accounts.ts';
import type { Look } from './look.ts';
import { isListed, type Protection } from './safeguards.ts';

export function protectionOf(
  { user, access, view }: Look,
  entra: EntraUser | undefined,
): Protection | undefined {
  const { tenant } = access;
  const isBreakGlass =
    isListed(tenant.spec.protectedUsers, user, entra) ||
    (entra !== undefined && isProtected(tenant, entra.id));
  if (isBreakGlass) return 'ProtectedAccount';
  return entra !== undefined && view.isPrivileged(entra.id) ? 'PrivilegedAccount' : undefined;
}

/** What only tenants with Entra ID P1 or P2 have (graph.md 0.3, 9). */
import { hasPremium } from '../directory/sign-ins.ts';
import type { Call } from './call.ts';
import { denied, GraphError } from './errors.ts';

/** Of users as of the sign-in log (graph.md 2.3). @throws GraphError 403 */
export function requireSignInActivity(call: Call): void {
  const { kind, portal, roles, scopes } = call.caller;
  const held = kind === 'user' ? scopes : roles;
  if (portal !== true && !held.includes('AuditLog.Read.All')) throw denied();
  requirePremium(call);
}

/** @throws GraphError 403 */
export function requirePremium({ directory }: Call): void {
  if (hasPremium(directory)) return;
  throw new GraphError(
    403,
    'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    "Neither tenant is B2C or tenant doesn't have premium license",
  );
}

import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import { bug } from '../../core/errors.ts';
import type { TenantAccess } from '../access.ts';
import { directoryModeOf as directoryModeOfTenant } from '../directory-mode.ts';
import type { Look } from './look.ts';

/** Of a tenant for which an action in Active Directory was planned. */
export function requireDirectory({ clients }: TenantAccess): ActiveDirectory {
  if (clients.activeDirectory === undefined) throw bug('no Active Directory to write to');
  return clients.activeDirectory;
}

/** A guest has its Active Directory at home. */
export function directoryModeOf({ user, access }: Pick<Look, 'user' | 'access'>) {
  if (user.spec.type === 'Guest') return 'None';
  return directoryModeOfTenant(access.tenant);
}

/** Undefined: this tenant has no accounts in Active Directory of ours, or none at the moment. */
export function writtenDirectory(look: Pick<Look, 'user' | 'access'>): ActiveDirectory | undefined {
  return directoryModeOf(look) === 'Managed' ? look.access.clients.activeDirectory : undefined;
}

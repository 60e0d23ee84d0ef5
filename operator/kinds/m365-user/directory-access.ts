import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import { bug } from '../../core/errors.ts';
import type { TenantAccess } from '../access.ts';

/** Of a tenant for which an action in Active Directory was planned. */
export function requireDirectory({ clients }: TenantAccess): ActiveDirectory {
  if (clients.activeDirectory === undefined) throw bug('no Active Directory to write to');
  return clients.activeDirectory;
}

import { claimKey, type ObjectKey } from '../../core/resource.ts';

/** One object for each sign-in name, in all tenants. */
export function userClaim(userPrincipalName: string): ObjectKey {
  return claimKey('M365User', userPrincipalName.toLowerCase());
}

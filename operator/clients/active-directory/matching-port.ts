/** The part of the port that finds people who were there before the operator. */
import type { AdAccount } from './port.ts';

/** Neither is unique in Active Directory. */
export type MatchKey = { readonly anchor: string } | { readonly mail: string };

export interface AccountMatching {
  /** Of the people below the OU those with this anchor or mail, sorted by GUID. An anchor that is no base64 is nobody's. */
  findAccountsBy(
    organizationalUnit: string,
    key: MatchKey,
    signal: AbortSignal,
  ): Promise<readonly AdAccount[]>;
}

/** Where an account stands. */
export interface AccountMoves {
  /**
   * Into this OU, which is there, under the same objectGUID and logon names; there already is success. Where a namesake
   * has its common name in that OU it gets another one.
   */
  moveAccount(objectGuid: string, organizationalUnit: string, signal: AbortSignal): Promise<void>;
  /** It was taken out of the customers OU, as far as the service account may see: there it is not ours to touch. */
  isOutside(objectGuid: string, signal: AbortSignal): Promise<boolean>;
}

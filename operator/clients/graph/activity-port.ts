/** What licences that nobody needs are known by: who made an account and when, and when it was last used. */

export interface AccountFacts {
  /** Object id. */
  readonly id: string;
  /** Undefined: Entra does not tell. */
  readonly createdMs: number | undefined;
  /** For whom `createUser` made it; undefined: others made it. */
  readonly owner: string | undefined;
  /**
   * The last sign-in of either kind (graph.md 2.3; a day late at times). Undefined: none since Microsoft keeps them, or
   * they were not asked for.
   */
  readonly lastSignInMs: number | undefined;
  /** The last one that succeeded: `lastSignInMs` counts attempts as well. */
  readonly lastSuccessMs?: number | undefined;
}

export interface ActivityReads {
  /**
   * One page of all accounts, from the start without a link: 500 with sign-ins, of which ten requests a minute are
   * allowed (graph.md 2.4, 10.1), 999 without. Wait `PremiumLicenseMissing`, `PermissionDenied` where Microsoft gives no
   * sign-ins, `ResyncRequired` where the link is too old.
   */
  listActivity(
    page: { readonly withSignIns: boolean; readonly link: string | undefined },
    signal: AbortSignal,
  ): Promise<{ readonly accounts: readonly AccountFacts[]; readonly nextLink: string | undefined }>;
  /** Of one account, as it is now, with its sign-ins where they are asked for. */
  getActivity(
    id: string,
    withSignIns: boolean,
    signal: AbortSignal,
  ): Promise<AccountFacts | undefined>;
}

/** NotRead: nobody has asked yet, or the answer is still to come. The others are why Microsoft gives none. */
export type SignInData = 'Available' | 'NotRead' | 'PremiumLicenseMissing' | 'PermissionDenied';

/** Accounts of one tenant as they were at the last look at all of them. All reads are from memory. */
export interface ActivityView {
  /** When the look that is shown began; 0: there was none. */
  readonly readMs: number;
  readonly signIns: SignInData;
  /** There is more to read, and not before; undefined: nothing is left to do. */
  readonly goOnMs: number | undefined;
  account(id: string): AccountFacts | undefined;
  /** Reads all, where the last look is from before; what the quota leaves over is read at the next call. */
  refresh(
    wanted: { readonly sinceMs: number; readonly withSignIns: boolean },
    signal: AbortSignal,
  ): Promise<void>;
  /** A read by key. */
  record(facts: AccountFacts): void;
}

/** Who changed what in a tenant's directory, as its audit log tells (graph.md 9). */

/** One entry of the directory's audit log. */
export interface DirectoryAudit {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  /** As the portal shows it, e.g. `Update user`. */
  readonly activity: string;
  readonly isSuccess: boolean;
  readonly author: {
    readonly type: 'User' | 'Application';
    /** Object id of the person, or application id. */
    readonly id: string | undefined;
    readonly name: string;
  };
  readonly targetIds: readonly string[];
  /** Display names of the groups among them. */
  readonly groups?: readonly string[] | undefined;
  /** Properties that changed, by the log's names, e.g. `JobTitle`. */
  readonly fields: readonly string[];
}

/** A change to one account by somebody else than the operator. */
export interface OutsideChange
  extends Pick<DirectoryAudit, 'at' | 'activity' | 'author' | 'groups' | 'fields'> {
  /** Object id of the account or group, or name of the domain. */
  readonly id: string;
  readonly auditId: string;
}

/** Who changed accounts of one tenant, told minutes after the change itself. */
export interface OutsideChanges {
  /** These accounts, groups or domains were seen to be others than they were then. */
  expect(ids: Iterable<string>, sinceMs: number): void;
  /** Any change of these accounts is told, also one that no read of the directory shows: a password, a role. */
  watch(ids: Iterable<string>): void;
  /** Asks the audit log where it is time to. */
  read(signal: AbortSignal): Promise<void>;
  /** What is known of this one since the start, newest first, five at most. */
  of(id: string): readonly OutsideChange[];
}

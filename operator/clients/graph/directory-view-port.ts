import type {
  DeletedUser,
  EntraGroup,
  EntraUser,
  NewGroup,
  Organization,
  SubscribedSku,
  Written,
} from './port.ts';
import type { RolesView } from './roles-port.ts';

/**
 * One tenant's directory as last seen, fed by delta and overlaid with our own writes until the directory shows them:
 * replication lag is not drift. All reads are from memory.
 */
export interface DirectoryView extends RolesView {
  /** false until the first full read. */
  readonly isLoaded: boolean;
  readonly lastFullReadMs: number;
  /** When it last read what changed; 0: never. */
  readonly lastReadMs: number;
  readonly userCount: number;
  readonly skus: readonly SubscribedSku[];
  /** As of the last full read; undefined: it could not be read with the rest. */
  readonly organization: Organization | undefined;
  user(id: string): EntraUser | undefined;
  /** All, in no order. */
  users(): Iterable<EntraUser>;
  userByPrincipalName(userPrincipalName: string): EntraUser | undefined;
  usersByAnchor(anchor: string): readonly EntraUser[];
  /** How many accounts with a name in this domain could not sign in at a federation server. */
  usersWithoutAnchor(domain: string): number;
  /** By display name, or the one of this object id. */
  groupsByName(displayNameOrId: string): readonly EntraGroup[];
  groupsOf(userId: string): readonly EntraGroup[];
  /** Seats of a SKU in use by users of the view; group-inherited ones included. */
  assignedUsers(skuId: string): number;
  /** Whoever holds it, in no order. */
  holdersOf(skuId: string): readonly EntraUser[];
  /** Somebody waits for a seat: the next refreshes look whether one was bought outside. */
  wantSeat(): void;
  /** Reads what changed since the last time (everything the first time, or after `invalidate`). */
  refresh(signal: AbortSignal): Promise<void>;
  /** The same, where the last time is longer ago than this. */
  refreshIfOlder(maxAgeMs: number, signal: AbortSignal): Promise<void>;
  /** The next refresh reads everything. */
  invalidate(): void;
  /** What we wrote of this account has been read since, from Entra itself. */
  isReadBack(id: string): boolean;
  /** Reads it by key now, where something of it was not read yet. */
  readBack(id: string, signal: AbortSignal): Promise<void>;
  /** The recycle bin. It is read when somebody asks, and again after users were removed: not with every poll. */
  deletedUsers(signal: AbortSignal): Promise<readonly DeletedUser[]>;
  /** Removed so short a time ago that the recycle bin may not show it yet. */
  isRemovedLately(idOrUserPrincipalName: string): boolean;
  /** Our own write, or what a read by key found: shown at once, but not of one that is known to be removed since. */
  recordUser(id: string, change: Partial<EntraUser>): void;
  recordUserRestored(user: EntraUser): void;
  recordUserRemoved(id: string): void;
  /**
   * Creates the group of this name once, however many ask for it at the same time; one that the view shows meanwhile is
   * taken. Display names are not unique in Entra: nothing else would stop a second one.
   */
  createGroupOnce(
    group: NewGroup,
    create: () => Promise<{ readonly id: string } & Written>,
  ): Promise<{ readonly id: string } & Written>;
  recordMember(groupId: string, userId: string, isMember: boolean): void;
}

/**
 * Mailboxes, as far as Graph has them: what one is for, and nothing more. To convert it to a shared one, to hold or to
 * forward it, to see its size, archive or litigation hold takes Exchange's own interface and a role in Exchange
 * (product.md 2.2, CIPP); whoever has that does it, and the operator sees that it is done.
 */

/** Other: a room, equipment, or what Microsoft adds. */
export type MailboxPurpose = 'Person' | 'Shared' | 'Other';

export interface Mailboxes {
  /** Undefined: there is none (any more, or for some minutes after the licence). Wait `PermissionDenied` without MailboxSettings.Read. */
  mailboxPurpose(userId: string, signal: AbortSignal): Promise<MailboxPurpose | undefined>;
}

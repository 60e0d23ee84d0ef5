/** What mailboxes are for (user-get-mailboxsettings page, 2025). */
import * as z from 'zod';
import type { Part } from './answers.ts';
import type { GraphConnection } from './connection.ts';
import type { Mailboxes, MailboxPurpose } from './mailbox-port.ts';

const purposes: Readonly<Record<string, MailboxPurpose>> = {
  user: 'Person',
  linked: 'Person',
  shared: 'Shared',
};

const Purpose = z.object({ value: z.string() });

export function mailboxes(connection: GraphConnection): Part<keyof Mailboxes> {
  return {
    async mailboxPurpose(userId, signal) {
      const found = await connection.find(
        {
          path: `/users/${encodeURIComponent(userId)}/mailboxSettings/userPurpose`,
          operation: 'GetMailboxPurpose',
          // Exchange answers it: it takes nothing of the directory's quotas.
          cost: { service: 'other', units: 0, writes: 0 },
        },
        Purpose,
        signal,
      );
      return found === undefined ? undefined : (purposes[found.value] ?? 'Other');
    },
  };
}

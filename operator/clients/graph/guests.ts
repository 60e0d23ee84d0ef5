/** Guests (graph.md 2.8). */
import * as z from 'zod';
import { parseJson } from '../http.ts';
import { type Part, parseValue, written } from './answers.ts';
import type { GraphConnection } from './connection.ts';

const Invited = z.object({ invitedUser: z.object({ id: z.string() }) });

export function guests(connection: GraphConnection): Part<'inviteGuest'> {
  return {
    async inviteGuest({ mail, displayName, redirectUrl, sendMessage }, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: '/invitations',
          operation: 'InviteGuest',
          body: {
            invitedUserEmailAddress: mail,
            invitedUserDisplayName: displayName,
            inviteRedirectUrl: redirectUrl,
            sendInvitationMessage: sendMessage,
          },
        },
        signal,
      );
      const { invitedUser } = parseValue(Invited, parseJson(response.text), 'InviteGuest');
      return { id: invitedUser.id, ...written(response) };
    },
  };
}

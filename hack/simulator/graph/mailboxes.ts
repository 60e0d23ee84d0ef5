/**
 * What a mailbox is for (user-get-mailboxsettings page, 2025): all that Graph tells of its kind. Who converts one does it in
 * Exchange, as `sharedMailboxes` has it.
 */
import type { Directory, User } from '../directory/directory.ts';
import { assignedLicenses } from '../directory/records.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers } from './call.ts';
import { GraphError } from './errors.ts';
import { requireUser } from './users.ts';

export const MAILBOX_HANDLERS: Handlers = {
  'GET /users/{user-id}/mailboxSettings/userPurpose': getPurpose,
};

function getPurpose(call: Call): ApiResponse {
  const user = requireUser(call);
  const isShared = call.directory.sharedMailboxes.has(user.id);
  if (!isShared && !hasExchange(call.directory, user)) {
    throw new GraphError(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    );
  }
  return {
    status: 200,
    body: {
      '@odata.context': contextUrl(`users('${user.id}')/mailboxSettings/userPurpose`),
      value: isShared ? 'shared' : 'user',
    },
  };
}

function hasExchange({ subscriptions }: Directory, { licenses }: User): boolean {
  const held = new Set(assignedLicenses(licenses).map(({ skuId }) => skuId));
  return subscriptions
    .values()
    .some(
      ({ skuId, servicePlans }) =>
        held.has(skuId) &&
        servicePlans.some(({ servicePlanName }) => servicePlanName.startsWith('EXCHANGE_S_')),
    );
}

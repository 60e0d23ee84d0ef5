/** Guests (graph.md 2.8). Opening the redeem URL at the login host is accepting. */
import { recordAudit } from '../directory/audit.ts';
import type { Properties, User } from '../directory/directory.ts';
import { findDomain, holderOf, nameKey, saveUser } from '../directory/records.ts';
import { asText } from '../directory/text.ts';
import type { ApiResponse } from '../world.ts';
import type { Call, Handlers } from './call.ts';
import { badRequest, invalidValue } from './errors.ts';
import { single } from './query.ts';
import { requireQuota, requireUnique, userTarget, withMail } from './users.ts';

export const INVITATION_HANDLERS: Handlers = { 'POST /invitations': invite };

const PUBLIC_LOGIN = 'https://login.microsoftonline.com';
const MAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

function invite(call: Call): ApiResponse {
  const { mail, userType } = invited(call);
  const guest = knownGuest(call, mail) ?? newGuest(call, mail, userType);
  const entity = invitationEntity(call, guest, userType);
  const answer = single(call, { type: 'invitation', set: 'invitations', entity, status: 201 });
  return { ...answer, body: { ...(answer.body as object), invitedUser: { id: guest.id } } };
}

/** @throws GraphError 400 for whom or where to nobody can be invited */
function invited({ body, directory }: Call): { mail: string; userType: string } {
  const mail = asText(body['invitedUserEmailAddress']).toLowerCase();
  if (!MAIL.test(mail)) throw invalidValue('invitedUserEmailAddress');
  if (!URL.canParse(asText(body['inviteRedirectUrl']))) throw invalidValue('inviteRedirectUrl');
  const userType = asText(body['invitedUserType'], 'Guest');
  if (userType !== 'Guest' && userType !== 'Member') throw invalidValue('invitedUserType');
  if (findDomain(directory, mail.split('@')[1] ?? '')?.isVerified) {
    throw badRequest('The invited user is of a verified domain of this tenant.');
  }
  return { mail, userType };
}

function invitationEntity({ body, directory, world }: Call, guest: User, type: string): Properties {
  return {
    id: world.random.uuid(),
    invitedUserDisplayName: guest.properties['displayName'] ?? null,
    invitedUserEmailAddress: guest.properties['mail'],
    invitedUserType: type,
    inviteRedeemUrl: `${PUBLIC_LOGIN}/${directory.tenantId}/redeem?user=${guest.id}`,
    inviteRedirectUrl: body['inviteRedirectUrl'],
    resetRedemption: body['resetRedemption'] ?? false,
    sendInvitationMessage: body['sendInvitationMessage'] ?? false,
    status: guest.properties['externalUserState'],
    invitedUserMessageInfo: body['invitedUserMessageInfo'] ?? null,
  };
}

/** Who is invited again stays the same person. */
function knownGuest({ directory }: Call, mail: string): User | undefined {
  const id = holderOf(directory, nameKey('proxy', `SMTP:${mail}`));
  const user = id === undefined ? undefined : directory.users.live(id);
  return user?.properties['creationType'] === 'Invitation' ? user : undefined;
}

function newGuest(call: Call, mail: string, userType: string): User {
  const { world, directory, body } = call;
  const now = new Date(world.clock.nowMs()).toISOString();
  // No sign-in name has a sign that graph.md 2.2 does not list; how Microsoft replaces them is not confirmed.
  const nickname = `${mail.replaceAll(/[^A-Za-z0-9'._!#^~-]/g, '_')}#EXT#`;
  const guest = withMail({
    id: world.random.uuid(),
    userPrincipalName: `${nickname}@${directory.initialDomain}`,
    managerId: undefined,
    licenses: [],
    properties: {
      accountEnabled: true,
      displayName: asText(body['invitedUserDisplayName'], mail.split('@')[0]),
      mail,
      mailNickname: nickname,
      otherMails: [mail],
      businessPhones: [],
      proxyAddresses: [],
      userType,
      creationType: 'Invitation',
      externalUserState: 'PendingAcceptance',
      externalUserStateChangeDateTime: now,
      createdDateTime: now,
      signInSessionsValidFromDateTime: now,
    },
  });
  requireUnique(call, guest);
  requireQuota(call);
  saveUser(directory, guest);
  recordAudit(call, {
    activity: 'Invite external user',
    category: 'UserManagement',
    targets: [userTarget(guest)],
  });
  return guest;
}

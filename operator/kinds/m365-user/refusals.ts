/** Why no account in Entra is acted upon, in words. Pure. */
import type { Refusal } from './match.ts';
import type { Side } from './side.ts';

const messages: Readonly<Record<Refusal, string>> = {
  AmbiguousMatch:
    'several accounts in Entra ID could be this person: see status.candidates, and set entraId to the one that is meant',
  UserPrincipalNameTaken:
    'an account in Entra ID has this userPrincipalName already, and adoptionPolicy does not let it be taken over: set entraId to take it over',
  AnchorTaken:
    'an account in Entra ID has the anchor of this person already, and adoptionPolicy does not let it be taken over: set entraId to take it over',
  EntraIdNotFound: 'no account in Entra ID has the object id in entraId',
  EntraIdDiffers:
    'entraId names another account than the one that is managed: delete this object (deletionPolicy Retain) and create it again',
  LookingForAccount:
    'the account in Entra ID was removed; the recycle bin is looked through before another is made',
};

export function refusalSide(refusal: Refusal): Side {
  const isStalled = refusal !== 'LookingForAccount';
  return {
    type: 'EntraSynced',
    isSynced: false,
    reason: refusal,
    message: messages[refusal],
    ...(isStalled ? { isStalled } : {}),
    actions: [],
    drift: [],
  };
}

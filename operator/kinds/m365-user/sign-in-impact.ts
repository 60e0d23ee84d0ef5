/**
 * What a new sign-in name means for the person, said before it is written: with managementPolicies that do not allow
 * Update the name stays, and this with it. Pure.
 *
 * | the name moves                        | says                                                          |
 * | ------------------------------------- | ------------------------------------------------------------- |
 * | within one domain, or managed domains | NameOnly                                                      |
 * | into a federated domain               | FederatedSignIn; AnchorRequired where there is none           |
 * | out of one                            | NewPassword; UnknownPassword where no Secret is declared      |
 * | from one federated domain to another  | ThroughInitialDomain                                          |
 */
import { condition } from '../../core/conditions.ts';
import { domainPart } from '../../core/names.ts';
import type { M365User } from '../../core/objects.ts';
import type { Condition } from '../../core/resource.ts';
import type { ObservedUser } from './observed.ts';

const messages = {
  NameOnly:
    'the person signs in with another name, and the same password; the old name stays an e-mail address where Exchange keeps it, and apps ask to sign in again',
  FederatedSignIn:
    'the person signs in at the federation server from then on, with the password in Active Directory',
  AnchorRequired:
    'the new name is in a federated domain, and the account has no anchor: the name cannot be changed to it',
  NewPassword:
    'the person signs in at Microsoft from then on, with the password in the Secret of initialPassword',
  UnknownPassword:
    'the person signs in at Microsoft from then on, with a password that nobody knows: declare initialPassword first',
  ThroughInitialDomain:
    'the name goes through the initial domain of the tenant, as Microsoft wants it: until it arrives the person cannot sign in',
} as const;

/** Nothing where the name stays. */
export function signInImpact(user: M365User, observed: ObservedUser): readonly Condition[] {
  const { spec, metadata } = user;
  const from = observed.entra?.userPrincipalName;
  if (from === undefined || spec.type === 'Guest' || metadata.deletionTimestamp !== undefined) {
    return [];
  }
  if (from.toLowerCase() === spec.userPrincipalName.toLowerCase()) return [];
  const reason = reasonOf(user, observed, from);
  return [condition('SignInNameChanging', 'True', reason, messages[reason])];
}

function reasonOf({ spec }: M365User, observed: ObservedUser, from: string): keyof typeof messages {
  const { federatedDomains } = observed;
  const [old, next] = [domainPart(from), domainPart(spec.userPrincipalName)];
  const [wasFederated, isFederated] = [old, next].map((name) => federatedDomains.includes(name));
  if (old === next || (!wasFederated && !isFederated)) return 'NameOnly';
  if (!isFederated) return spec.initialPassword === undefined ? 'UnknownPassword' : 'NewPassword';
  if (!hasAnchor(observed)) return 'AnchorRequired';
  return wasFederated === true ? 'ThroughInitialDomain' : 'FederatedSignIn';
}

function hasAnchor({ entra, activeDirectory }: ObservedUser): boolean {
  return (entra?.onPremisesImmutableId ?? activeDirectory?.anchor) !== undefined;
}

/**
 * How a sign-in name may change between domains that sign in here (managed) and elsewhere (federated); the object stays
 * the same. The old name lives on as an address where Exchange keeps it: of aliases Graph itself writes only `mail`, which
 * becomes the first of them (graph.md 2.2, 2.5, 17.2, 17.3; active-directory.md B5). Pure.
 *
 * | from      | to                | how                                                          |
 * | --------- | ----------------- | ------------------------------------------------------------ |
 * | managed   | managed           | at once                                                      |
 * | managed   | federated         | at once, with an anchor; refused without                     |
 * | federated | managed           | with a new password in the same change                       |
 * | federated | same domain       | at once                                                      |
 * | federated | another federated | to the initial domain first, with a password; then from there |
 */
import { domainPart, localPart } from '../../core/names.ts';

export interface NameChange {
  readonly userPrincipalName: string;
  readonly needsPassword: boolean;
}

interface Domains {
  readonly federatedDomains: readonly string[];
  readonly initialDomain: string | undefined;
}

/** undefined: there is no way, because a federated domain needs an anchor, or the initial domain is unknown. */
export function nameChange(
  from: string,
  to: string,
  { federatedDomains, initialDomain, hasAnchor }: Domains & { readonly hasAnchor: boolean },
): NameChange | undefined {
  const isFederated = (name: string): boolean => federatedDomains.includes(domainPart(name));
  if (isFederated(to) && !hasAnchor) return undefined;
  if (!isFederated(from)) return { userPrincipalName: to, needsPassword: false };
  if (domainPart(from) === domainPart(to)) return { userPrincipalName: to, needsPassword: false };
  if (!isFederated(to)) return { userPrincipalName: to, needsPassword: true };
  if (initialDomain === undefined) return undefined;
  return { userPrincipalName: `${localPart(to)}@${initialDomain}`, needsPassword: true };
}

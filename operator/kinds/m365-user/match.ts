/**
 * Which account in Entra is the person's, where no record of ours says so. Never by a part of a name. Pure.
 *
 * | policy              | same anchor | exactly its name | that one is ours  | match                     |
 * | ------------------- | ----------- | ---------------- | ----------------- | ------------------------- |
 * | any                 | none        | none             |                   | none: it is created       |
 * | ByUPN               | none        | none; one of its mail |              | Mail                      |
 * | any                 | none        | one              | yes               | Made                      |
 * | ByAnchor, ByUPN     | one         | the same, none   | no                | Anchor                    |
 * | ByUPN               | none        | one              | no                | Name                      |
 * | ByAnchor, Never     | none        | one              | no                | UserPrincipalNameTaken    |
 * | Never               | one         | the same, none   | no                | AnchorTaken               |
 * | any                 | several, or one that is not the one of its name  || AmbiguousMatch            |
 */
import type { M365UserSpec } from '../../api/m365-user.ts';
import type { EntraUser } from '../../clients/graph/port.ts';

/**
 * Recorded: our record names it. Made: we made it, as its own mark proves. Declared: spec.entraId names it. Anchor, Name
 * and Mail: it was there before.
 */
export type Origin = 'Recorded' | 'Made' | 'Declared' | 'Anchor' | 'Name' | 'Mail';

export type Refusal =
  | 'AmbiguousMatch'
  | 'UserPrincipalNameTaken'
  | 'AnchorTaken'
  | 'EntraIdNotFound'
  | 'EntraIdDiffers'
  | 'LookingForAccount';

/** What was found of an account in Entra. */
export interface Finding {
  readonly entra: EntraUser | undefined;
  readonly origin?: Origin | undefined;
  /** Ours, and in the recycle bin. */
  readonly deleted?: EntraUser | undefined;
  readonly refusal?: Refusal | undefined;
  readonly candidates?: readonly EntraUser[] | undefined;
}

export const nothingFound: Finding = { entra: undefined };

interface Candidates {
  readonly policy: M365UserSpec['adoptionPolicy'];
  readonly byAnchor: readonly EntraUser[];
  readonly byName: EntraUser | undefined;
  /** Without an anchor, with the mail of the account in Active Directory; none but once a sync server handed over. */
  readonly byMail: readonly EntraUser[];
  /** The account of its name carries our mark for this person. */
  readonly isOurs: boolean;
}

export function matchAccount({ policy, byAnchor, byName, byMail, isOurs }: Candidates): Finding {
  const all = new Map([...byAnchor, ...(byName ? [byName] : [])].map((found) => [found.id, found]));
  const candidates = [...all.values()];
  const [only] = candidates;
  if (only === undefined)
    return policy === 'ByUserPrincipalName' ? matchMail(byMail) : nothingFound;
  if (candidates.length > 1) return refused('AmbiguousMatch', candidates);
  if (isOurs) return { entra: only, origin: 'Made' };
  if (byAnchor.length > 0) {
    return policy === 'Never'
      ? refused('AnchorTaken', candidates)
      : { entra: only, origin: 'Anchor' };
  }
  return policy === 'ByUserPrincipalName'
    ? { entra: only, origin: 'Name' }
    : refused('UserPrincipalNameTaken', candidates);
}

function matchMail(candidates: readonly EntraUser[]): Finding {
  const [only, ...others] = candidates;
  if (only === undefined) return nothingFound;
  if (others.length > 0) return refused('AmbiguousMatch', candidates);
  return { entra: only, origin: 'Mail' };
}

export function refused(refusal: Refusal, candidates: readonly EntraUser[] = []): Finding {
  const sorted = [...candidates].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { entra: undefined, refusal, candidates: sorted };
}

import type { M365User } from '../core/objects.ts';

/** The mark that an account carries which was made for this person: the object's name outlives its UID in Git. */
export function ownerOf({ metadata }: M365User): string {
  return `${metadata.namespace}/${metadata.name}`;
}

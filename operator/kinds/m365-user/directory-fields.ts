/** Paths of a person's drift in Active Directory. */

export const prefix = 'activeDirectory.';
export const placePath = `${prefix}organizationalUnit`;
export const anchorPath = `${prefix}anchor`;

/** Names derived from names. Pure. */

/** `ella` of `ella@contoso.example` */
export function localPart(userPrincipalName: string): string {
  return userPrincipalName.split('@')[0] ?? '';
}

/** `contoso.example` of `ella@contoso.example`, in lower case. */
export function domainPart(userPrincipalName: string): string {
  return (userPrincipalName.split('@')[1] ?? '').toLowerCase();
}

/**
 * What Entra calls a guest: `bob_partner.example#EXT#@contoso.onmicrosoft.com` (graph.md 2.8). A sign-in name takes no +
 * (2.2), so it is taken to become _ as well; were it otherwise, the invitation would still find who is there already.
 */
export function guestName(mail: string, initialDomain: string): string {
  return `${mail.replaceAll(/[@+]/g, '_')}#EXT#@${initialDomain}`;
}

/** Entra refuses these in mailNickname: @ ( ) \ [ ] " ; : < > , and blank; 64 characters (graph.md 2.2). */
export function mailNickname(name: string): string {
  const cleaned = name.replaceAll(/[^A-Za-z0-9'._!#^~-]/g, '').slice(0, 64);
  return cleaned === '' ? 'user' : cleaned;
}

/** sAMAccountName of a user: 20 characters, unique in the domain (active-directory.md B8). */
const samMax = 20;

/** The n-th name to try for an account: `ella`, then `ella1`, `ella2`… Stable for one UPN. */
export function samAccountNameCandidate(userPrincipalName: string, attempt: number): string {
  const base = localPart(userPrincipalName)
    .replaceAll(/["/\\[\]:;|=,+*?<>@\s]/g, '')
    .replace(/\.+$/, '');
  const suffix = attempt === 0 ? '' : String(attempt);
  return `${base.slice(0, samMax - suffix.length)}${suffix}`.replace(/\.+$/, '');
}

/** Windows and Entra both: letters of the name as a relative distinguished name's value, at most 64 characters. */
export function commonName(displayName: string): string {
  const head = displayName.trim().slice(0, 64);
  // By whole characters: half a surrogate pair is no text.
  return (head.isWellFormed() ? head : head.slice(0, -1)).trimEnd();
}

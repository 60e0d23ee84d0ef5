/** Passwords that both Entra and Active Directory take. Pure: the randomness is given. */

// Without look-alikes (0 O, 1 l I): people read them aloud.
const classes = [
  'ABCDEFGHJKMNPQRSTUVWXYZ',
  'abcdefghijkmnpqrstuvwxyz',
  '23456789',
  '!#%+-.=?@_',
] as const;
const passwordBytes = 20;

/** 20 characters of all four classes from 20 random bytes. */
function passwordFrom(random: Uint8Array): string {
  const all = classes.join('');
  const characters = Array.from(random, (byte, index) => {
    const alphabet = classes[index] ?? all;
    return alphabet[byte % alphabet.length] ?? '';
  });
  return characters.join('');
}

/** By chance one in some thousand holds a short name, and Windows refuses it: such a one is drawn again. */
const drawsMax = 20;

/** As `passwordFrom`, for an account with these names. `draw`: that many random bytes, other ones each time. */
export function passwordFor(draw: (count: number) => Uint8Array, names: readonly string[]): string {
  let password = passwordFrom(draw(passwordBytes));
  for (let draws = 1; draws < drawsMax; draws += 1) {
    if (passwordProblem(password, names) === undefined) break;
    password = passwordFrom(draw(passwordBytes));
  }
  return password;
}

/**
 * What is wrong with a given password, after the stricter of both sides' rules: Entra 8 to 256 characters of three
 * classes, no Unicode; Active Directory no part of the account's name (active-directory.md B5, B8).
 */
export function passwordProblem(password: string, names: readonly string[]): string | undefined {
  if (password.length < 8 || password.length > 256) return 'it must have 8 to 256 characters';
  if (/[^\x20-\x7e]/.test(password)) return 'it must have ASCII characters only';
  const kinds = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  if (kinds.length < 3)
    return 'it must have three of: capital letters, small letters, digits, signs';
  const lower = password.toLowerCase();
  const parts = names.flatMap((name) => name.toLowerCase().split(/[\s,._#-]+/));
  const found = parts.some((part) => part.length >= 3 && lower.includes(part));
  return found ? 'it must not hold a part of the name' : undefined;
}

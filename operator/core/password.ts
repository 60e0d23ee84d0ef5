/** Passwords that both Entra and Active Directory take. Pure: the randomness is given. */

// Without look-alikes (0 O, 1 l I): people read them aloud.
const classes = [
  'ABCDEFGHJKMNPQRSTUVWXYZ',
  'abcdefghijkmnpqrstuvwxyz',
  '23456789',
  '!#%+-.=?@_',
] as const;
const madeLength = 20;

/** What a directory asks beside Entra's rules. */
export interface PasswordRules {
  readonly minLength: number;
  /** To Windows a blank is no sign (windows-itpro-docs, password-must-meet-complexity-requirements). */
  readonly isComplex: boolean;
}

export const noMoreRules: PasswordRules = { minLength: 0, isComplex: false };

/** Of all four classes; one character from each byte. */
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

const lengthMax = 256;

/** As `passwordFrom`, for an account with these names. `draw`: that many random bytes, other ones each time. */
export function passwordFor(
  draw: (count: number) => Uint8Array,
  names: readonly string[],
  rules = noMoreRules,
): string {
  const length = Math.min(lengthMax, Math.max(madeLength, rules.minLength));
  let password = passwordFrom(draw(length));
  for (let draws = 1; draws < drawsMax; draws += 1) {
    if (passwordProblem(password, names, rules) === undefined) break;
    password = passwordFrom(draw(length));
  }
  return password;
}

/**
 * What is wrong with a given password, after the stricter of both sides' rules: Entra 8 to 256 characters of three
 * classes, no Unicode; Active Directory the domain's own length, and no part of the account's name (active-directory.md B5,
 * B8).
 */
export function passwordProblem(
  password: string,
  names: readonly string[],
  rules = noMoreRules,
): string | undefined {
  const lengthMin = Math.max(8, rules.minLength);
  if (password.length < lengthMin || password.length > lengthMax) {
    return `it must have ${lengthMin} to ${lengthMax} characters`;
  }
  if (/[^\x20-\x7e]/.test(password)) return 'it must have ASCII characters only';
  const sign = rules.isComplex ? /[^A-Za-z0-9 ]/ : /[^A-Za-z0-9]/;
  const kinds = [/[A-Z]/, /[a-z]/, /[0-9]/, sign].filter((kind) => kind.test(password));
  if (kinds.length < 3)
    return 'it must have three of: capital letters, small letters, digits, signs';
  const lower = password.toLowerCase();
  const parts = names.flatMap((name) => name.toLowerCase().split(/[\s,._#-]+/));
  const found = parts.some((part) => part.length >= 3 && lower.includes(part));
  return found ? 'it must not hold a part of the name' : undefined;
}

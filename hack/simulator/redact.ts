/** Copies of bodies that may be kept: without secrets, and of limited size. */

const SECRET_NAME = /password|secret|token|assertion|authorization/i;
const REDACTED = '[redacted]';
const CUT = '[cut]';
/** Deeper bodies do not occur in these APIs; the bound protects against hostile ones. */
const DEPTH_MAX = 20;
/** Far more than any body that these APIs describe; a batch of 20 has an entry for each of its parts. */
const BODY_SIZE_MAX = 32_768;
/** What a member or an item costs beside its text: about what it takes in memory. */
const MEMBER_SIZE = 16;

export interface Kept {
  readonly body: unknown;
  /** Characters, roughly. */
  readonly size: number;
}

/** Texts below a name like "password" are hidden, objects below it (`passwordProfile`) kept and searched; beyond the size everything is cut. */
export function kept(body: unknown): Kept {
  if (body === undefined) return { body, size: 0 };
  const budget = { left: BODY_SIZE_MAX };
  const copy = copyOf(body, { budget, depth: 0, isSecret: false });
  return { body: copy, size: BODY_SIZE_MAX - budget.left };
}

interface Place {
  readonly budget: { left: number };
  readonly depth: number;
  /** Below the name of a secret, with nothing but lists between. */
  readonly isSecret: boolean;
}

function copyOf(value: unknown, place: Place): unknown {
  const { budget, depth, isSecret } = place;
  if (depth > DEPTH_MAX || budget.left <= 0) return CUT;
  budget.left -= MEMBER_SIZE;
  const inside = { budget, depth: depth + 1 };
  if (Array.isArray(value)) return listOf(value, { ...inside, isSecret });
  if (typeof value === 'string') return textOf(value, place);
  if (value === null || typeof value !== 'object') return value;
  const members: [string, unknown][] = [];
  for (const [name, content] of Object.entries(value)) {
    if (budget.left <= 0) break;
    budget.left -= name.length;
    members.push([name, copyOf(content, { ...inside, isSecret: SECRET_NAME.test(name) })]);
  }
  return Object.fromEntries(members);
}

function listOf(items: readonly unknown[], place: Place): unknown[] {
  const copies: unknown[] = [];
  for (const item of items) {
    copies.push(copyOf(item, place));
    if (place.budget.left <= 0) break;
  }
  return copies;
}

function textOf(text: string, { budget, isSecret }: Place): string {
  if (isSecret) return REDACTED;
  if (text.length <= budget.left) {
    budget.left -= text.length;
    return text;
  }
  const start = text.slice(0, budget.left);
  budget.left = 0;
  return `${start}${CUT}`;
}

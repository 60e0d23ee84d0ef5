/** One of all values that are equal: thousands of objects say the same, and each would keep a copy of its own. */

/** Of each sort. What is common is soon found again after all were let go, so that what is rare is not held for long. */
const keptMax = 2_000;
const texts = new Map<string, string>();
const values = new Map<string, unknown>();

/** Of JSON. Whoever gets one shares it with others, and changes nothing in it. */
export function shared<T>(value: T): T {
  if (typeof value === 'string') return theOne(texts, value, value);
  if (typeof value !== 'object' || value === null) return value;
  return theOne(values, JSON.stringify(value), value);
}

/**
 * In place, as what was parsed a moment ago is nobody else's: what an object holds, and the items of its lists of objects.
 * Not texts: most that are long enough to be worth it are a person's own, and to look for each takes longer than to parse it.
 */
export function shareParts<T extends object>(whole: T): T {
  const parts = whole as Record<string, unknown>;
  for (const name of Object.keys(parts)) parts[name] = sharedPart(parts[name]);
  return whole;
}

function sharedPart(part: unknown): unknown {
  if (typeof part !== 'object') return part;
  const one = shared(part);
  if (one !== part || !Array.isArray(part) || typeof part[0] !== 'object') return one;
  const items = part as unknown[];
  for (const [n, item] of items.entries()) items[n] = sharedItem(item);
  return items;
}

/** Conditions differ in their times where people came at different times: then their messages at least are the same. */
function sharedItem(item: unknown): unknown {
  const one = shared(item);
  if (one === item && typeof item === 'object' && item !== null) shareTexts(item);
  return one;
}

function shareTexts(whole: object): void {
  const parts = whole as Record<string, unknown>;
  for (const name of Object.keys(parts))
    if (typeof parts[name] === 'string') parts[name] = shared(parts[name]);
}

function theOne<T>(kept: Map<string, unknown>, key: string, value: T): T {
  const known = kept.get(key);
  if (known !== undefined) return known as T;
  if (kept.size >= keptMax) kept.clear();
  kept.set(key, value);
  return value;
}

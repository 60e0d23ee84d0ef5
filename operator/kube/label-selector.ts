/** Label selectors as kubectl writes them: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Pure. */

type Labels = Readonly<Record<string, string>>;
export type Selects = (labels: Labels) => boolean;

const key = String.raw`[A-Za-z0-9._/-]+`;
const value = String.raw`[A-Za-z0-9._-]*`;
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*(${value})$`);
const set = new RegExp(
  `^(${key})\\s+(in|notin)\\s*\\(\\s*(${value}(?:\\s*,\\s*${value})*)\\s*\\)$`,
);
const existence = new RegExp(`^(!?)\\s*(${key})$`);

/** Throws an Error that says which part cannot be read. */
export function parseLabelSelector(selector: string): Selects {
  // Commas within parentheses are those of a set.
  const parts = selector.split(/,(?![^(]*\))/).map((part) => part.trim());
  const requirements = parts.filter((part) => part !== '').map(requirementOf);
  return (labels) => requirements.every((isMet) => isMet(labels));
}

function requirementOf(part: string): Selects {
  return equalityOf(part) ?? setOf(part) ?? existenceOf(part) ?? refuse(part);
}

function equalityOf(part: string): Selects | undefined {
  const [, name = '', operator, wanted] = equality.exec(part) ?? [];
  if (operator === undefined) return undefined;
  return (labels) => (labels[name] === wanted) === (operator !== '!=');
}

function setOf(part: string): Selects | undefined {
  const [, name = '', operator, list = ''] = set.exec(part) ?? [];
  if (operator === undefined) return undefined;
  const values = new Set(list.split(',').map((item) => item.trim()));
  return (labels) => {
    const found = labels[name];
    const isIn = found !== undefined && values.has(found);
    return isIn === (operator === 'in');
  };
}

function existenceOf(part: string): Selects | undefined {
  const [, not, name] = existence.exec(part) ?? [];
  if (name === undefined) return undefined;
  return (labels) => Object.hasOwn(labels, name) === (not === '');
}

function refuse(part: string): never {
  throw new Error(
    `"${part}" is not part of a label selector: use key=value, key!=value, key in (a,b), key notin (a,b), key or !key`,
  );
}

/** `$search` of directory objects: `"property:text"`, joined by AND and OR (graph.md 12.2). */
import type { Properties } from '../directory/directory.ts';
import { badRequest, unsupportedQuery } from './errors.ts';

interface Clause {
  readonly property: string;
  readonly text: string;
}

/** Searched word by word; others by how they begin. */
const TOKENIZED = new Set(['displayName', 'description']);
const CLAUSE = /^"([A-Za-z]+):([^"]+)"/;

/** @throws GraphError 400 for text that is no search, or of a property that is not searched */
export function parseSearch(
  text: string,
  properties: readonly string[],
): (entity: Properties) => boolean {
  // OR binds less than AND, as in filters.
  const anyOf: Clause[][] = [[]];
  let rest = text.trim();
  for (;;) {
    const match = CLAUSE.exec(rest);
    if (!match) throw badRequest(`Syntax error in the $search clause '${text}'.`);
    anyOf.at(-1)?.push(toClause(match[1] ?? '', match[2] ?? '', properties));
    rest = rest.slice(match[0].length).trimStart();
    if (rest === '') return (entity) => anyOf.some((all) => all.every((one) => found(one, entity)));
    const joint = /^(AND|OR)\s+/.exec(rest);
    if (!joint) throw badRequest(`Syntax error in the $search clause '${text}'.`);
    if (joint[1] === 'OR') anyOf.push([]);
    rest = rest.slice(joint[0].length);
  }
}

function toClause(name: string, text: string, properties: readonly string[]): Clause {
  const property = properties.find((known) => known.toLowerCase() === name.toLowerCase());
  if (property === undefined) {
    throw unsupportedQuery(`The property '${name}' cannot be used in $search.`);
  }
  return { property, text: text.toLowerCase() };
}

function found({ property, text }: Clause, entity: Properties): boolean {
  const value = entity[property];
  if (typeof value !== 'string') return false;
  if (!TOKENIZED.has(property)) return value.toLowerCase().startsWith(text);
  const words = value.toLowerCase().split(/[\s\p{P}]+/u);
  return text.split(/\s+/).every((part) => words.some((word) => word.startsWith(part)));
}

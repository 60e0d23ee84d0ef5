/** The part of OData's $filter that the directory understands (graph.md 2.3, 9, 12.2). */
import { badRequest } from './errors.ts';

type Literal = string | number | boolean | null;
type Comparison = 'eq' | 'ne' | 'ge' | 'le' | 'gt' | 'lt';
type TextFunction = 'startswith' | 'endswith' | 'contains';

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  | {
      readonly kind: 'compare';
      readonly op: Comparison;
      readonly path: string;
      readonly value: Literal;
    }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Literal[] }
  | {
      readonly kind: 'text';
      readonly name: TextFunction;
      readonly path: string;
      readonly value: string;
    }
  | {
      readonly kind: 'any';
      readonly path: string;
      readonly variable: string;
      readonly body: Expression;
    };

interface Token {
  readonly type: 'text' | 'word' | 'mark' | 'end';
  readonly value: string;
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w./$-]*|[\d-][\w:.+-]*)|([(),:]))/y;
const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'ge', 'le', 'gt', 'lt']);
const TEXT_FUNCTIONS: ReadonlySet<string> = new Set(['startswith', 'endswith', 'contains']);
/** Nesting beyond this is refused, as the service refuses it. */
const DEPTH_MAX = 20;

/** @throws GraphError 400 for text that is no filter. */
export function parseFilter(text: string): Expression {
  const parser = new Parser(tokenize(text));
  const expression = parser.expression(0);
  parser.end();
  return expression;
}

function invalidFilter(reason: string) {
  return badRequest(`Invalid filter clause: ${reason}`);
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const position = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw invalidFilter(`syntax error at position ${position}.`);
    const [, quoted, word, mark] = match;
    if (quoted !== undefined) tokens.push({ type: 'text', value: quoted.replaceAll("''", "'") });
    else if (word !== undefined) tokens.push({ type: 'word', value: word });
    else tokens.push({ type: 'mark', value: mark ?? '' });
  }
  return tokens;
}

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  expression(depth: number): Expression {
    if (depth > DEPTH_MAX) throw invalidFilter('too deeply nested.');
    const parts = [this.conjunction(depth)];
    while (this.takeWord('or')) parts.push(this.conjunction(depth));
    return parts[0] && parts.length === 1 ? parts[0] : { kind: 'or', parts };
  }

  end(): void {
    if (this.peek().type !== 'end') throw invalidFilter(`unexpected '${this.peek().value}'.`);
  }

  private conjunction(depth: number): Expression {
    const parts = [this.term(depth)];
    while (this.takeWord('and')) parts.push(this.term(depth));
    return parts[0] && parts.length === 1 ? parts[0] : { kind: 'and', parts };
  }

  private term(depth: number): Expression {
    if (this.takeWord('not')) return { kind: 'not', part: this.term(depth + 1) };
    if (this.takeMark('(')) {
      const inner = this.expression(depth + 1);
      this.expectMark(')');
      return inner;
    }
    const path = this.expectWord();
    if (this.takeMark('(')) return this.call(path, depth);
    const op = this.expectWord().toLowerCase();
    if (op === 'in') return { kind: 'in', path, values: this.list() };
    if (!COMPARISONS.has(op)) throw invalidFilter(`unknown operator '${op}'.`);
    return { kind: 'compare', op: op as Comparison, path, value: this.literal() };
  }

  private call(name: string, depth: number): Expression {
    if (name.toLowerCase().endsWith('/any')) {
      const variable = this.expectWord();
      this.expectMark(':');
      const body = this.expression(depth + 1);
      this.expectMark(')');
      return { kind: 'any', path: name.slice(0, -'/any'.length), variable, body };
    }
    const lower = name.toLowerCase();
    if (!TEXT_FUNCTIONS.has(lower)) throw invalidFilter(`unknown function '${name}'.`);
    const path = this.expectWord();
    this.expectMark(',');
    const value = this.literal();
    this.expectMark(')');
    if (typeof value !== 'string') throw invalidFilter(`'${name}' takes a text.`);
    return { kind: 'text', name: lower as TextFunction, path, value };
  }

  private list(): Literal[] {
    this.expectMark('(');
    const values = [this.literal()];
    while (this.takeMark(',')) values.push(this.literal());
    this.expectMark(')');
    return values;
  }

  private literal(): Literal {
    const token = this.next();
    if (token.type === 'text') return token.value;
    if (token.type !== 'word') throw invalidFilter(`a value is missing before '${token.value}'.`);
    if (token.value === 'true' || token.value === 'false') return token.value === 'true';
    if (token.value === 'null') return null;
    return /^-?\d+(\.\d+)?$/.test(token.value) ? Number(token.value) : token.value;
  }

  private peek(): Token {
    return this.tokens[this.position] ?? { type: 'end', value: 'end of text' };
  }

  private next(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  private takeWord(word: string): boolean {
    const token = this.peek();
    const isWord = token.type === 'word' && token.value.toLowerCase() === word;
    if (isWord) this.position += 1;
    return isWord;
  }

  private takeMark(mark: string): boolean {
    const token = this.peek();
    const isMark = token.type === 'mark' && token.value === mark;
    if (isMark) this.position += 1;
    return isMark;
  }

  private expectWord(): string {
    const token = this.next();
    if (token.type !== 'word') throw invalidFilter(`unexpected '${token.value}'.`);
    return token.value;
  }

  private expectMark(mark: string): void {
    if (!this.takeMark(mark)) throw invalidFilter(`'${mark}' expected at '${this.peek().value}'.`);
  }
}

/** Values of these compare with their case; all others without (graph.md 2.6). */
const CASE_SENSITIVE: ReadonlySet<string> = new Set(['onPremisesImmutableId']);

export function matches(expression: Expression, entity: unknown): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.parts.every((part) => matches(part, entity));
    case 'or':
      return expression.parts.some((part) => matches(part, entity));
    case 'not':
      return !matches(expression.part, entity);
    case 'in':
      return expression.values.some((value) =>
        compare('eq', valueAt(entity, expression.path), value, expression.path),
      );
    case 'compare':
      return compare(
        expression.op,
        valueAt(entity, expression.path),
        expression.value,
        expression.path,
      );
    case 'text':
      return matchesText(expression.name, valueAt(entity, expression.path), expression.value);
    case 'any':
      break;
  }
  return matchesAny(expression, valueAt(entity, expression.path));
}

function matchesAny(lambda: Extract<Expression, { kind: 'any' }>, items: unknown): boolean {
  return (
    Array.isArray(items) &&
    items.some((item) => matches(lambda.body, { [lambda.variable]: item as unknown }))
  );
}

function valueAt(entity: unknown, path: string): unknown {
  let value = entity;
  for (const name of path.split('/')) {
    if (value === null || typeof value !== 'object') return undefined;
    if (name === '$count') return Array.isArray(value) ? value.length : undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function compare(op: Comparison, found: unknown, wanted: Literal, path: string): boolean {
  const left = comparable(found, path);
  const right = comparable(wanted, path);
  if (op === 'eq') return left === right;
  if (op === 'ne') return left !== right;
  if (left === null || right === null) return false;
  if (op === 'ge') return left >= right;
  if (op === 'le') return left <= right;
  return op === 'gt' ? left > right : left < right;
}

function comparable(value: unknown, path: string): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return Date.parse(value);
  return CASE_SENSITIVE.has(path) ? value : value.toLowerCase();
}

function matchesText(name: TextFunction, found: unknown, wanted: string): boolean {
  if (typeof found !== 'string') return false;
  const text = found.toLowerCase();
  const part = wanted.toLowerCase();
  if (name === 'startswith') return text.startsWith(part);
  return name === 'endswith' ? text.endsWith(part) : text.includes(part);
}

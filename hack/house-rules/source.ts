/** A source file taken apart as far as the rules need: code without comments and text, comments, imports. */

export interface Source {
  /** From the root, with forward slashes: `operator/core/diff.ts`. */
  readonly path: string;
  readonly text: string;
  /** `text` with comments, strings and regular expressions blanked; lines and columns are kept. */
  readonly code: string;
  /** `text` with all but comments blanked. */
  readonly comments: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: `../core/diff.ts`, `zod`, `node:fs`. */
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly line: number;
}

/** What a rule finds: where, and what to do. */
export interface Offence {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export type Rule = (source: Source) => readonly Offence[];

export function readSource(path: string, text: string): Source {
  const { code, comments } = separate(text);
  return { path, text, code, comments, imports: importsOf(text, code) };
}

/** One offence for each match in `text`. The expression must be global. */
export function matches(
  source: Source,
  text: string,
  pattern: RegExp,
  message: (match: string) => string,
): readonly Offence[] {
  return [...text.matchAll(pattern)].map((match) => ({
    path: source.path,
    line: lineAt(text, match.index),
    message: message(match[0].trim()),
  }));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

const tokens = new RegExp(
  [
    /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)/,
    /(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`)/,
    // A slash begins a regular expression only where no value can stand before it.
    /(?<regexp>(?<=(?:^|[(,=:[!&|?{};+\n]|return|=>)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** A template literal is text as a whole: what its placeholders call is not seen. */
function separate(text: string): { readonly code: string; readonly comments: string } {
  let code = '';
  let comments = '';
  let end = 0;
  for (const match of text.matchAll(tokens)) {
    const between = text.slice(end, match.index);
    const token = match[0];
    const isComment = match.groups?.['comment'] !== undefined;
    code += between + blank(token);
    comments += blank(between) + (isComment ? token : blank(token));
    end = match.index + token.length;
  }
  return { code: code + text.slice(end), comments: comments + blank(text.slice(end)) };
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** Exact for what the formatter writes: one statement a line, or names on lines of their own. */
const importStatement =
  /^(?:import|export)\s+(?<type>type\s+)?(?:(?<clause>[^;'"]*?)\s*from\s*)?'(?<specifier>[^']+)'/gm;
const dynamicImport = /\bimport\(\s*'(?<specifier>[^']+)'\s*\)/g;

function importsOf(text: string, code: string): readonly Import[] {
  const found: Import[] = [];
  for (const pattern of [importStatement, dynamicImport]) {
    for (const match of text.matchAll(pattern)) {
      // In a comment or a string: blank in the code.
      if (code.slice(match.index, match.index + 6).trim() === '') continue;
      const { type, clause, specifier = '' } = match.groups ?? {};
      const isTypeOnly = type !== undefined || hasOnlyTypes(clause);
      found.push({ specifier, isTypeOnly, line: lineAt(text, match.index) });
    }
  }
  return found;
}

function hasOnlyTypes(clause: string | undefined): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause?.trim() ?? '')?.[1]?.split(',');
  const given = names?.map((name) => name.trim()).filter((name) => name !== '') ?? [];
  return given.length > 0 && given.every((name) => name.startsWith('type '));
}

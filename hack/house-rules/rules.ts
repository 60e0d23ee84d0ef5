/** The house rules that lint has no rule for. Each is a pure function of one file. */
import { importDirection, impureKindFile } from './imports.ts';
import { matches, type Rule, type Source } from './source.ts';

const isTest = ({ path }: Source): boolean => path.endsWith('.test.ts');
const isOperator = ({ path }: Source): boolean =>
  path.startsWith('operator/') && !path.endsWith('.test.ts');

/** Everything in a kind's folder but what wires or calls outside. */
function isPure(source: Source): boolean {
  if (isTest(source)) return false;
  const { path } = source;
  if (path.startsWith('operator/core/') || path.startsWith('operator/api/')) return true;
  return /^operator\/kinds\/[^/]+\//.test(path) && !impureKindFile.test(path);
}

const timeAndChance =
  /\b(?:Date\.now|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|crypto\.random\w+|randomUUID)\b|\bnew Date\(\)/g;

const waitsAndDates = /\b(?:Date\.now\b|Math\.random\b|setTimeout\b|setInterval\b|new Date\(\))/g;

/** runtime/clock.ts has them; ldapts' calls know no signal, so the one deadline around them holds a timer of its own. */
const mayTouchTime = ['operator/runtime/clock.ts', 'operator/clients/active-directory/deadline.ts'];

/** Time and randomness are arguments, so that a test can choose them. */
export const noHiddenTime: Rule = (source) => {
  if (!isOperator(source) || mayTouchTime.includes(source.path)) return [];
  return isPure(source)
    ? matches(source, source.code, timeAndChance, (call) => `${call}: take it as an argument`)
    : matches(source, source.code, waitsAndDates, (call) => `${call}: runtime/clock.ts has it`);
};

/** Pure code has no surroundings. */
export const noProcessInPureCode: Rule = (source) =>
  isPure(source)
    ? matches(source, source.code, /\b(?:process|globalThis)\./g, (use) => `${use} in pure code`)
    : [];

/** config.ts is handed the environment by main.ts, and nothing else sees it. */
export const environmentIsReadOnce: Rule = (source) =>
  isOperator(source) && !['operator/main.ts', 'operator/cli.ts'].includes(source.path)
    ? matches(source, source.code, /\bprocess\.env\b/g, () => 'process.env: take it from Config')
    : [];

export const noConsole: Rule = (source) =>
  isOperator(source) && !['operator/main.ts', 'operator/cli.ts'].includes(source.path)
    ? matches(source, source.code, /\bconsole\.\w+/g, (use) => `${use}: use the log`)
    : [];

/** zod would drop these from the CRD without a word; strictObject makes a schema that the API server refuses. */
export const noLostSchema: Rule = (source) =>
  source.path.startsWith('operator/api/')
    ? matches(
        source,
        source.code,
        /\.(?:refine|superRefine|transform|preprocess)\(|\bz\s*\.\s*(?:coerce|strictObject|preprocess|iso\.duration)\b/g,
        (use) => `${use} does not reach the CRD: write a CEL rule`,
      )
    : [];

const linesMax = 400;

export const fileSize: Rule = ({ path, text }) => {
  const lines = text.trimEnd().split('\n').length;
  return lines <= linesMax
    ? []
    : [
        {
          path,
          line: linesMax + 1,
          message: `${String(lines)} lines: at most ${String(linesMax)}`,
        },
      ];
};

const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.config)?\.(?:ts|mjs)$/;
const emptyNames = /^(?:utils?|helpers?|misc|common-utils|data|manager-utils)\.ts$/;

export const fileName: Rule = ({ path }) => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!kebab.test(name)) return [{ path, line: 1, message: `${name}: file names are kebab-case` }];
  return emptyNames.test(name)
    ? [{ path, line: 1, message: `${name}: name the file by its job` }]
    : [];
};

export const noDefaultExport: Rule = (source) =>
  source.path.endsWith('.config.ts')
    ? []
    : matches(
        source,
        source.code,
        /^export\s+default\b|\bas\s+default\b/gm,
        () => 'no default exports: one name everywhere',
      );

export const noEnumOrNamespace: Rule = (source) =>
  matches(
    source,
    source.code,
    /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?(?:enum|namespace)\s+\w+/gm,
    (found) => `${found}: use a union of strings, or a module`,
  );

export const noLeftovers: Rule = (source) =>
  matches(source, source.comments, /\b(?:TODO|FIXME|XXX|HACK)\b/g, (mark) => `${mark}: do it now`);

/** The same table is what the unit test walks. */
export const planHasTable: Rule = ({ path, text }) => {
  if (!/^operator\/kinds\/[^/]+\/plan\.ts$/.test(path)) return [];
  const doc = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
  const rows = doc.split('\n').filter((line) => /^\s*\*\s*\|.*\|/.test(line));
  return rows.length >= 3
    ? []
    : [{ path, line: 1, message: 'plan.ts begins with a table: observed | actions' }];
};

/** `skipIf` is left: what a machine cannot have says so, and `npm test` counts it as not passed. */
export const noSkippedTest: Rule = (source) =>
  isTest(source)
    ? matches(
        source,
        source.code,
        /\b(?:it|test|describe|suite)\s*\.\s*(?:skip|only|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/g,
        (use) => `${use}: a test that does not run proves nothing`,
      )
    : [];

/** Time is the fake clock; where a real process must answer, wait for the effect with a deadline. */
export const noSleepInTest: Rule = (source) => {
  if (!isTest(source)) return [];
  const waits = matches(
    source,
    source.code,
    /\bsetTimeout\(|\bAtomics\.wait\(/g,
    (use) => `${use.slice(0, -1)}: wait for an effect, not for a time`,
  );
  const sleeps = source.imports
    .filter(
      ({ specifier }) => specifier === 'node:timers/promises' || specifier === 'timers/promises',
    )
    .map(({ line, specifier }) => ({
      path: source.path,
      line,
      message: `${specifier}: no sleeps`,
    }));
  return [...waits, ...sleeps];
};

export const rules: Readonly<Record<string, Rule>> = {
  importDirection,
  noHiddenTime,
  noProcessInPureCode,
  environmentIsReadOnce,
  noConsole,
  noLostSchema,
  fileSize,
  fileName,
  noDefaultExport,
  noEnumOrNamespace,
  noLeftovers,
  planHasTable,
  noSkippedTest,
  noSleepInTest,
};

/** The rules on this repository, and on planted offences: a rule that catches nothing is none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from './rules.ts';
import { readSource, type Source } from './source.ts';

const root = join(import.meta.dirname, '..', '..');

function sourcesOf(folder: string): readonly Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name) && !/node_modules/.test(name))
    .map((name) => `${folder}/${name}`)
    .map((path) => readSource(path, readFileSync(join(root, path), 'utf8')));
}

const repository = [...sourcesOf('operator'), ...sourcesOf('hack')];

describe('this repository', () => {
  it('is all read', () => {
    expect(repository.map(({ path }) => path)).toContain('operator/main.ts');
    expect(repository.length).toBeGreaterThan(150);
  });

  it.each(Object.entries(rules))('keeps %s', (_, rule) => {
    const offences = repository.flatMap((source) => rule(source));
    expect(offences.map(({ path, line, message }) => `${path}:${line} ${message}`)).toEqual([]);
  });

  it('gives no domain controller of a test the address of another: two files run beside each other', () => {
    const folder = join(root, 'hack', 'integration');
    const addresses = readdirSync(folder).flatMap((name) => {
      const found = readFileSync(join(folder, name), 'utf8').match(/127\.0\.0\.(?!1\b)\d+/g);
      return [...new Set(found)];
    });
    expect(addresses.length).toBeGreaterThan(10);
    expect(addresses.filter((one, n) => addresses.indexOf(one) !== n)).toEqual([]);
  });
});

/** Rule, path, source, what it says; undefined: it must keep quiet. */
type Row = readonly [rule: string, path: string, text: string, says: string | undefined];

function check(rule: string, path: string, text: string): readonly string[] {
  const found = rules[rule];
  if (found === undefined) throw new Error(`no rule ${rule}`);
  return found(readSource(path, text)).map(({ message }) => message);
}

const pool = 'operator/kinds/license-pool';

const imports: readonly Row[] = [
  ['importDirection', 'operator/api/a.ts', "import { z } from 'zod';", undefined],
  ['importDirection', 'operator/api/a.ts', "import { x } from '../core/diff.ts';", 'api must not'],
  ['importDirection', 'operator/api/a.ts', "import { x } from 'node:fs';", 'node:fs'],
  ['importDirection', 'operator/core/a.ts', "import { x } from '../api/index.ts';", undefined],
  ['importDirection', 'operator/core/a.ts', "import { x } from 'node:crypto';", 'node:crypto'],
  ['importDirection', 'operator/core/a.ts', "import {\n  a,\n  b,\n} from 'zod';", 'core must not'],
  ['importDirection', 'operator/core/a.ts', "// import { x } from 'zod';", undefined],
  ['importDirection', 'operator/core/a.ts', "const x = await import('zod');", 'core must not'],
  ['importDirection', 'operator/core/a.ts', "export { x } from '../kube/cache.ts';", 'kube/cache'],
  [
    'importDirection',
    `${pool}/plan.ts`,
    "import type { X } from '../../clients/graph/port.ts';",
    undefined,
  ],
  [
    'importDirection',
    `${pool}/plan.ts`,
    "import { x } from '../../clients/graph/port.ts';",
    'clients/graph/port.ts',
  ],
  [
    'importDirection',
    `${pool}/plan.ts`,
    "import { type X, y } from '../../clients/graph/port.ts';",
    'clients/graph/port.ts',
  ],
  [
    'importDirection',
    `${pool}/plan.ts`,
    "import type { X } from '../../clients/graph/client.ts';",
    'types of operator/clients/graph/client.ts',
  ],
  [
    'importDirection',
    `${pool}/remote.ts`,
    "import type { X } from '../../clients/port.ts';",
    undefined,
  ],
  ['importDirection', `${pool}/plan.ts`, "import { x } from 'node:util';", 'node:util'],
  ['importDirection', `${pool}/plan.ts`, "import { x } from './observed.ts';", undefined],
  ['importDirection', `${pool}/plan.ts`, "import { x } from './remote.ts';", 'remote.ts'],
  ['importDirection', `${pool}/index.ts`, "import { x } from './remote.ts';", undefined],
  ['importDirection', `${pool}/index.ts`, "import { x } from '../m365-user/plan.ts';", 'm365-user'],
  ['importDirection', `${pool}/index.ts`, "import { x } from '../../kube/cache.ts';", 'kube/cache'],
  ['importDirection', 'operator/kinds/schedule.ts', "import { Cron } from 'croner';", undefined],
  ['importDirection', `${pool}/money.ts`, "import { Cron } from 'croner';", 'croner'],
  [
    'importDirection',
    'operator/clients/graph/client.ts',
    "import { x } from '../partner-center/client.ts';",
    'clients/graph must not',
  ],
  [
    'importDirection',
    'operator/clients/graph/client.ts',
    "import { x } from '../http.ts';\nimport { y } from '../identity/tokens.ts';",
    undefined,
  ],
  ['importDirection', 'operator/clients/graph/client.ts', "import { x } from 'ldapts';", 'ldapts'],
  ['importDirection', 'operator/clients/http.ts', "import { x } from './graph/wire.ts';", 'graph'],
  ['importDirection', 'operator/kube/a.ts', "import { x } from '../clients/http.ts';", 'kube must'],
  [
    'importDirection',
    'operator/kube/a.ts',
    "import type { Clock } from '../runtime/clock.ts';",
    undefined,
  ],
  ['importDirection', 'operator/kube/a.ts', "import { x } from '../runtime/clock.ts';", 'clock.ts'],
  ['importDirection', 'operator/runtime/a.ts', "import pino from 'pino';", undefined],
  ['importDirection', 'operator/runtime/a.ts', "import { x } from '../kube/cache.ts';", 'runtime'],
  ['importDirection', 'operator/main.ts', "import { x } from './kube/kubernetes.ts';", undefined],
  [
    'importDirection',
    'operator/main.ts',
    "import { x } from './kinds/access.ts';",
    'main must not',
  ],
  [
    'importDirection',
    'operator/controllers.ts',
    "import { x } from './kinds/access.ts';",
    undefined,
  ],
  [
    'importDirection',
    'operator/controllers.ts',
    "import { x } from '../hack/stage/index.ts';",
    'hack/',
  ],
  ['importDirection', 'operator/core/a.test.ts', "import { x } from '../../hack/a.ts';", undefined],
  ['importDirection', 'operator/other/a.ts', '', 'is in no room'],
];

const calls: readonly Row[] = [
  ['noHiddenTime', 'operator/core/a.ts', 'const now = Date.now();', 'take it as an argument'],
  ['noHiddenTime', `${pool}/plan.ts`, 'const now = new Date();', 'take it as an argument'],
  ['noHiddenTime', `${pool}/plan.ts`, 'const at = new Date(atMs);', undefined],
  ['noHiddenTime', `${pool}/remote.ts`, 'setTimeout(go, 5);', 'clock.ts has it'],
  ['noHiddenTime', 'operator/kube/a.ts', 'const x = Math.random();', 'clock.ts has it'],
  ['noHiddenTime', 'operator/kube/a.ts', '// Date.now() is banned\nlog("Date.now()");', undefined],
  ['noHiddenTime', 'operator/kube/a.ts', "const r = /'/;\nDate.now(); const s = '';", 'Date.now'],
  ['noHiddenTime', 'operator/runtime/clock.ts', 'const now = Date.now();', undefined],
  ['noHiddenTime', 'hack/bench/a.ts', 'const now = Date.now();', undefined],
  ['noProcessInPureCode', 'operator/core/a.ts', 'process.cwd();', 'in pure code'],
  ['noProcessInPureCode', 'operator/runtime/a.ts', 'process.cwd();', undefined],
  ['environmentIsReadOnce', 'operator/runtime/a.ts', "process.env['A'];", 'Config'],
  ['environmentIsReadOnce', 'operator/main.ts', 'readConfig(process.env);', undefined],
  ['noConsole', 'operator/runtime/a.ts', "console.log('x');", 'use the log'],
  ['noConsole', 'operator/main.ts', "console.error('x');", undefined],
  ['noConsole', 'hack/demo/main.ts', "console.log('x');", undefined],
  ['noLostSchema', 'operator/api/a.ts', 'z.string().refine(isFine)', 'CEL'],
  ['noLostSchema', 'operator/api/a.ts', 'z.coerce.number()', 'CEL'],
  ['noLostSchema', 'operator/api/a.ts', 'z.strictObject({})', 'CEL'],
  ['noLostSchema', 'operator/api/a.ts', 'z.object({}).meta(rules({}))', undefined],
  ['noLostSchema', 'operator/config.ts', 'z.coerce.number()', undefined],
];

const forms: readonly Row[] = [
  ['fileSize', 'hack/a.ts', 'a;\n'.repeat(401), '401 lines'],
  ['fileSize', 'hack/a.ts', 'a;\n'.repeat(400), undefined],
  ['fileName', 'operator/core/seatPlan.ts', '', 'kebab-case'],
  ['fileName', 'operator/core/utils.ts', '', 'by its job'],
  ['fileName', 'operator/core/seat-plan.test.ts', '', undefined],
  ['noDefaultExport', 'hack/a.ts', 'export default 1;', 'one name'],
  ['noDefaultExport', 'hack/a.ts', 'export const a = 1;', undefined],
  ['noEnumOrNamespace', 'hack/a.ts', 'export const enum A { B }', 'union'],
  ['noEnumOrNamespace', 'hack/a.ts', 'namespace A {}', 'union'],
  ['noEnumOrNamespace', 'hack/a.ts', "const namespace = 'a';\nz.enum(['a']);", undefined],
  ['noLeftovers', 'hack/a.ts', '/** TODO: later */', 'do it now'],
  ['noLeftovers', 'hack/a.ts', "const mark = 'TODO';", undefined],
  ['planHasTable', `${pool}/plan.ts`, '/** Plans. */\nexport const a = 1;', 'begins with a table'],
  [
    'planHasTable',
    `${pool}/plan.ts`,
    '/**\n * | a | b |\n * | - | - |\n * | c | d |\n */',
    undefined,
  ],
  ['planHasTable', `${pool}/remote.ts`, '/** Reads. */', undefined],
  ['noSkippedTest', 'hack/a.test.ts', "it.skip('a', () => {});", 'proves nothing'],
  ['noSkippedTest', 'hack/a.test.ts', "describe.only('a', () => {});", 'proves nothing'],
  ['noSkippedTest', 'hack/a.test.ts', "test.todo('a');", 'proves nothing'],
  ['noSkippedTest', 'hack/a.test.ts', "describe.skipIf(none)('a', () => {});", undefined],
  ['noSkippedTest', 'hack/a.test.ts', "it.each(rows)('a', () => {});", undefined],
  ['noSleepInTest', 'hack/a.test.ts', 'await new Promise((r) => setTimeout(r, 9));', 'effect'],
  ['noSleepInTest', 'hack/a.test.ts', "import { x } from 'node:timers/promises';", 'no sleeps'],
  ['noSleepInTest', 'hack/a.test.ts', 'await vi.waitFor(isThere);', undefined],
];

describe('a planted offence', () => {
  const rows = [...imports, ...calls, ...forms];

  const caught = rows.filter(([, , , says]) => says !== undefined);
  const passed = rows.filter(([, , , says]) => says === undefined);

  it.each(caught)('is caught by %s in %s (%#)', (rule, path, text, says = '') => {
    expect(check(rule, path, text).join('\n')).toContain(says);
  });

  it.each(passed)('is not seen by %s where there is none, in %s (%#)', (rule, path, text) => {
    expect(check(rule, path, text)).toEqual([]);
  });

  it.each(Object.keys(rules))('is there for %s, and so is what it lets pass', (name) => {
    expect(caught.some(([rule]) => rule === name)).toBe(true);
    expect(passed.some(([rule]) => rule === name)).toBe(true);
  });
});

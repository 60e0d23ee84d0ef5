/** What people run: `cli <noun> <verb> …`. Each verb reads its own options, and returns the exit code of the process. */
import { parseArgs } from 'node:util';
import { verifyAuditFiles } from './runtime/audit-verify.ts';

interface Verb {
  readonly usage: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** The arguments are wrong: the usage is shown. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const verbs: Readonly<Record<string, Verb>> = {
  'audit verify': {
    usage:
      'audit verify [--expect-last-hash HASH] FILE...   is the audit log whole? Rotated files in any order',
    run: verifyAudit,
  },
};

async function verifyAudit(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { 'expect-last-hash': { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new UsageError('name at least one file');
  const verdict = await verifyAuditFiles(positionals, values['expect-last-hash']);
  if (verdict.fault !== undefined) {
    const { file, line, problem } = verdict.fault;
    console.log(`${file ?? ''}:${String(line)}: ${problem}`);
    return 1;
  }
  const { lines, from, to, lastHash, isContinued } = verdict.summary;
  console.log(`${String(lines)} lines, from ${from} to ${to}, whole`);
  console.log(`last hash ${lastHash}`);
  if (isContinued) console.log('the log began before these files');
  return 0;
}

function usage(): string {
  return [
    'usage: npm run m365 -- <noun> <verb> …',
    ...Object.values(verbs).map((v) => `  ${v.usage}`),
  ].join('\n');
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  const { code = '' } = error as NodeJS.ErrnoException;
  return code.startsWith('ERR_PARSE_ARGS');
}

async function main([noun = '', verb = '', ...args]: readonly string[]): Promise<number> {
  const found = verbs[`${noun} ${verb}`];
  try {
    if (found === undefined) throw new UsageError(`there is no "${`${noun} ${verb}`.trim()}"`);
    return await found.run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (!isUsageError(error)) return 1;
    console.error(usage());
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));

/** Reads audit logs line by line, however long they are, and tells the first place where the chain does not hold. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { genesisHash, type Link, linkOf } from './audit-chain.ts';

export interface AuditFault {
  /** Undefined where lines were given, and no file. */
  readonly file?: string | undefined;
  /** Counted from 1. */
  readonly line: number;
  readonly problem: string;
}

/** What was read of a chain that holds. */
export interface AuditSummary {
  readonly lines: number;
  readonly from: string;
  readonly to: string;
  readonly lastHash: string;
  /** The log began before the first line: older files were rotated away, or taken away. */
  readonly isContinued: boolean;
}

export type AuditVerdict =
  | { readonly fault: AuditFault }
  | { readonly fault?: undefined; readonly summary: AuditSummary };

type Lines = Iterable<string> | AsyncIterable<string>;

/** The first fault of a log from its beginning, undefined where it is whole. A cut tail cannot be seen without knowing the last hash. */
export async function verifyAuditLog(lines: Lines): Promise<AuditFault | undefined> {
  return new Verifier(genesisHash).read(lines, undefined);
}

/** Files of one log, in any order. */
export async function verifyAuditFiles(
  files: readonly string[],
  expectLastHash?: string,
): Promise<AuditVerdict> {
  const ordered = await inOrder(files);
  const verifier = new Verifier(ordered[0]?.previousHash);
  for (const { file } of ordered) {
    const fault = await verifier.read(linesOf(file), file);
    if (fault !== undefined) return { fault };
  }
  const { summary } = verifier;
  if (expectLastHash !== undefined && expectLastHash !== summary.lastHash) {
    const problem = `the end is missing or another one: the last hash is ${summary.lastHash}`;
    return { fault: { file: ordered.at(-1)?.file, line: verifier.line, problem } };
  }
  return { summary };
}

class Verifier {
  /** Of the line in the file that is read. */
  line = 0;
  readonly #isContinued: boolean;
  #expected: unknown;
  #lines = 0;
  #from = '';
  #to = '';

  constructor(first: unknown) {
    this.#expected = first ?? genesisHash;
    this.#isContinued = this.#expected !== genesisHash;
  }

  get summary(): AuditSummary {
    return {
      lines: this.#lines,
      from: this.#from,
      to: this.#to,
      lastHash: String(this.#expected),
      isContinued: this.#isContinued,
    };
  }

  async read(lines: Lines, file: string | undefined): Promise<AuditFault | undefined> {
    this.line = 0;
    for await (const text of lines) {
      this.line += 1;
      const problem = this.#problemOf(linkOf(text));
      if (problem !== undefined) return { file, line: this.line, problem };
    }
    return undefined;
  }

  #problemOf(link: ReturnType<typeof linkOf>): string | undefined {
    if (link === 'foreign') return 'this is not a line of an audit log, or not all of one';
    if (link === 'altered') return 'this line was altered';
    if (link.previousHash !== this.#expected) {
      return 'a line before this one was removed, added or moved';
    }
    this.#expected = link.hash;
    this.#lines += 1;
    this.#to = String(link.time);
    if (this.#from === '') this.#from = this.#to;
    return undefined;
  }
}

interface Part {
  readonly file: string;
  readonly previousHash: unknown;
  readonly lastHash: string;
}

/** By their hashes: names and times can be anybody's. Files that follow on none come last, where they are a fault. */
async function inOrder(files: readonly string[]): Promise<readonly Part[]> {
  const read = await Promise.all(files.map((file) => partOf(file)));
  const rest = new Set(read.filter((part) => part !== undefined));
  const ends = new Set([...rest].map(({ lastHash }) => lastHash));
  const first =
    [...rest].find(({ previousHash }) => previousHash === genesisHash) ??
    [...rest].find(({ previousHash }) => !ends.has(String(previousHash)));
  const ordered: Part[] = [];
  for (let next = first; next !== undefined; ) {
    rest.delete(next);
    ordered.push(next);
    const { lastHash } = next;
    next = [...rest].find(({ previousHash }) => previousHash === lastHash);
  }
  return [...ordered, ...rest];
}

/** Undefined: the file is empty. */
async function partOf(file: string): Promise<Part | undefined> {
  let first: string | undefined;
  let last = '';
  for await (const line of linesOf(file)) {
    first ??= line;
    last = line;
  }
  if (first === undefined) return undefined;
  return { file, previousHash: partial(first)?.previousHash, lastHash: partial(last)?.hash ?? '' };
}

function partial(line: string): Link | undefined {
  const link = linkOf(line);
  return typeof link === 'object' ? link : undefined;
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

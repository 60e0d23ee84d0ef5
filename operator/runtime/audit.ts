/**
 * The audit log: one JSON line per outside change. Every line holds the hash of the line before, so that a line that
 * is altered, added or taken out later is found by `verifyAuditLog`.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { AuditLog, AuditRecord } from '../core/ports.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { redact } from './log.ts';

/** `previousHash` of the first line of a log. */
const genesisHash = '0'.repeat(64);

interface AuditLogFile extends AuditLog {
  /** Resolves when every line is with the operating system. */
  close(): Promise<void>;
}

interface AuditOptions {
  /** Appended to, its chain continued. Undefined: stdout, with a chain of its own for each run of the process. */
  readonly path: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Throws where the file cannot be opened, or its last line is not one of ours: then the chain has no end to go on from. */
export async function openAuditLog(options: AuditOptions): Promise<AuditLogFile> {
  const { path } = options;
  if (path === undefined) return new ChainedLog(process.stdout, genesisHash, options);
  const lastHash = await lastHashOf(path);
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', reject);
  });
  return new ChainedLog(stream, lastHash, options);
}

class ChainedLog implements AuditLogFile {
  readonly #stream: Writable;
  readonly #clock: Clock;
  #lastHash: string;

  constructor(stream: Writable, lastHash: string, options: AuditOptions) {
    this.#stream = stream;
    this.#lastHash = lastHash;
    this.#clock = options.clock;
    stream.on('error', (error) => options.log.error({ error }, 'the audit log cannot be written'));
  }

  write(record: AuditRecord): void {
    const time = new Date(this.#clock.nowMs()).toISOString();
    const safe = redact({ time, ...record, previousHash: this.#lastHash });
    const body = JSON.stringify(safe);
    this.#lastHash = hashOf(body);
    this.#stream.write(`${body.slice(0, -1)},"hash":"${this.#lastHash}"}\n`);
  }

  async close(): Promise<void> {
    if (this.#stream === process.stdout) {
      await new Promise<void>((resolve) => {
        this.#stream.write('', () => resolve());
      });
      return;
    }
    this.#stream.end();
    await finished(this.#stream);
  }
}

function hashOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

const hashSuffix = /,"hash":"([0-9a-f]{64})"\}$/;

interface Link {
  readonly hash: string;
  readonly previousHash: unknown;
  readonly isIntact: boolean;
}

function linkOf(line: string): Link | undefined {
  const match = hashSuffix.exec(line);
  const hash = match?.[1];
  if (match === null || hash === undefined) return undefined;
  const body = `${line.slice(0, match.index)}}`;
  if (hashOf(body) !== hash) return { hash, previousHash: undefined, isIntact: false };
  const { previousHash } = JSON.parse(body) as { previousHash: unknown };
  return { hash, previousHash, isIntact: true };
}

async function lastHashOf(path: string): Promise<string> {
  if (!existsSync(path)) return genesisHash;
  let last = '';
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line !== '') last = line;
  }
  if (last === '') return genesisHash;
  const link = linkOf(last);
  if (link?.isIntact === true) return link.hash;
  throw new Error(
    `the last line of the audit log "${path}" is damaged: move the file away and start again`,
  );
}

interface AuditFault {
  /** Counted from 1. */
  readonly line: number;
  readonly problem: string;
}

/** The first fault of a log, undefined where it is whole. A cut tail cannot be seen without knowing the last hash. */
export async function verifyAuditLog(
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<AuditFault | undefined> {
  let expected = genesisHash;
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const link = linkOf(line);
    if (link === undefined) return { line: number, problem: 'this is not a line of an audit log' };
    if (!link.isIntact) return { line: number, problem: 'this line was altered' };
    if (link.previousHash !== expected) {
      return { line: number, problem: 'a line before this one was removed, added or moved' };
    }
    expected = link.hash;
  }
  return undefined;
}

/**
 * The audit log: one JSON line per outside change. Every line holds the hash of the line before, so that a line that
 * is altered, added or taken out later is found (audit-verify.ts). Lines wait in memory for the disk, never the other
 * way round; where too many wait, new ones are lost, and the log itself says how many.
 */
import type { AuditLog, AuditRecord } from '../core/ports.ts';
import { chained, genesisHash } from './audit-chain.ts';
import { AuditFile } from './audit-file.ts';
import { type AuditSink, StreamSink } from './audit-sink.ts';
import { findEnd } from './audit-tail.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { redact } from './log.ts';
import type { Metrics } from './metrics.ts';

interface AuditLogFile extends AuditLog {
  /** Resolves when every line is with the operating system, or was told to be lost. */
  close(): Promise<void>;
}

export interface AuditOptions {
  /** Appended to, its chain continued. Undefined: stdout, with a chain of its own for each run of the process. */
  readonly path: string | undefined;
  /** A file that would become larger is moved aside to `path.1`, that one to `path.2`, and so on. */
  readonly fileMaxBytes: number;
  /** Files that are kept beside the one that is written to. */
  readonly filesMax: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'auditLinesLost' | 'auditWriteErrors'>;
}

/** Throws where the file cannot be opened, or its last line is not one of ours: then the chain has no end to go on from. */
export async function openAuditLog(options: AuditOptions): Promise<AuditLogFile> {
  const { path, log } = options;
  if (path === undefined) {
    return new ChainedLog(new StreamSink(process.stdout, options), genesisHash, options);
  }
  const lastHash = await findEnd(path, options.filesMax, log);
  const file = await AuditFile.open({ ...options, path });
  return new ChainedLog(file, lastHash, options);
}

class ChainedLog implements AuditLogFile {
  readonly #sink: AuditSink;
  readonly #options: Pick<AuditOptions, 'clock' | 'log' | 'metrics'>;
  #lastHash: string;
  /** In a row, not yet told by a line of the log. */
  #lost = 0;

  constructor(sink: AuditSink, lastHash: string, options: AuditOptions) {
    this.#sink = sink;
    this.#lastHash = lastHash;
    this.#options = options;
  }

  write(record: AuditRecord): void {
    if (this.#sink.hasRoom) this.#tellOfLost();
    if (this.#lost === 0 && this.#append(record)) return;
    this.#lose(1);
  }

  async close(): Promise<void> {
    const { log, metrics } = this.#options;
    this.#tellOfLost();
    const unwritten = await this.#sink.close();
    if (unwritten > 0) {
      metrics.auditLinesLost.inc(unwritten);
      log.error({ lines: unwritten }, 'lines of the audit log are lost: they could not be written');
      return;
    }
    // Who notes it can prove later that the end was not cut off.
    log.info({ lastHash: this.#lastHash }, 'the audit log is closed');
  }

  #tellOfLost(): void {
    if (this.#lost > 0 && this.#append({ linesLost: this.#lost })) this.#lost = 0;
  }

  #append(fields: object): boolean {
    const time = new Date(this.#options.clock.nowMs()).toISOString();
    const safe = redact({ time, ...fields, previousHash: this.#lastHash });
    const { line, hash } = chained(safe);
    if (!this.#sink.push(`${line}\n`)) return false;
    this.#lastHash = hash;
    return true;
  }

  #lose(lines: number): void {
    const { log, metrics } = this.#options;
    metrics.auditLinesLost.inc(lines);
    if (this.#lost === 0) {
      log.error(
        {},
        'lines of the audit log are being lost: it cannot be written as fast as they come',
      );
    }
    this.#lost += lines;
  }
}

/**
 * A file that lines are appended to, in order, in batches, by one writer of its own. A full file is moved aside and
 * a new one begun. A fault of the disk is told, and tried again, for as long as the process lives: what was written of
 * a batch that failed is taken back first, so that no half line stays.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { AuditOptions } from './audit.ts';
import { type AuditSink, waitingMaxBytes } from './audit-sink.ts';
import { rotatedName } from './audit-tail.ts';

const batchMaxBytes = 1024 * 1024;
/** Lines come in hundreds a second, and each write has its price. */
const gatherMs = 25;
const retryFirstMs = 200;
const retryMaxMs = 30_000;
/** While the process stops: so many tries are left. */
const lastTries = 3;
/** A file that could not be moved aside grows by this share of its size before it is tried again. */
const growth = 0.1;

type FileOptions = Omit<AuditOptions, 'path'> & { readonly path: string };

export class AuditFile implements AuditSink {
  readonly #options: FileOptions;
  readonly #lines: Buffer[] = [];
  readonly #closing = new AbortController();
  #waitingBytes = 0;
  #handle: FileHandle | undefined;
  /** Of whole lines in the file. */
  #size = 0;
  /** Behind them there may be part of a batch. */
  #isTorn = false;
  #maxBytes: number;
  #writer: Promise<void> | undefined;

  private constructor(options: FileOptions) {
    this.#options = options;
    this.#maxBytes = options.fileMaxBytes;
  }

  static async open(options: FileOptions): Promise<AuditFile> {
    const file = new AuditFile(options);
    await file.#open();
    return file;
  }

  get hasRoom(): boolean {
    return this.#waitingBytes < waitingMaxBytes / 2;
  }

  push(line: string): boolean {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > waitingMaxBytes) return false;
    this.#waitingBytes += bytes.length;
    this.#lines.push(bytes);
    this.#writer ??= this.#write();
    return true;
  }

  async close(): Promise<number> {
    this.#closing.abort();
    await this.#writer;
    await this.#handle?.close();
    return this.#lines.length;
  }

  async #write(): Promise<void> {
    let failures = 0;
    let failuresOfStop = 0;
    while (this.#lines.length > 0 && failuresOfStop < lastTries) {
      // What many answers of one moment have to tell goes out in one write.
      await this.#rest(gatherMs);
      try {
        await this.#writeBatch();
        if (failures > 0) this.#options.log.info({}, 'the audit log is written again');
        failures = 0;
      } catch (error) {
        this.#tell(error, failures === 0);
        failures += 1;
        if (this.#closing.signal.aborted) failuresOfStop += 1;
        await this.#rest(Math.min(retryMaxMs, retryFirstMs * 2 ** (failures - 1)));
      }
    }
    this.#writer = undefined;
  }

  #tell(error: unknown, isNew: boolean): void {
    const { log, metrics, path } = this.#options;
    metrics.auditWriteErrors.inc();
    const lines = this.#lines.length;
    if (isNew) log.error({ error, path, lines }, 'the audit log cannot be written: lines wait');
    else log.debug({ error, path, lines }, 'the audit log still cannot be written');
  }

  async #rest(ms: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    try {
      await this.#options.clock.sleep(ms, this.#closing.signal);
    } catch (error) {
      // The stop cuts a rest short; the next try is one of the last.
      if (!this.#closing.signal.aborted) throw error;
    }
  }

  async #writeBatch(): Promise<void> {
    const handle = this.#handle ?? (await this.#open());
    const count = this.#batchLength();
    if (count === 0) {
      await this.#rotate(handle);
      return;
    }
    const batch = Buffer.concat(this.#lines.slice(0, count));
    try {
      await writeAll(handle, batch);
    } catch (error) {
      await this.#giveUp(handle);
      throw error;
    }
    this.#size += batch.length;
    this.#waitingBytes -= batch.length;
    this.#lines.splice(0, count);
  }

  /** How many of the lines that wait go into this file now. 0: it is full. */
  #batchLength(): number {
    let bytes = 0;
    let count = 0;
    for (const line of this.#lines) {
      const isFirst = this.#size + bytes === 0;
      const isTooMuch = bytes + line.length > batchMaxBytes && count > 0;
      if (isTooMuch || (this.#size + bytes + line.length > this.#maxBytes && !isFirst)) break;
      bytes += line.length;
      count += 1;
    }
    return count;
  }

  /** What was written of a batch that failed is taken back when the file can be opened again. */
  async #giveUp(handle: FileHandle): Promise<void> {
    this.#handle = undefined;
    this.#isTorn = true;
    await Promise.allSettled([handle.close()]);
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#options.path, 'a', 0o600);
    try {
      if (this.#isTorn) await handle.truncate(this.#size);
      this.#size = (await handle.stat()).size;
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#isTorn = false;
    this.#handle = handle;
    return handle;
  }

  async #rotate(handle: FileHandle): Promise<void> {
    const { path, filesMax, log, metrics, fileMaxBytes } = this.#options;
    try {
      await handle.datasync();
      await rm(rotatedName(path, filesMax), { force: true });
      for (let number = filesMax - 1; number >= 0; number--) {
        await moveAside(rotatedName(path, number), rotatedName(path, number + 1));
      }
    } catch (error) {
      metrics.auditWriteErrors.inc();
      log.error(
        { error, path },
        'the audit log cannot be moved aside: it goes on in the same file',
      );
      const more = Math.max(fileMaxBytes * growth, this.#lines[0]?.length ?? 0);
      this.#maxBytes = this.#size + more;
      return;
    }
    this.#handle = undefined;
    this.#size = 0;
    this.#maxBytes = fileMaxBytes;
    await handle.close();
    await this.#open();
  }
}

/** `appendFile` of a handle does the same, at several times the cost. */
async function writeAll(handle: FileHandle, batch: Buffer): Promise<void> {
  for (let written = 0; written < batch.length; ) {
    written += (await handle.write(batch, written)).bytesWritten;
  }
}

async function moveAside(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

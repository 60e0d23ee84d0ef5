/** Where the lines of an audit log go. A stream's lines wait in its own buffer; a file's in audit-file.ts. */
import type { Writable } from 'node:stream';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface AuditSink {
  /** Half of it, so that a sink that was full is not full again at the next line. */
  readonly hasRoom: boolean;
  /** False: there is no room, the line was not taken. */
  push(line: string): boolean;
  /** Resolves with the number of lines that could not be written. */
  close(): Promise<number>;
}

/** Of lines that wait. */
export const waitingMaxBytes = 32 * 1024 * 1024;

interface StreamDeps {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'auditWriteErrors'>;
}

export class StreamSink implements AuditSink {
  readonly #stream: Writable;

  constructor(stream: Writable, { log, metrics }: StreamDeps) {
    this.#stream = stream;
    stream.on('error', (error) => {
      metrics.auditWriteErrors.inc();
      log.error({ error }, 'the audit log cannot be written');
    });
  }

  get hasRoom(): boolean {
    return this.#stream.writableLength < waitingMaxBytes / 2;
  }

  push(line: string): boolean {
    if (this.#stream.destroyed) return false;
    if (this.#stream.writableLength + line.length > waitingMaxBytes) return false;
    this.#stream.write(line);
    return true;
  }

  async close(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#stream.write('', () => resolve());
    });
    return 0;
  }
}

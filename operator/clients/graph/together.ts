/**
 * What one pass reads of a tenant in one turn travels as one request: after a start with a hundred tenants that is half of
 * all requests less. An answer comes when all of them have.
 */
import { partsMax, sendBatch } from './batch.ts';
import type { GraphCall, GraphConnection } from './connection.ts';
import { costOf } from './cost.ts';
import type { GraphFailure } from './errors.ts';

type Read = Omit<GraphCall, 'method'>;

interface Part {
  readonly read: Read;
  readonly units: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Together {
  readonly #connection: Pick<GraphConnection, 'send' | 'learn'>;
  /** Of this turn, by whose they are. */
  readonly #gathered = new Map<AbortSignal, Part[]>();

  constructor(connection: Pick<GraphConnection, 'send' | 'learn'>) {
    this.#connection = connection;
  }

  /**
   * The value that Graph answers with. Undefined: it is to be asked for alone, because it was the only one, has a quota of
   * its own, or failed, and then fails as any other. Throws what the whole request does.
   */
  read(read: Read, signal: AbortSignal): Promise<unknown> {
    const { service, units } = read.cost ?? costOf('GET', read.path);
    if (service === 'reports' || service === 'signIns') return Promise.resolve(undefined);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#gather({ read, units, resolve, reject }, signal);
    return promise;
  }

  #gather(part: Part, signal: AbortSignal): void {
    const gathered = this.#gathered.get(signal);
    if (gathered !== undefined && gathered.length < partsMax) {
      gathered.push(part);
      return;
    }
    const parts = [part];
    this.#gathered.set(signal, parts);
    queueMicrotask(() => {
      if (this.#gathered.get(signal) === parts) this.#gathered.delete(signal);
      void this.#send(parts, signal);
    });
  }

  async #send(parts: readonly Part[], signal: AbortSignal): Promise<void> {
    try {
      const values = parts.length === 1 ? [] : await this.#values(parts, signal);
      for (const [index, { resolve }] of parts.entries()) resolve(values[index]);
    } catch (error) {
      for (const { reject } of parts) reject(error);
    }
  }

  async #values(parts: readonly Part[], signal: AbortSignal): Promise<readonly unknown[]> {
    const batch = {
      operation: 'ReadTogether',
      parts: parts.map(({ read }) => read),
      units: parts.reduce((sum, { units }) => sum + units, 0),
    };
    const answers = await sendBatch(this.#connection, batch, signal, refusesBatch);
    return answers.map((answer) =>
      answer !== undefined && answer.status < 300 ? answer.body : undefined,
    );
  }
}

/** The service takes no batches, or not this one; its parts it may. */
function refusesBatch({ status }: GraphFailure): boolean {
  return [400, 404, 405, 501].includes(status);
}

/**
 * Connections to services, so many to each at most, and a few others for what is urgent: where all are taken, it does not wait
 * in the line of thousands.
 */
import { Agent, type Dispatcher } from 'undici';

/** To each service. More urgent calls than these at once are as good as ordinary ones. */
const urgentMax = 8;

export class Connections {
  readonly #max: number;
  readonly #create: (max: number) => Dispatcher;
  readonly #ordinary: Dispatcher;
  #urgent: Dispatcher | undefined;

  /** `max`: to each service. `create` is told how many a pool may have. */
  constructor(max: number, create: (max: number) => Dispatcher) {
    this.#max = max;
    this.#create = create;
    this.#ordinary = create(max);
  }

  poolFor(origin: string, { isUrgent }: { readonly isUrgent: boolean }): Dispatcher {
    if (!isUrgent || this.#hasRoom(origin)) return this.#ordinary;
    this.#urgent ??= this.#create(urgentMax);
    return this.#urgent;
  }

  /** What is in flight ends first. */
  async close(): Promise<void> {
    await Promise.all([this.#ordinary.close(), this.#urgent?.close()]);
  }

  /** What is in flight is cut off. */
  async destroy(): Promise<void> {
    await Promise.all([this.#ordinary.destroy(), this.#urgent?.destroy()]);
  }

  /** A proxy's pool does not tell: there is one line then. */
  #hasRoom(origin: string): boolean {
    if (!(this.#ordinary instanceof Agent)) return true;
    return (this.#ordinary.stats[origin]?.size ?? 0) < this.#max;
  }
}

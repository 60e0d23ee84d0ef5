import type { Session } from './session.ts';

/** A session with the calls that are under way on it: who leaves it lets them end. */
export class Pin {
  readonly session: Session;
  #calls = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(session: Session) {
    this.session = session;
  }

  async run<T>(call: (session: Session) => Promise<T>): Promise<T> {
    this.#calls += 1;
    try {
      return await call(this.session);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#drained?.resolve();
    }
  }

  /** Closed after the last call, and each of them has a deadline. */
  async leave(): Promise<void> {
    if (this.#calls > 0 && this.session.isAlive) {
      this.#drained ??= Promise.withResolvers<void>();
      await this.#drained.promise;
    }
    await this.session.close();
  }
}

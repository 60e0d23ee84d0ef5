/** The way to a forest over several controllers: one is pinned while it works, else the next one is. */
import { bug, OperatorError, transient } from '../../core/errors.ts';
import { within } from './deadline.ts';
import { codeOf, credentialsDelayMs, toDirectoryError } from './errors.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

export interface ConnectionOptions extends SessionOptions {
  /** `ldaps://host` or `ldaps://host:port`, in the order in which they are tried. */
  readonly domainControllers: readonly string[];
}

/** All controllers in turn, each with its own deadline; a caller waits for no more than this. */
const openDeadlineMs = 60_000;

export class Connection {
  readonly #options: ConnectionOptions;
  #session: Session | undefined;
  /** One for all: calls that start on an unconnected client would open a socket each, and some never end (B1). */
  #opening: Promise<Session> | undefined;
  #pinned = 0;
  #refused: { readonly error: OperatorError; readonly untilMs: number } | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** A bound session, the same one while it lives. Only a signal's reason and OperatorError are thrown. */
  async session(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    if (this.#isClosed) throw closedError();
    if (this.#session?.isAlive === true) return this.#session;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    try {
      return await within(openDeadlineMs, this.#opening, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw toDirectoryError(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => undefined);
    await this.#session?.close();
    this.#session = undefined;
  }

  async #open(): Promise<Session> {
    this.#refuseWhileRefused();
    await this.#session?.close();
    this.#session = undefined;
    const { domainControllers } = this.#options;
    const failures = new Map<string, OperatorError>();
    for (let tried = 0; tried < domainControllers.length; tried += 1) {
      const index = (this.#pinned + tried) % domainControllers.length;
      const controller = domainControllers[index] ?? '';
      try {
        const session = await openSession(controller, this.#options);
        this.#pinned = index;
        return await this.#keep(session);
      } catch (error) {
        this.#stopIfRefused(controller, error);
        failures.set(controller, toDirectoryError(error));
      }
    }
    throw combined(domainControllers, failures);
  }

  async #keep(session: Session): Promise<Session> {
    if (this.#isClosed) {
      await session.close();
      throw closedError();
    }
    this.#session = session;
    return session;
  }

  /** The password is the same everywhere: asking the next controller would only lock the account. */
  #stopIfRefused(controller: string, error: unknown): void {
    if (codeOf(error) !== 49) return;
    const refusal = combined([controller], new Map([[controller, toDirectoryError(error)]]));
    this.#refused = { error: refusal, untilMs: this.#options.nowMs() + credentialsDelayMs };
    throw refusal;
  }

  /** A corrected Secret makes a new connection; this one repeats what it heard, so that nobody is locked out. */
  #refuseWhileRefused(): void {
    if (this.#refused === undefined) return;
    if (this.#options.nowMs() < this.#refused.untilMs) throw this.#refused.error;
    this.#refused = undefined;
  }
}

function closedError(): OperatorError {
  return transient('the settings of the connection have changed; the operator tries again', {
    reason: 'ConnectionClosed',
  });
}

/** Which controller fails, and how, in the declared order: the same state gives the same text. */
function combined(
  controllers: readonly string[],
  failures: ReadonlyMap<string, OperatorError>,
): OperatorError {
  const found = controllers.flatMap((controller) => {
    const error = failures.get(controller);
    return error === undefined ? [] : [{ controller, error }];
  });
  const [first] = found;
  if (first === undefined) throw bug('no domain controller is declared');
  // One that may come back by itself is worth another try.
  const leading = found.find(({ error }) => error.class === 'Transient') ?? first;
  const { reason, delayMs } = leading.error;
  const message = found
    .map(({ controller, error }) => `${controller}: ${error.message}`)
    .join('; ');
  return new OperatorError(leading.error.class, message, {
    reason,
    ...(delayMs === undefined ? {} : { delayMs }),
    cause: leading.error,
  });
}

/**
 * The way to a forest over several controllers: one is pinned while it works, else the next one is. The others are tried
 * now and then, and a preferred one that is well again is gone back to where nothing is under way.
 */
import { bug, OperatorError, transient } from '../../core/errors.ts';
import { Controllers } from './controllers.ts';
import { within } from './deadline.ts';
import { codeOf, credentialsDelayMs, toDirectoryError } from './errors.ts';
import { Pin } from './pin.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

export interface ConnectionOptions extends SessionOptions {
  /** `ldaps://host` or `ldaps://host:port`, in the order in which they are preferred. */
  readonly domainControllers: readonly string[];
}

/** All controllers in turn, each with its own deadline; a caller waits for no more than this. */
const openDeadlineMs = 60_000;
/** A bind on each of the other controllers, while somebody asks for anything at all. */
const lookAroundMs = 60_000;
/** Within a site controllers tell each other of a change after 15 s: what was written is then there, too. */
const settleMs = 60_000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #controllers: Controllers;
  readonly #closing = new AbortController();
  #pin: Pin | undefined;
  /** One for all: calls that start on an unconnected client would open a socket each, and some never end (B1). */
  #opening: Promise<Pin> | undefined;
  #lookingAround: Promise<void> | undefined;
  #nextLookAroundMs = 0;
  #refused: { readonly error: OperatorError; readonly untilMs: number } | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#controllers = new Controllers(options.domainControllers, options.watch);
  }

  /** On a bound session, the same one while it lives. Only a signal's reason and OperatorError are thrown for the lack of one. */
  async use<T>(signal: AbortSignal, call: (session: Session) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#isClosed) throw closedError();
    const opened = this.#alive ?? (await this.#opened(signal));
    // Another one may have been pinned before the wait was over.
    const pin = this.#alive ?? opened;
    this.#lookAround(pin);
    return pin.run(call);
  }

  /** Calls that are under way come to their end. */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    this.#controllers.forget();
    await this.#opening?.catch(() => undefined);
    await this.#lookingAround;
    await this.#pin?.leave();
    this.#pin = undefined;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  get #alive(): Pin | undefined {
    return this.#pin?.session.isAlive === true ? this.#pin : undefined;
  }

  async #opened(signal: AbortSignal): Promise<Pin> {
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

  async #open(): Promise<Pin> {
    this.#refuseWhileRefused();
    const before = this.#pin?.session.controller;
    await this.#pin?.leave();
    this.#pin = undefined;
    const failures = new Map<string, OperatorError>();
    for (const controller of this.#controllers.order(before)) {
      try {
        return await this.#keep(await this.#try(controller));
      } catch (error) {
        if (this.#isClosed) throw closedError();
        this.#stopIfRefused(controller, error);
        failures.set(controller, toDirectoryError(error));
      }
    }
    throw combined(this.#controllers.declared, failures);
  }

  async #try(controller: string): Promise<Session> {
    try {
      const session = await openSession(controller, this.#options, this.#closing.signal);
      this.#controllers.note(controller, true);
      return session;
    } catch (error) {
      this.#controllers.note(controller, false);
      throw error;
    }
  }

  async #keep(session: Session): Promise<Pin> {
    if (this.#isClosed) {
      await session.close();
      throw closedError();
    }
    this.#pin = new Pin(session);
    return this.#pin;
  }

  /** Beside the call that brings it about, which does not wait for it. */
  #lookAround({ session }: Pin): void {
    const now = this.#options.nowMs();
    if (this.#lookingAround !== undefined || now < this.#nextLookAroundMs) return;
    this.#nextLookAroundMs = now + lookAroundMs;
    this.#lookingAround = this.#lookAtOthers(session.controller).finally(() => {
      this.#lookingAround = undefined;
    });
  }

  async #lookAtOthers(controller: string): Promise<void> {
    const others = this.#controllers.others(controller);
    await Promise.all(others.map((other) => this.#lookAt(other)));
  }

  /** Never throws: what it finds is noted. */
  async #lookAt(controller: string): Promise<void> {
    // Once well may be in the middle of its start; twice in a row is back.
    const wasUp = this.#controllers.isUp(controller);
    try {
      const session = await this.#try(controller);
      if (wasUp && this.#mayMoveTo(session)) await this.#moveTo(session);
      else await session.close();
    } catch (error) {
      // A password that was changed is asked for no more than elsewhere: every try counts to a lock-out.
      if (codeOf(error) === 49) this.#nextLookAroundMs = this.#options.nowMs() + credentialsDelayMs;
    }
  }

  /** Not in the middle of work: what was written must be found again, and changes reach the others after a while. */
  #mayMoveTo(session: Session): boolean {
    const pinned = this.#pin?.session;
    if (pinned === undefined || this.#isClosed || !session.root.isSynchronized) return false;
    const { lastWriteMs } = pinned;
    const isSettled = lastWriteMs === undefined || this.#options.nowMs() - lastWriteMs >= settleMs;
    return isSettled && this.#controllers.isPreferred(session.controller, pinned.controller);
  }

  async #moveTo(session: Session): Promise<void> {
    const before = this.#pin;
    this.#pin = new Pin(session);
    await before?.leave();
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

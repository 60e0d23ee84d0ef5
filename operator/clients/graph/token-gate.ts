/**
 * Login's refusal of a tenant (no consent, deleted, blocked) concerns every object in it: it is remembered for a minute, so
 * that thousands of users do not each ask for a token. The tenant's own look asks all the same, once a poll.
 */
import { type OperatorError, toOperatorError, wait } from '../../core/errors.ts';

const rememberedMs = 60_000;

export interface TokenGateOptions {
  readonly ask: (signal: AbortSignal, fresh: boolean) => Promise<string>;
  readonly nowMs: () => number;
}

export class TokenGate {
  readonly #options: TokenGateOptions;
  #refusal: { readonly error: OperatorError; readonly untilMs: number } | undefined;

  constructor(options: TokenGateOptions) {
    this.#options = options;
  }

  /** Asks login, whatever it said before. Throws its refusal as it is classified. */
  async ask(signal: AbortSignal, fresh: boolean): Promise<string> {
    try {
      const token = await this.#options.ask(signal, fresh);
      this.#refusal = undefined;
      return token;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toOperatorError(thrown);
      if (error.class === 'Wait' || error.class === 'Terminal') {
        this.#refusal = { error, untilMs: this.#options.nowMs() + rememberedMs };
      }
      throw error;
    }
  }

  /** For all other calls: Wait with login's reason, for the tenant as a whole. */
  async token(signal: AbortSignal): Promise<string> {
    const known = this.#refusal;
    const nowMs = this.#options.nowMs();
    if (known !== undefined && nowMs < known.untilMs) throw ofTenant(known.error);
    try {
      return await this.ask(signal, false);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toOperatorError(thrown);
      throw error.class === 'Transient' ? error : ofTenant(error);
    }
  }
}

function ofTenant({ message, reason, cause }: OperatorError): OperatorError {
  return wait(message, {
    reason,
    delayMs: rememberedMs,
    holdsFlow: true,
    isOfParent: true,
    cause,
  });
}

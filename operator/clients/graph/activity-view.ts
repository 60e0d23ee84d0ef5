/**
 * ActivityView (activity-port.ts): one tenant's accounts, read page by page. What it cannot get now it gets later; it never
 * fails whoever asks, since seats are counted and bought without it.
 *
 * | a page                                     | what follows                                             |
 * | ------------------------------------------ | -------------------------------------------------------- |
 * | came                                       | the next; all of it is shown after the last              |
 * | Microsoft gives no sign-ins                | the same look from the start without them; `signIns` says why |
 * | is over the quota                          | the same page, when there is some left                   |
 * | of a list that is too old                  | the whole look once more, later                          |
 * | failed otherwise                           | the same page, later                                     |
 */
import { toOperatorError } from '../../core/errors.ts';
import type { AccountFacts, ActivityReads, ActivityView, SignInData } from './activity-port.ts';

interface ActivityViewOptions {
  readonly graph: Pick<ActivityReads, 'listActivity'>;
  readonly nowMs: () => number;
}

interface Look {
  readonly beganMs: number;
  readonly withSignIns: boolean;
  /** Why it is one without. */
  readonly refusal: SignInData | undefined;
  readonly accounts: Map<string, AccountFacts>;
  link: string | undefined;
}

/** A failure that does not say for how long. */
const unsaidMs = 10 * 60_000;

export class GraphActivityView implements ActivityView {
  readonly #options: ActivityViewOptions;
  #accounts = new Map<string, AccountFacts>();
  #readMs = 0;
  #signIns: SignInData = 'NotRead';
  #look: Look | undefined;
  #goOnMs: number | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: ActivityViewOptions) {
    this.#options = options;
  }

  get readMs(): number {
    return this.#readMs;
  }

  get signIns(): SignInData {
    return this.#signIns;
  }

  get goOnMs(): number | undefined {
    return this.#goOnMs;
  }

  account(id: string): AccountFacts | undefined {
    return this.#accounts.get(id);
  }

  record(facts: AccountFacts): void {
    this.#accounts.set(facts.id, facts);
  }

  async refresh(
    { sinceMs, withSignIns }: { readonly sinceMs: number; readonly withSignIns: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs < (this.#goOnMs ?? 0)) return;
    const isTold = !withSignIns || this.#signIns !== 'NotRead';
    if (this.#readMs > 0 && this.#readMs >= sinceMs && isTold) return;
    this.#reading ??= this.#read(withSignIns, signal).finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(withSignIns: boolean, signal: AbortSignal): Promise<void> {
    this.#goOnMs = undefined;
    const look = this.#lookFor(withSignIns);
    try {
      while (await this.#readPage(look, signal));
      this.#end(look);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toOperatorError(thrown);
      if (error.class === 'Bug') throw error;
      const refusal = refusalOf(error.reason);
      if (look.withSignIns && refusal !== undefined) {
        this.#look = this.#begin(false, refusal);
        await this.#read(withSignIns, signal);
        return;
      }
      if (error.reason === 'ResyncRequired') this.#look = undefined;
      this.#goOnMs = this.#options.nowMs() + Math.max(1_000, error.delayMs ?? unsaidMs);
    }
  }

  /** The one that is under way, where it brings what is wanted. */
  #lookFor(withSignIns: boolean): Look {
    const known = this.#look;
    const brings = !withSignIns || known?.withSignIns === true || known?.refusal !== undefined;
    const look = known !== undefined && brings ? known : this.#begin(withSignIns, undefined);
    this.#look = look;
    return look;
  }

  #begin(withSignIns: boolean, refusal: SignInData | undefined): Look {
    const beganMs = this.#options.nowMs();
    return { beganMs, withSignIns, refusal, accounts: new Map(), link: undefined };
  }

  /** false: it was the last. */
  async #readPage(look: Look, signal: AbortSignal): Promise<boolean> {
    const { withSignIns, link } = look;
    const page = await this.#options.graph.listActivity({ withSignIns, link }, signal);
    for (const facts of page.accounts) look.accounts.set(facts.id, facts);
    look.link = page.nextLink;
    return page.nextLink !== undefined;
  }

  #end({ beganMs, withSignIns, refusal, accounts }: Look): void {
    this.#accounts = accounts;
    this.#readMs = beganMs;
    this.#signIns = refusal ?? (withSignIns ? 'Available' : 'NotRead');
    this.#look = undefined;
  }
}

function refusalOf(reason: string): SignInData | undefined {
  return reason === 'PremiumLicenseMissing' || reason === 'PermissionDenied' ? reason : undefined;
}

/**
 * Who changed what in a tenant's directory. Delta tells that an account is another now, the audit log by whom, minutes
 * later (graph.md 9: two as a rule, five at times): it is asked once for all accounts that changed, and again with
 * growing rests until it tells. An account that it never tells of proves nothing. Of a few accounts that are watched the
 * log is asked from time to time, whatever delta says: it alone tells of passwords and roles.
 */
import { toOperatorError } from '../../core/errors.ts';
import type { DirectoryAudit, OutsideChange, OutsideChanges } from './audit-port.ts';
import type { Graph } from './port.ts';

export interface OutsideChangesOptions {
  readonly graph: Pick<Graph, 'listDirectoryAudits'>;
  /** The operator's own application: what it did is no outside change. */
  readonly ownAppId: string;
  readonly nowMs: () => number;
  readonly onFound: (change: OutsideChange) => void;
}

const second = 1_000;
const minute = 60 * second;

/** Ages of a change at which the log is asked. */
const askedAtMs = [5 * second, minute, 2 * minute, 3 * minute, 5 * minute, 10 * minute];
/** The clocks of two services differ, and delta lags. */
const slackMs = minute;
/** Of watched accounts the log is asked so often, and each time for what it may have told late. */
const watchedEveryMs = 15 * minute;
const lateMs = 10 * minute;
/** At the start: what happened while nobody watched. */
const lookBackMs = 60 * minute;
/** Entries are remembered for longer than anybody asks. */
const rememberedMs = 120 * minute;
/** Without the permission: asked again after this long. */
const refusedMs = 60 * minute;
/** Where the log is out of order, or its small quota is used up. */
const unsaidMs = 10 * second;
/** Of each account, newest first. */
const keptMax = 5;

interface Pending {
  /** Not before. */
  readonly sinceMs: number;
  /** When delta told. */
  readonly seenMs: number;
  asked: number;
}

export class GraphOutsideChanges implements OutsideChanges {
  readonly #options: OutsideChangesOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #found = new Map<string, readonly OutsideChange[]>();
  /** Ids of entries that were told of, with the time of each. */
  readonly #seen = new Map<string, number>();
  #refusedUntilMs = Number.NEGATIVE_INFINITY;
  #watched: ReadonlySet<string> = new Set();
  #watchedMs = Number.NEGATIVE_INFINITY;

  constructor(options: OutsideChangesOptions) {
    this.#options = options;
  }

  expect(ids: Iterable<string>, sinceMs: number): void {
    const seenMs = this.#options.nowMs();
    for (const id of ids) {
      const earliestMs = Math.min(sinceMs, this.#pending.get(id)?.sinceMs ?? sinceMs);
      this.#pending.set(id, { sinceMs: earliestMs, seenMs, asked: 0 });
    }
  }

  watch(ids: Iterable<string>): void {
    this.#watched = new Set(ids);
  }

  of(id: string): readonly OutsideChange[] {
    return this.#found.get(id) ?? [];
  }

  async read(signal: AbortSignal): Promise<void> {
    await this.#readExpected(signal);
    await this.#readWatched(signal);
  }

  async #readWatched(signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs < this.#refusedUntilMs || nowMs - this.#watchedMs < watchedEveryMs) return;
    const sinceMs = Math.max(this.#watchedMs, nowMs - lookBackMs) - lateMs;
    for (const id of this.#watched) {
      const audits = await this.#list(sinceMs, signal, id);
      if (audits === undefined) return;
      for (const audit of audits.toReversed()) this.#take(audit);
    }
    if (this.#watched.size > 0) this.#watchedMs = nowMs;
    this.#forgetSeen(nowMs - rememberedMs);
  }

  async #readExpected(signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.nowMs();
    const due = [...this.#pending.values()].filter((pending) => isDue(pending, nowMs));
    if (due.length === 0 || nowMs < this.#refusedUntilMs) return;
    const sinceMs = Math.min(...[...this.#pending.values()].map((pending) => pending.sinceMs));
    const audits = await this.#list(sinceMs - slackMs, signal);
    if (audits === undefined) return;
    for (const pending of due) pending.asked += 1;
    for (const audit of audits.toReversed()) this.#take(audit);
    for (const [id, { asked }] of this.#pending) {
      if (asked >= askedAtMs.length) this.#pending.delete(id);
    }
    this.#forgetSeen(nowMs - rememberedMs);
  }

  /** undefined: not now. Who changed it is worth knowing, not worth holding a tenant up for. */
  async #list(
    sinceMs: number,
    signal: AbortSignal,
    id?: string,
  ): Promise<readonly DirectoryAudit[] | undefined> {
    try {
      return await this.#options.graph.listDirectoryAudits(sinceMs, signal, id);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toOperatorError(thrown);
      if (error.class === 'Bug') throw error;
      // The condition of permissions names what lacks; all else is counted with the requests.
      const isRefused = error.reason === 'PermissionDenied' || error.class === 'Terminal';
      const delayMs = isRefused ? refusedMs : (error.delayMs ?? unsaidMs);
      this.#refusedUntilMs = this.#options.nowMs() + delayMs;
      return undefined;
    }
  }

  #take(audit: DirectoryAudit): void {
    const isOurs = audit.author.id === this.#options.ownAppId;
    if (isOurs || !audit.isSuccess || this.#seen.has(audit.id)) return;
    const ids = audit.targetIds.filter(
      (id) => this.#pending.has(id) || this.#found.has(id) || this.#watched.has(id),
    );
    if (ids.length === 0) return;
    this.#seen.set(audit.id, Date.parse(audit.at));
    const { at, activity, author, groups, fields } = audit;
    for (const id of ids) {
      const change = { id, auditId: audit.id, at, activity, author, groups, fields };
      this.#found.set(id, [change, ...this.of(id)].slice(0, keptMax));
      // An entry from before the change that is waited for is another's.
      if (Date.parse(at) >= (this.#pending.get(id)?.sinceMs ?? 0)) this.#pending.delete(id);
      this.#options.onFound(change);
    }
  }

  #forgetSeen(beforeMs: number): void {
    for (const [id, atMs] of this.#seen) if (atMs < beforeMs) this.#seen.delete(id);
  }
}

function isDue({ seenMs, asked }: Pending, nowMs: number): boolean {
  return nowMs - seenMs >= (askedAtMs[asked] ?? Number.POSITIVE_INFINITY);
}

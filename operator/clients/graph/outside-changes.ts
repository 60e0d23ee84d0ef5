/**
 * Who changed what in a tenant's directory. Delta tells that an account is another now, the audit log by whom, minutes
 * later (graph.md 9: two as a rule, five at times): it is asked once for all accounts that changed, and again with
 * growing rests until it tells. An account that it never tells of proves nothing.
 */
import { toOperatorError } from '../../core/errors.ts';
import type { DirectoryAudit, Graph, OutsideChange, OutsideChanges } from './port.ts';

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
/** Delta tells of a change up to a poll after it, and the clocks of two services differ. */
const slackMs = 5 * minute;
/** Without the permission, or where the log is out of order: asked again after this long. */
const refusedMs = 60 * minute;
/** Of each account, newest first. */
const keptMax = 5;

interface Pending {
  readonly sinceMs: number;
  asked: number;
}

export class GraphOutsideChanges implements OutsideChanges {
  readonly #options: OutsideChangesOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #found = new Map<string, readonly OutsideChange[]>();
  /** Ids of entries that were told of, with the time of each. */
  readonly #seen = new Map<string, number>();
  #refusedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: OutsideChangesOptions) {
    this.#options = options;
  }

  expect(ids: Iterable<string>): void {
    const sinceMs = this.#options.nowMs();
    for (const id of ids) if (!this.#pending.has(id)) this.#pending.set(id, { sinceMs, asked: 0 });
  }

  of(id: string): readonly OutsideChange[] {
    return this.#found.get(id) ?? [];
  }

  async read(signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.nowMs();
    const due = [...this.#pending.values()].filter((pending) => isDue(pending, nowMs));
    if (due.length === 0 || nowMs < this.#refusedUntilMs) return;
    const sinceMs = Math.min(...[...this.#pending.values()].map((pending) => pending.sinceMs));
    const audits = await this.#list(sinceMs - slackMs, signal);
    for (const pending of due) pending.asked += 1;
    for (const audit of audits.toReversed()) this.#take(audit);
    for (const [id, { asked }] of this.#pending) {
      if (asked >= askedAtMs.length) this.#pending.delete(id);
    }
    this.#forgetSeen(sinceMs - 2 * slackMs);
  }

  async #list(sinceMs: number, signal: AbortSignal): Promise<readonly DirectoryAudit[]> {
    try {
      return await this.#options.graph.listDirectoryAudits(sinceMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      // Who changed it is worth knowing, not worth holding the tenant up for; the condition of permissions names what lacks.
      if (toOperatorError(error).reason !== 'PermissionDenied') throw error;
      this.#refusedUntilMs = this.#options.nowMs() + refusedMs;
      return [];
    }
  }

  #take(audit: DirectoryAudit): void {
    const isOurs = audit.author.id === this.#options.ownAppId;
    if (isOurs || !audit.isSuccess || this.#seen.has(audit.id)) return;
    const ids = audit.targetIds.filter((id) => this.#pending.has(id) || this.#found.has(id));
    if (ids.length === 0) return;
    this.#seen.set(audit.id, Date.parse(audit.at));
    const { at, activity, author, fields } = audit;
    for (const id of ids) {
      const change = { id, auditId: audit.id, at, activity, author, fields };
      this.#found.set(id, [change, ...this.of(id)].slice(0, keptMax));
      this.#pending.delete(id);
      this.#options.onFound(change);
    }
  }

  #forgetSeen(beforeMs: number): void {
    for (const [id, atMs] of this.#seen) if (atMs < beforeMs) this.#seen.delete(id);
  }
}

function isDue({ sinceMs, asked }: Pending, nowMs: number): boolean {
  return nowMs - sinceMs >= (askedAtMs[asked] ?? Number.POSITIVE_INFINITY);
}

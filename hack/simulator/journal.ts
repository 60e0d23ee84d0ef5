import type { Json } from './json.ts';
import type { Room } from './rooms.ts';

/** What was asked and answered, in order; tests and people read it. Secrets never get in. */
export interface JournalEntry {
  readonly seq: number;
  /** Simulated time, ISO 8601. */
  readonly at: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
  readonly upn: string | undefined;
  readonly status: number;
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  readonly body: unknown;
  /** The kind of the fault that hit this request. */
  readonly fault?: string | undefined;
}

/** Old entries go beyond this, so that a simulator that runs for weeks keeps its memory. */
const ENTRIES_MAX = 200_000;
const SECRET_NAME = /password|secret|token|assertion|authorization/i;
const REDACTED = '[redacted]';
/** Deeper bodies do not occur in these APIs; the bound protects against hostile ones. */
const DEPTH_MAX = 20;

export class Journal implements Room {
  private readonly kept: JournalEntry[] = [];
  private count = 0;

  record(entry: Omit<JournalEntry, 'seq'>): void {
    this.count += 1;
    this.kept.push({ ...entry, seq: this.count });
    if (this.kept.length > ENTRIES_MAX) this.kept.splice(0, ENTRIES_MAX / 10);
  }

  /** Only where it stands: what was asked of another run is not asked again. */
  dump(): Json {
    return this.count;
  }

  load(state: Json): void {
    this.kept.length = 0;
    this.count = Number(state);
  }

  /** Entries with `seq` > `seq`; `next` is the argument for the next call. */
  since(seq: number): { next: number; entries: JournalEntry[] } {
    const first = this.kept.findIndex((entry) => entry.seq > seq);
    return { next: this.count, entries: first < 0 ? [] : this.kept.slice(first) };
  }
}

/** A copy without passwords, secrets, tokens. Objects below such a name (`passwordProfile`) are kept and searched. */
export function redact(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => {
      const isSecret = typeof content === 'string' && SECRET_NAME.test(name);
      return [name, isSecret ? REDACTED : redact(content, depth + 1)];
    }),
  );
}

import type { Json } from './json.ts';
import type { Room } from './rooms.ts';
import type { ServiceName } from './services.ts';

/**
 * request: what came over the network. batchItem: a part of one (`parent`). portal: what a person did at a portal, or an
 * actor of the simulator in a person's name.
 */
export const ENTRY_KINDS = ['request', 'batchItem', 'portal'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** What was asked and answered, in order; tests and people read it. Secrets never get in. */
export interface JournalEntry {
  readonly seq: number;
  readonly kind: EntryKind;
  /** Of a batch item: the entry of the batch. */
  readonly parent?: number | undefined;
  /** Simulated time, ISO 8601. */
  readonly at: string;
  /** Real milliseconds from the whole request to the answer, ordered delays included; undefined for batch items. */
  readonly tookMs?: number | undefined;
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
  /** Who signed in, or acts at the portal; undefined for apps. */
  readonly upn: string | undefined;
  /** 0: the connection broke before there was an answer. */
  readonly status: number;
  /** `error.code` of Graph, `code` of Partner Center, `AADSTS…` of login. */
  readonly errorCode?: string | undefined;
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  /** Headers of the answer that tell a client what to do next, and the ids; names in lower case. */
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** Of the request; what is too large is cut. */
  readonly body: unknown;
  /** The kind of the fault that hit this request. */
  readonly fault?: string | undefined;
}

/** Old entries go beyond these, so that a simulator that runs for weeks keeps its memory. */
const ENTRIES_MAX = 200_000;
/** Characters of all bodies together. */
const BODIES_MAX = 64 * 1024 * 1024;

export class Journal implements Room {
  private entries: JournalEntry[] = [];
  private sizes: number[] = [];
  private size = 0;
  private count = 0;

  /** @param size of the body, in characters @returns the number of the entry */
  record(entry: Omit<JournalEntry, 'seq'>, size: number): number {
    this.count += 1;
    this.entries.push({ ...entry, seq: this.count });
    this.sizes.push(size);
    this.size += size;
    while (this.entries.length > ENTRIES_MAX || this.size > BODIES_MAX) this.forgetTenth();
    return this.count;
  }

  /** Only where it stands: what was asked of another run is not asked again. */
  dump(): Json {
    return this.count;
  }

  load(state: Json): void {
    this.entries = [];
    this.sizes = [];
    this.size = 0;
    this.count = Number(state);
  }

  /** Entries with `seq` > `seq`; `next` is the argument for the next call. */
  since(seq: number): { next: number; entries: JournalEntry[] } {
    const [oldest] = this.entries;
    const from = oldest === undefined ? 0 : Math.max(0, seq + 1 - oldest.seq);
    return { next: this.count, entries: this.entries.slice(from) };
  }

  private forgetTenth(): void {
    const dropped = Math.ceil(this.entries.length / 10);
    this.entries = this.entries.slice(dropped);
    for (const size of this.sizes.slice(0, dropped)) this.size -= size;
    this.sizes = this.sizes.slice(dropped);
  }
}

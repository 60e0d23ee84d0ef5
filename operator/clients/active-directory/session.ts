/** One bound LDAPS connection to one domain controller. What it throws is classified. */
import type { connect, TLSSocket } from 'node:tls';
import {
  type Attribute,
  type Change,
  Client,
  type Control,
  type Entry,
  type Filter,
  type SearchOptions,
} from 'ldapts';
import { bug, terminal } from '../../core/errors.ts';
import { type MayWrite, requireLeadership } from '../../core/leadership.ts';
import type { ObserveExchange } from '../http.ts';
import type { DirectoryCredentials } from '../identity/credentials.ts';
import type { ControllerWatch } from './controllers.ts';
import { within } from './deadline.ts';
import { joinRange, openRange } from './entries.ts';
import { codeOf, DeadlineError, toDirectoryError } from './errors.ts';
import { type RootFacts, readCustomersOU, readRoot } from './root.ts';
import { connectVerified } from './socket.ts';
import { binaryAttributes } from './wire.ts';

export interface SessionOptions {
  readonly customersOU: string;
  readonly credentials: DirectoryCredentials;
  readonly nowMs: () => number;
  readonly observe: ObserveExchange;
  readonly watch?: ControllerWatch | undefined;
  readonly mayWrite: MayWrite;
}

export interface Search {
  /** Name for metrics. */
  readonly operation: string;
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter?: Filter;
  readonly attributes: readonly string[];
  /** LDAP result codes that mean: nothing found. */
  readonly accept?: readonly number[];
  readonly controls?: readonly Control[];
}

export interface Write {
  /** Name for metrics. */
  readonly operation: string;
  readonly dn: string;
  /** LDAP result codes that are no failure here; the call returns the one it got. */
  readonly accept?: readonly number[];
  readonly controls?: readonly Control[];
}

/** A controller that is up accepts and binds within this, also over a slow line. */
const connectDeadlineMs = 10_000;
/** One exchange, or one page of a search: Windows itself ends a query after 120 s (MaxQueryDuration). */
const callDeadlineMs = 60_000;
const globalCatalogPorts = ['3268', '3269'];
const noSuchObject = 32;
const closeDeadlineMs = 1_000;
/** Below Windows' MaxPageSize of 1000: more in one answer is an error there. */
const pageSize = 500;
/** Of 1500 values each on Windows: more than any group or account holds. */
const rangesMax = 1_000;

/** Throws what went wrong, unclassified: only the caller can say which controller it was. */
export async function openSession(
  controller: string,
  options: SessionOptions,
  signal?: AbortSignal,
): Promise<Session> {
  // Admission says so too; but a password would go over this line in the clear.
  if (!controller.startsWith('ldaps://')) {
    throw terminal('domain controllers are reached by ldaps:// only', { reason: 'InvalidName' });
  }
  // It holds a part of each account: what is absent there may exist.
  if (globalCatalogPorts.includes(new URL(controller).port)) {
    throw terminal('this is the port of the global catalog, which is for reading only: use 636', {
      reason: 'InvalidName',
    });
  }
  const session = new Session(controller, options);
  try {
    await within(connectDeadlineMs, session.bind(), signal);
    return session;
  } catch (error) {
    // After a failed bind too: the socket stays open else, and Node with it (A4).
    await session.close();
    throw error;
  }
}

export class Session {
  readonly controller: string;
  readonly #options: SessionOptions;
  readonly #client: Client;
  #socket: TLSSocket | undefined;
  #root: RootFacts | undefined;
  #customersOU: string | undefined;
  #lastWriteMs: number | undefined;

  constructor(controller: string, options: SessionOptions) {
    this.controller = controller;
    this.#options = options;
    // The factory gives us the socket: to destroy it is the only end of a connection that no longer writes.
    const secureConnection = (port: number, host: string): TLSSocket => {
      this.#socket = connectVerified(host, port, options.credentials.ca);
      return this.#socket;
    };
    this.#client = new Client({
      url: controller,
      createSecureConnection: secureConnection as typeof connect,
    });
  }

  get isAlive(): boolean {
    return this.#client.isConnected && this.#client.isBound;
  }

  /** Undefined: nothing was written on this session. */
  get lastWriteMs(): number | undefined {
    return this.#lastWriteMs;
  }

  /** As they were when the session began. */
  get root(): RootFacts {
    if (this.#root === undefined) throw bug('the session with Active Directory is not bound');
    return this.#root;
  }

  /** In the server's own spelling, so that DNs of answers can be compared with it. */
  get customersOU(): string {
    if (this.#customersOU === undefined)
      throw bug('the session with Active Directory is not bound');
    return this.#customersOU;
  }

  async bind(): Promise<void> {
    const { bindDN, bindPassword } = this.#options.credentials;
    await this.#observed('Bind', () => this.#client.bind(bindDN, bindPassword));
    this.#root = await readRoot(this);
    this.#customersOU = await readCustomersOU(this, this.#options.customersOU);
  }

  /** The one object; undefined where it is absent or does not pass the filter. */
  async read(search: Omit<Search, 'scope'>, signal?: AbortSignal): Promise<Entry | undefined> {
    const [entry] = await this.search({ accept: [noSuchObject], ...search, scope: 'base' }, signal);
    return entry;
  }

  /** All entries, however many pages; attributes that come in ranges are whole. */
  async search(search: Search, signal?: AbortSignal): Promise<readonly Entry[]> {
    try {
      return await this.#search(search, signal);
    } catch (error) {
      if (accepted(search, error) !== undefined) return [];
      throw this.#classified(error, signal);
    }
  }

  async add(write: Write, attributes: readonly Attribute[], signal: AbortSignal): Promise<number> {
    return this.#write(write, signal, () =>
      this.#client.add(write.dn, [...attributes], controlsOf(write)),
    );
  }

  async modify(write: Write, changes: readonly Change[], signal: AbortSignal): Promise<number> {
    return this.#write(write, signal, () =>
      this.#client.modify(write.dn, [...changes], controlsOf(write)),
    );
  }

  async delete(write: Write, signal: AbortSignal): Promise<number> {
    return this.#write(write, signal, () => this.#client.del(write.dn, controlsOf(write)));
  }

  /** `name`: the new DN; of its first part ldapts takes the end by a comma without a backslash before it (B1). */
  async move(write: Write, name: string, signal: AbortSignal): Promise<number> {
    return this.#write(write, signal, () =>
      this.#client.modifyDN(write.dn, name, controlsOf(write)),
    );
  }

  /** Never throws: an unbind that finds no one is an end, too. */
  async close(): Promise<void> {
    await within(closeDeadlineMs, this.#client.unbind()).catch(() => undefined);
    this.#socket?.destroy();
  }

  async #search(search: Search, signal: AbortSignal | undefined): Promise<readonly Entry[]> {
    const options: SearchOptions = {
      scope: search.scope,
      attributes: [...search.attributes],
      explicitBufferAttributes: binaryAttributes,
      paged: { pageSize },
      // ldapts would say 10 s.
      timeLimit: callDeadlineMs / 1_000,
      ...(search.filter === undefined ? {} : { filter: search.filter }),
    };
    const pages = this.#client.searchPaginated(search.base, options, controlsOf(search));
    const entries: Entry[] = [];
    for (;;) {
      const page = await this.#call(search.operation, signal, () => pages.next(), isPage);
      if (page.done === true) return entries;
      for (const entry of page.value.searchEntries) {
        entries.push(await this.#withWholeRanges(entry, search, signal));
      }
    }
  }

  async #withWholeRanges(
    entry: Entry,
    search: Search,
    signal: AbortSignal | undefined,
  ): Promise<Entry> {
    let whole = entry;
    for (let count = 0; count < rangesMax; count += 1) {
      const range = openRange(whole);
      if (range === undefined) return whole;
      const part = await this.#readRange(whole.dn, range, { ...search, scope: 'base' }, signal);
      whole = joinRange(whole, range.attribute, part);
    }
    throw bug('an attribute in Active Directory has more values than are read');
  }

  async #readRange(
    dn: string,
    range: { readonly attribute: string; readonly next: number },
    search: Search,
    signal: AbortSignal | undefined,
  ): Promise<Entry> {
    const options: SearchOptions = {
      scope: 'base',
      attributes: [`${range.attribute};range=${range.next}-*`],
    };
    const { searchEntries } = await this.#call(search.operation, signal, () =>
      this.#client.search(firstName(dn), options, controlsOf(search)),
    );
    // Gone meanwhile: what was read is all there is.
    return searchEntries[0] ?? { dn, [`${range.attribute};range=${range.next}-*`]: [] };
  }

  async #write(write: Write, signal: AbortSignal, call: () => Promise<void>): Promise<number> {
    requireLeadership(this.#options.mayWrite);
    // Whatever becomes of it: a write without an answer may have been done.
    this.#lastWriteMs = this.#options.nowMs();
    try {
      await this.#call(write.operation, signal, call);
      return 0;
    } catch (error) {
      const code = accepted(write, error);
      if (code !== undefined) return code;
      throw this.#classified(error, signal);
    }
  }

  async #call<T>(
    operation: string,
    signal: AbortSignal | undefined,
    call: () => Promise<T>,
    isExchange?: (result: T) => boolean,
  ): Promise<T> {
    signal?.throwIfAborted();
    // A client that lost its connection would open another one by itself, without binding (B1).
    if (operation !== 'Bind' && !this.isAlive) throw new Error('Connection closed before the call');
    try {
      const inTime = () => within(callDeadlineMs, call(), signal);
      return await this.#observed(operation, inTime, isExchange);
    } catch (error) {
      if (error instanceof DeadlineError) this.#socket?.destroy();
      throw error;
    }
  }

  async #observed<T>(
    operation: string,
    call: () => Promise<T>,
    isExchange: (result: T) => boolean = () => true,
  ): Promise<T> {
    const { nowMs, observe, watch } = this.#options;
    const started = nowMs();
    const done = (code: string): void => {
      const seconds = (nowMs() - started) / 1_000;
      observe({ system: 'ActiveDirectory', operation, code, seconds });
      watch?.took(this.controller, seconds);
    };
    try {
      const result = await call();
      if (isExchange(result)) done('0');
      return result;
    } catch (error) {
      const code = codeOf(error);
      done(typeof code === 'number' ? String(code) : 'error');
      throw error;
    }
  }

  #classified(error: unknown, signal: AbortSignal | undefined): unknown {
    return signal?.aborted === true ? signal.reason : toDirectoryError(error);
  }
}

/** After the last page nothing is asked for: its answer said that it was the last. */
function isPage({ done }: IteratorResult<unknown>): boolean {
  return done !== true;
}

function accepted({ accept = [] }: Pick<Write, 'accept'>, error: unknown): number | undefined {
  const code = codeOf(error);
  return typeof code === 'number' && accept.includes(code) ? code : undefined;
}

/** Of an extended DN the `<GUID=…>` part: a base in its own right. */
function firstName(dn: string): string {
  return /^<GUID=[^>]+>/.exec(dn)?.[0] ?? dn;
}

function controlsOf({ controls }: { readonly controls?: readonly Control[] }): Control[] {
  return [...(controls ?? [])];
}

/** Schema (schema-port.ts). A schema only grows: what it has is remembered for good. */

import { textOf } from './entries.ts';
import type { Session } from './session.ts';
import * as wire from './wire.ts';

const missingMs = 10 * 60_000;
/** An attribute that no forest lacks. */
const everywhere = 'description';

export class SchemaLookup {
  readonly #nowMs: () => number;
  /** In lower case: until when it is believed to be missing; undefined: it is there. */
  readonly #known = new Map<string, number | undefined>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async missing(
    session: Pick<Session, 'search' | 'root'>,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const unknown = names.filter((name) => !this.#isKnown(name));
    if (unknown.length > 0) await this.#look(session, unknown, signal);
    return names.filter((name) => this.#known.get(name.toLowerCase()) !== undefined);
  }

  #isKnown(name: string): boolean {
    const key = name.toLowerCase();
    return this.#known.has(key) && (this.#known.get(key) ?? Infinity) > this.#nowMs();
  }

  async #look(
    session: Pick<Session, 'search' | 'root'>,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const entries = await session.search(
      {
        operation: 'ReadSchema',
        base: `CN=Schema,${session.root.configurationNamingContext}`,
        scope: 'one',
        filter: wire.allOf(
          wire.equals('objectClass', 'attributeSchema'),
          wire.anyOf(...[everywhere, ...names].map((name) => wire.equals('lDAPDisplayName', name))),
        ),
        attributes: ['lDAPDisplayName'],
      },
      signal,
    );
    const found = entries.map((entry) => textOf(entry, 'lDAPDisplayName')?.toLowerCase());
    // Who may not read the schema sees nothing of it: then the directory itself says what it does not take.
    const isReadable = found.includes(everywhere);
    for (const name of names.map((one) => one.toLowerCase())) {
      const isThere = !isReadable || found.includes(name);
      this.#known.set(name, isThere ? undefined : this.#nowMs() + missingMs);
    }
  }
}

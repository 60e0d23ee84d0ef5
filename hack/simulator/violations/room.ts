/** What a careful client never does, and who did it. */
import { fromJson, type Json, toJson } from '../json.ts';
import type { Room } from '../rooms.ts';
import { askerOf, type ServiceName } from '../services.ts';
import { closedWindow } from './closed-window.ts';
import { largeBatch } from './large-batch.ts';
import { newRequestId } from './new-request-id.ts';
import { partialPatch } from './partial-patch.ts';
import { retryInsideWait } from './retry-inside-wait.ts';
import type { Rule, Sight } from './rule.ts';
import { secondCreate } from './second-create.ts';

export interface Violation {
  readonly rule: string;
  readonly what: string;
  /** Simulated time, ISO 8601. */
  readonly at: string;
  /** Entry of the journal. */
  readonly seq: number;
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  readonly tenantId: string | undefined;
  readonly appId: string | undefined;
}

/** The first ones tell most; later ones are only counted. */
const KEPT_MAX = 1_000;

/** A rule with what it keeps. */
interface Watch extends Room {
  readonly name: string;
  readonly says: string;
  look(sight: Sight): string | undefined;
}

function watch<State>(rule: Rule<State>): Watch {
  let state = rule.begin();
  return {
    name: rule.name,
    says: rule.says,
    look: (sight) => rule.look(state, sight),
    dump: () => toJson(state),
    load: (json) => {
      state = fromJson(json) as State;
    },
  };
}

export class Violations implements Room {
  private readonly watches: readonly Watch[] = [
    watch(retryInsideWait),
    watch(newRequestId),
    watch(partialPatch),
    watch(closedWindow),
    watch(secondCreate),
    watch(largeBatch),
  ];
  private found: Violation[] = [];
  private count = 0;

  /** @param seq of its entry in the journal */
  look(sight: Sight, seq: number): void {
    for (const each of this.watches) {
      const what = each.look(sight);
      if (what === undefined) continue;
      this.count += 1;
      if (this.found.length >= KEPT_MAX) continue;
      const { service, request } = sight;
      const { method, path } = request;
      const at = new Date(sight.atMs).toISOString();
      const asker = askerOf(service, request);
      this.found.push({ rule: each.name, what, at, seq, service, method, path, ...asker });
    }
  }

  list(): readonly Violation[] {
    return this.found;
  }

  /** Also those beyond what is kept. */
  total(): number {
    return this.count;
  }

  /** By name, each with the sentence that says what a careful client does. */
  rules(): Record<string, string> {
    return Object.fromEntries(this.watches.map(({ name, says }) => [name, says]));
  }

  clear(): void {
    this.found = [];
    this.count = 0;
  }

  dump(): Json {
    const states = Object.fromEntries(this.watches.map((each) => [each.name, each.dump()]));
    return { found: toJson(this.found), count: this.count, states };
  }

  load(state: Json): void {
    const { found, count, states } = state as Readonly<Record<string, Json>>;
    this.found = fromJson(found ?? null) as Violation[];
    this.count = Number(count);
    for (const each of this.watches) {
      each.load((states as Readonly<Record<string, Json>>)[each.name] ?? null);
    }
  }
}

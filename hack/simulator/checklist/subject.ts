/** What the proofs of a checklist work on: a cloud of their own, its default customer, and a token for it. */
import type { Directory } from '../directory/directory.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import { type Answer, Kit, newUser, type Options } from '../test-kit.ts';
import type { World } from '../world.ts';

/** One row of a checklist, or a part of it, with what shows it. */
export interface Proof {
  readonly row: number;
  readonly words: string;
  /** Section of graph.md. */
  readonly source: string;
  readonly prove: (subject: Subject) => Promise<void>;
}

export class Subject {
  readonly kit: Kit;
  token: string;

  private constructor(kit: Kit, token: string) {
    this.kit = kit;
    this.token = token;
  }

  static async start(): Promise<Subject> {
    const kit = await Kit.start({ frozen: true });
    return new Subject(kit, await kit.customerToken(DEFAULT_CUSTOMER.tenantId));
  }

  get world(): World {
    return this.kit.simulator.world;
  }

  get directory(): Directory {
    const found = this.world.directories.get(DEFAULT_CUSTOMER.tenantId);
    if (!found) throw new Error('The default world has no default customer');
    return found;
  }

  ask(method: string, path: string, options: Options = {}): Promise<Answer> {
    return this.kit.graph(method, path, { token: this.token, ...options });
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask('GET', path, { headers });
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.ask(method, path, body === undefined ? {} : { body });
  }

  /** @returns the id of a new user with a usage location */
  async user(name: string, more: object = {}): Promise<string> {
    const body = { ...newUser(name, DEFAULT_CUSTOMER.domain), usageLocation: 'DE', ...more };
    const made = await this.send('POST', '/users', body);
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body.id;
  }

  /** In the partner's own tenant. */
  async asPartner(): Promise<void> {
    this.token = await this.kit.token(DEFAULT_PARTNER.tenantId);
  }

  /** A person at a portal of the customer. */
  async asPerson(method: string, path: string, body?: unknown): Promise<number> {
    const { control } = this.kit.simulator.urls;
    const userPrincipalName = `admin@${DEFAULT_CUSTOMER.initialDomain}`;
    const as = { service: 'graph', tenantId: DEFAULT_CUSTOMER.tenantId, userPrincipalName };
    const answer = await this.kit.send('POST', `${control}/portal`, {
      body: { ...as, method, path: `/v1.0${path}`, body },
    });
    return Number(answer.body.status);
  }
}

/** @throws Error where there is none: a mistake in the proof */
export function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('What a proof takes for granted is not there');
  return value;
}

/** Values of a list, one property each. */
export function each(answer: Answer, name: string): unknown[] {
  return (answer.body.value as Readonly<Record<string, unknown>>[]).map((item) => item[name]);
}

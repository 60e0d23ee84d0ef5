/** What the tests on a real domain controller share: the controller, clients of it, and other people's hands in it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Attribute, Change, Client, type Entry } from 'ldapts';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createActiveDirectory } from '../../operator/clients/active-directory/client.ts';
import type {
  ActiveDirectory,
  NewAdAccount,
} from '../../operator/clients/active-directory/port.ts';
import type { ObserveExchange } from '../../operator/clients/http.ts';
import { OperatorError } from '../../operator/core/errors.ts';
import { type DomainController, sambaAvailability, startSamba } from './index.ts';

const availability = await sambaAvailability();

/** Whether somebody decided to test without a directory; without that decision its absence is a failure. */
export const isWaived = availability.how === 'none' && process.env['M365_TEST_WITHOUT_AD'] === '1';
if (availability.how === 'none' && isWaived) {
  console.log(`M365_TEST_WITHOUT_AD=1: Active Directory is not tested (${availability.why})`);
}

/** Meets the default policy of a domain. */
export const password = 'Str0ng-Pass-1!';
export const signal = new AbortController().signal;
/** For effects that the directory or the network has to show. */
export const within = { timeout: 20_000, interval: 50 };

export interface ClientOverrides {
  readonly domainControllers?: readonly string[];
  readonly customersOU?: string;
  readonly bindDN?: string;
  readonly bindPassword?: string;
  readonly ca?: string;
}

/** One controller for the tests of a file; clients are closed after each test. */
export class TestDirectory {
  #controller: DomainController | undefined;
  #admin: Client | undefined;
  #clients: ActiveDirectory[] = [];
  exchanges: Parameters<ObserveExchange>[0][] = [];
  ca = '';
  nowMs = Date.now();

  /** Registers the hooks of the calling test file. */
  static use(address: string): TestDirectory {
    const directory = new TestDirectory();
    beforeAll(async () => {
      if (!isWaived) await directory.#start(address);
    }, 600_000);
    beforeEach(() => {
      directory.exchanges = [];
      directory.nowMs = Date.now();
    });
    afterEach(async () => {
      await Promise.all(directory.#clients.splice(0).map((client) => client.close()));
    });
    afterAll(async () => {
      await directory.#admin?.unbind();
      await directory.#controller?.stop();
    }, 60_000);
    return directory;
  }

  async #start(address: string): Promise<void> {
    this.#controller = await startSamba({ address });
    this.ca = await readFile(this.controller.caFile, 'utf8');
    this.#admin = new Client({ url: this.controller.url, tlsOptions: { ca: this.ca } });
    await this.admin.bind(this.controller.adminDN, this.controller.adminPassword);
  }

  get controller(): DomainController {
    if (this.#controller === undefined) throw new Error('the domain controller is not started');
    return this.#controller;
  }

  /** The administrator's own connection: what others do in the directory. */
  get admin(): Client {
    if (this.#admin === undefined) throw new Error('the domain controller is not started');
    return this.#admin;
  }

  options(overrides: ClientOverrides = {}): Parameters<typeof createActiveDirectory>[0] {
    const { url, customersOU, adminDN, adminPassword } = this.controller;
    return {
      domainControllers: overrides.domainControllers ?? [url],
      customersOU: overrides.customersOU ?? customersOU,
      credentials: {
        bindDN: overrides.bindDN ?? adminDN,
        bindPassword: overrides.bindPassword ?? adminPassword,
        ca: overrides.ca ?? this.ca,
      },
      nowMs: () => this.nowMs,
      observe: (exchange) => this.exchanges.push(exchange),
      mayWrite: () => true,
    };
  }

  client(overrides: ClientOverrides = {}): ActiveDirectory {
    const client = createActiveDirectory(this.options(overrides));
    this.#clients.push(client);
    return client;
  }

  /** A new OU below the customers OU: names in it are the test's own. */
  async newUnit(client: ActiveDirectory): Promise<string> {
    const { customersOU } = this.controller;
    const made = await client.ensureOrganizationalUnit(customersOU, unique('c-'), signal);
    return made.distinguishedName;
  }

  async canSignIn(name: string, secret: string): Promise<boolean> {
    const person = new Client({ url: this.controller.url, tlsOptions: { ca: this.ca } });
    try {
      await person.bind(name, secret);
      return true;
    } catch {
      return false;
    } finally {
      await person.unbind();
    }
  }

  async read(dn: string, ...attributes: readonly string[]): Promise<Partial<Entry>> {
    const { searchEntries } = await this.admin.search(dn, {
      scope: 'base',
      attributes: [...attributes],
      explicitBufferAttributes: ['objectGUID'],
    });
    return searchEntries[0] ?? {};
  }

  async replace(dn: string, type: string, values: string[] | Buffer[]): Promise<void> {
    const modification = new Attribute({ type, values });
    await this.admin.modify(dn, new Change({ operation: 'replace', modification }));
  }
}

/** Logon names are unique in the domain, so each test has its own. */
export function unique(prefix: string): string {
  return `${prefix}${randomBytes(4).toString('hex')}`;
}

export function newAccount(
  organizationalUnit: string,
  more: Partial<NewAdAccount> = {},
): NewAdAccount {
  const samAccountName = unique('mia');
  return {
    organizationalUnit,
    commonName: 'Mia Lund',
    userPrincipalName: `${samAccountName}@contoso.example`,
    samAccountName,
    ownerUid: randomUUID(),
    password,
    mustChangePassword: false,
    enabled: true,
    attributes: { displayName: 'Mia Lund', sn: 'Lund' },
    ...more,
  };
}

/** What the call failed with. Throws where it did not fail, or with something that nobody classified. */
export async function failure(promise: Promise<unknown>): Promise<OperatorError> {
  const error: unknown = await promise.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof OperatorError) return error;
  throw error;
}

/**
 * The Active Directory client of every connection: made anew when its settings or its Secret change. Calls under way end
 * on the old one; who holds the connection's clients goes on with the new one.
 */
import { createHash } from 'node:crypto';
import type { MayWrite } from '../core/leadership.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';
import { createActiveDirectory } from './active-directory/client.ts';
import type { ControllerWatch } from './active-directory/controllers.ts';
import type { ActiveDirectory } from './active-directory/port.ts';
import type { ObserveExchange } from './http.ts';
import { directoryCredentials } from './identity/credentials.ts';
import type { ClientsInput } from './port.ts';

export interface DirectoryClientsOptions {
  readonly nowMs: () => number;
  readonly observe: ObserveExchange;
  readonly mayWrite: MayWrite;
  /** Of a connection ("namespace/name"): who is told how its domain controllers are. Default: nobody. */
  readonly watchControllers?: ((connection: string) => ControllerWatch) | undefined;
}

interface Entry {
  readonly fingerprint: string;
  readonly client: ActiveDirectory;
}

export class DirectoryClients {
  readonly #options: DirectoryClientsOptions;
  readonly #entries = new Map<ObjectKey, Entry>();

  constructor(options: DirectoryClientsOptions) {
    this.#options = options;
  }

  /** Undefined: the connection names no Active Directory. */
  of(key: ObjectKey): ActiveDirectory | undefined {
    return this.#entries.get(key)?.client;
  }

  /** As the connection and its Secret are now. Throws Terminal `SecretKeyMissing`. */
  update({ connection, directorySecret }: ClientsInput): void {
    const key = keyOf(connection);
    const settings = connection.spec.activeDirectory;
    if (settings === undefined || directorySecret === undefined) {
      void this.forget(key);
      return;
    }
    const secretName = settings.credentialsSecretRef.name;
    const credentials = directoryCredentials(secretName, directorySecret);
    const { uid, namespace, name } = connection.metadata;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify({ uid, settings, credentials }))
      .digest('hex');
    if (this.#entries.get(key)?.fingerprint === fingerprint) return;
    void this.forget(key);
    const { nowMs, observe, mayWrite, watchControllers } = this.#options;
    const { domainControllers, customersOU } = settings;
    const watch = watchControllers?.(`${namespace}/${name}`);
    const options = { domainControllers, customersOU, credentials, nowMs, observe, mayWrite };
    this.#entries.set(key, { fingerprint, client: createActiveDirectory({ ...options, watch }) });
  }

  async forget(key: ObjectKey): Promise<void> {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    await entry?.client.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((key) => this.forget(key)));
  }
}

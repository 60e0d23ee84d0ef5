/**
 * The way of the operator to a domain controller, on which writes can be seen: LDAPS ends here and begins anew. The answer to
 * a write can be held or lost: the write took effect, and whoever sent it does not know.
 */
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { DomainController } from '../samba/index.ts';
import type { ServerCertificate } from '../simulator/certificates.ts';
import { JoinedSockets } from './joined-sockets.ts';
import { onMessages, readMessage } from './ldap-messages.ts';

interface Hold {
  readonly isWanted: (write: string) => boolean;
  readonly onHeld: () => void;
}

export class LdapGateway {
  /** In order of arrival: `add`, `modify unicodePwd`. */
  readonly writes: string[] = [];
  /** Writes whose connection has ended before their answer came, by `lose` or otherwise. */
  lost = 0;
  readonly #server: Server;
  readonly #sockets = new JoinedSockets();
  #hold: Hold | undefined;
  #losesEvery = Number.POSITIVE_INFINITY;

  private constructor(url: string, ca: string, { certificate, key }: ServerCertificate) {
    const { hostname, port } = new URL(url);
    const upstream = { host: hostname, port: port === '' ? 636 : Number(port), ca };
    this.#server = createServer({ cert: certificate, key }, (client) => {
      this.#join(client, connect({ ...upstream, checkServerIdentity: () => undefined }));
    });
  }

  static async start(
    controller: DomainController,
    certificate: ServerCertificate,
  ): Promise<LdapGateway> {
    const ca = await readFile(controller.caFile, 'utf8');
    const gateway = new LdapGateway(controller.url, ca, certificate);
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get url(): string {
    return `ldaps://localhost:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Calls back when a write that is wanted has taken effect; its answer never comes. The first such only. */
  hold(isWanted: (write: string) => boolean, onHeld: () => void): void {
    this.#hold = { isWanted, onHeld };
  }

  /** The answer to every so manieth write is lost, and the connection with it. */
  lose(every: number): void {
    this.#losesEvery = every;
  }

  passAll(): void {
    this.#hold = undefined;
    this.#losesEvery = Number.POSITIVE_INFINITY;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#sockets.cut();
    await closed;
  }

  #join(client: TLSSocket, controller: TLSSocket): void {
    /** Writes without an answer, by the number of the request, and what becomes of it. */
    const open = new Map<number, (() => void) | undefined>();
    this.#sockets.join(client, controller);
    // What ends it takes along whatever else was on its way.
    client.once('close', () => {
      this.lost += open.size;
    });
    onMessages(client, (message) => {
      const { id, write } = readMessage(message);
      if (write !== undefined) open.set(id, this.#fateOf(write, client));
      controller.write(message);
    });
    onMessages(controller, (message) => {
      const { id } = readMessage(message);
      const fate = open.get(id);
      if (fate !== undefined) {
        fate();
        return;
      }
      open.delete(id);
      client.write(message);
    });
  }

  #fateOf(write: string, client: TLSSocket): (() => void) | undefined {
    this.writes.push(write);
    const hold = this.#hold;
    if (hold?.isWanted(write) === true) {
      this.#hold = undefined;
      return hold.onHeld;
    }
    if (this.writes.length % this.#losesEvery !== 0) return undefined;
    return () => client.destroy();
  }
}

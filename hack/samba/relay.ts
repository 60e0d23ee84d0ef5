/** A way to a domain controller that can be shut: what a firewall or a restart does to connections. */
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { JoinedSockets } from '../testing/joined-sockets.ts';

export class Relay {
  readonly #server: Server;
  readonly #sockets = new JoinedSockets();
  /** Connections that were accepted since the start. */
  accepted = 0;

  /** `target`: `ldaps://address` or `ldaps://address:port`. */
  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#server = createServer((client) => {
      this.accepted += 1;
      const upstream = connect(port === '' ? 636 : Number(port), hostname);
      this.#sockets.join(client, upstream);
      client.pipe(upstream);
      upstream.pipe(client);
    });
  }

  /** Connections that are open now, each counted at both ends. */
  get open(): number {
    return this.#sockets.size;
  }

  /** `ldaps://localhost:port`: a name of the controller's certificate. */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return `ldaps://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets every connection; new ones work. */
  cut(): void {
    this.#sockets.cut();
  }

  /** Resets every connection and refuses new ones. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.cut();
    await closed;
  }
}

/** A way to a domain controller that can be shut: what a firewall or a restart does to connections. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that were accepted since the start. */
  accepted = 0;

  /** `target`: `ldaps://address` or `ldaps://address:port`. */
  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#server = createServer((client) => {
      this.accepted += 1;
      const upstream = connect(port === '' ? 636 : Number(port), hostname);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
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
    for (const socket of this.#sockets) socket.resetAndDestroy();
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

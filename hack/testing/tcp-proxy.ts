/** A way through that can be cut: what a load balancer, a node or a cable does to connections. */
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { JoinedSockets } from './joined-sockets.ts';

export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new JoinedSockets();
  cuts = 0;

  constructor(targetPort: number) {
    this.#server = createServer((client) => {
      const upstream = connect(targetPort, '127.0.0.1');
      this.#sockets.join(client, upstream);
      client.pipe(upstream);
      upstream.pipe(client);
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Both ends of each. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** Resets every connection there is now; new ones work. */
  cut(): void {
    this.cuts += 1;
    this.#sockets.cut();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

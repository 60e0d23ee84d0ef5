/** Connections that end in pairs: both ends of each way through a relay. */
import type { Socket } from 'node:net';

export class JoinedSockets {
  readonly #open = new Set<Socket>();

  /** What ends one of them ends the other. */
  join(one: Socket, other: Socket): void {
    this.#follow(one, other);
    this.#follow(other, one);
  }

  /** Each counted at both ends. */
  get size(): number {
    return this.#open.size;
  }

  /** Resets all that are open now. */
  cut(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  #follow(socket: Socket, other: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      this.#open.delete(socket);
      other.destroy();
    });
  }
}

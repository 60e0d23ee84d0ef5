import { createHash } from 'node:crypto';
import type { Json } from './json.ts';
import type { Room } from './rooms.ts';
import type { Random } from './world.ts';

/** Mulberry32: small, seeded, good enough to shuffle and to make identifiers. Not for secrets. */
export class SeededRandom implements Random, Room {
  private readonly seed: number;
  private state: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.state = this.seed;
  }

  /** Another one, always the same for this seed and name; what it draws changes nothing here. */
  fork(name: string): SeededRandom {
    const hash = createHash('sha256').update(`${this.seed}/${name}`).digest();
    return new SeededRandom(hash.readUInt32LE());
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  dump(): Json {
    return this.state;
  }

  load(state: Json): void {
    this.state = Number(state);
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += Math.floor(this.next() * 16).toString(16);
    return text;
  }

  uuid(): string {
    const variant = '89ab'.charAt(Math.floor(this.next() * 4));
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`;
  }
}

/** A shuffled copy (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1));
    const [moved] = copy.splice(other, 1);
    if (moved !== undefined) copy.push(moved);
  }
  return copy;
}

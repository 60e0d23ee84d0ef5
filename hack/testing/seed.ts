/** Chance that can be repeated: the seed is printed, and `SEED=…` before the command runs the test with it again. */
import { SeededRandom } from '../simulator/random.ts';

export function seededRandom(what: string, fallback: number): SeededRandom {
  const seed = Number(process.env['SEED'] ?? fallback);
  console.info(`${what}: SEED=${String(seed)}`);
  return new SeededRandom(seed);
}

/** A whole number from 0 to `below` - 1. */
export function chosen(random: SeededRandom, below: number): number {
  return Math.floor(random.next() * below);
}

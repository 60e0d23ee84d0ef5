/** What `npm run demo -- --scene <name>` plays. */
import type { Stage, StageOptions } from '../stage/index.ts';
import type { Screen } from './table.ts';

export interface Audience {
  readonly screen: Pick<Screen, 'say' | 'show' | 'keep'>;
  /** Milliseconds since the demo began. */
  elapsedMs(): number;
}

export interface Scene {
  /** In a line, for people who ask which scenes there are. */
  readonly tells: string;
  readonly stage: Pick<StageOptions, 'simulator' | 'withoutDirectory'>;
  /** @returns whether all came true. `atTheEnd` is awaited while everything still runs. */
  play(stage: Stage, audience: Audience, atTheEnd: () => Promise<void>): Promise<boolean>;
}

export interface Fact {
  readonly what: string;
  readonly isTrue: boolean;
}

export function chapter(audience: Audience, title: string): void {
  audience.screen.say(`\n${title}  (${Math.round(audience.elapsedMs() / 1000)} s)`);
}

/** @returns whether all are true */
export function tellFacts({ screen }: Audience, facts: readonly Fact[]): boolean {
  for (const { what, isTrue } of facts) screen.say(`  ${isTrue ? '✓' : '✗'} ${what}`);
  return facts.every(({ isTrue }) => isTrue);
}

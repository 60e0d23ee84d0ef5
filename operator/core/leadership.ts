/** The last question before anything is changed outside: minutes may have passed since the engine asked it. */
import { wait } from './errors.ts';

/** This process leads at this very moment. */
export type MayWrite = () => boolean;

/** Wait `NotLeading`: nothing was sent. */
export function requireLeadership(mayWrite: MayWrite): void {
  if (mayWrite()) return;
  throw wait('another process leads: nothing was sent', { reason: 'NotLeading', delayMs: 1_000 });
}

/** What happens in the fourteen months, as data: to people, at the portal, and what the provider allows. */

export type Deed =
  | { readonly does: 'join' | 'leave'; readonly people: number }
  /** At the portal, past the operator. */
  | { readonly does: 'buyOutside'; readonly seats: number }
  /** Somebody at the portal writes the subscription, and the seats of its next term are gone from it. */
  | { readonly does: 'loseSchedule' }
  | { readonly does: 'allow'; readonly decrease: 'Auto' }
  /** Only time has passed. */
  | { readonly does: 'wait' };

export interface Step {
  /** Since the month began, at 10:00 UTC of the 4th. */
  readonly day: number;
  readonly says: string;
  readonly deed: Deed;
}

export interface Month {
  /** For the table at the end. */
  readonly tells: string;
  readonly steps: readonly Step[];
}

const join = (people: number): Deed => ({ does: 'join', people });
const leave = (people: number): Deed => ({ does: 'leave', people });
const buyOutside = (seats: number): Deed => ({ does: 'buyOutside', seats });
const wait: Deed = { does: 'wait' };
const quiet: Month = { tells: '', steps: [] };

function month(tells: string, ...steps: readonly Step[]): Month {
  return { tells, steps };
}

/** The first begins on 4 January 2027, as does the term of a year. */
export const months: readonly Month[] = [
  month(
    'ten start; three seats bought at the portal, given back',
    { day: 0, says: 'ten people start', deed: join(10) },
    { day: 1, says: 'a seat is bought at the portal', deed: buyOutside(1) },
    { day: 1, says: 'and one more', deed: buyOutside(1) },
    { day: 1, says: 'and a third', deed: buyOutside(1) },
    { day: 7.5, says: 'the window closes tomorrow', deed: wait },
    { day: 7.6, says: 'decrease: Auto from now on', deed: { does: 'allow', decrease: 'Auto' } },
  ),
  month('one starts: a seat bought', { day: 10, says: 'one starts', deed: join(1) }),
  month('two leave, too late for the window', { day: 3, says: 'two leave', deed: leave(2) }),
  month('one starts on a free seat', { day: 5, says: 'one starts', deed: join(1) }),
  month('three bought at the portal, given back at once', {
    day: 2,
    says: 'three seats are bought at the portal',
    deed: buyOutside(3),
  }),
  month('two leave', { day: 9, says: 'two leave', deed: leave(2) }),
  quiet,
  month('one starts on a free seat', { day: 20, says: 'one starts', deed: join(1) }),
  quiet,
  quiet,
  quiet,
  month(
    'next term set to 9, lost at the portal, set again',
    { day: 3, says: 'four weeks to the renewal', deed: wait },
    { day: 10, says: 'the portal loses the next term', deed: { does: 'loseSchedule' } },
  ),
  month('renewed with 9; one leaves within its window', {
    day: 2,
    says: 'one leaves in the week of the renewal',
    deed: leave(1),
  }),
  month('one starts: a seat bought', { day: 5, says: 'one starts', deed: join(1) }),
];

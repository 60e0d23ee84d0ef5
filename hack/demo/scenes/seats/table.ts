/** How the months are shown: a line for each thing that happens, and the account at the end. */
import { formatMoney } from '../../../../operator/core/money.ts';
import { table } from '../../table.ts';

/** A moment after something happened, when the operator had nothing left to do. Money in minor units. */
export interface Entry {
  readonly at: string;
  readonly month: number;
  readonly says: string;
  /** Nothing happened in it yet. */
  readonly isNewMonth: boolean;
  readonly people: number;
  /** As Partner Center has them. */
  readonly seats: number;
  readonly idle: number | undefined;
  /** A month, as status says. */
  readonly cost: number | undefined;
  readonly margin: number | undefined;
  readonly marginPercent: string;
  readonly alerts: readonly string[];
  /** Reasons of new events. */
  readonly news: readonly string[];
  /** Who changed something at the portal, as status says. */
  readonly author: string | undefined;
  readonly explanation: string;
  /** What Microsoft charged for the month when it began. */
  readonly chargedAtStart: number;
  readonly nextTermSeats: number | undefined;
}

/** A month when it is over. Charges are those of the ledger. */
export interface Account {
  readonly month: string;
  readonly people: number;
  readonly seats: number;
  readonly marginPercent: string;
  readonly charged: number;
  readonly seatsUntouched: number;
  readonly chargedUntouched: number;
  readonly happened: string;
}

const euro = (minor: number): string => formatMoney(minor, 'EUR').replace(/\s*EUR\s*/, '');

/** A month that begins is a line; what happens in it is told in the operator's own words. */
export function entryText(entry: Entry): string {
  const { at, says, people, seats, margin, marginPercent, isNewMonth } = entry;
  const money = margin === undefined ? 'margin unknown' : `${euro(margin)} (${marginPercent} %)`;
  const line = `  ${at}  ${says.padEnd(36)} ${`${people} on ${seats} seats`.padEnd(14)} ${money}`;
  if (isNewMonth) return `${line.padEnd(80)} ${euro(entry.chargedAtStart)} charged`;
  return [line, ...below(entry).map((text) => `${' '.repeat(14)}${text}`)].join('\n');
}

function below({ explanation, news, alerts, author }: Entry): readonly string[] {
  const told = [
    ...(news.length === 0 ? [] : [`events: ${news.join(', ')}`]),
    ...(alerts.length === 0 ? [] : [`alerts: ${alerts.join(', ')}`]),
    ...(author === undefined ? [] : [`changed by ${author}`]),
  ];
  return told.length === 0 ? [explanation] : [explanation, told.join(' · ')];
}

const head = [
  'month',
  'people',
  'seats',
  'margin %',
  ' charged',
  'untouched: seats',
  ' charged',
  '   saved',
  'what happened',
];

export function ledgerTable(accounts: readonly Account[]): string {
  const rows = accounts.map((account) => {
    const { month, people, seats, marginPercent, seatsUntouched, happened } = account;
    const { charged, chargedUntouched } = account;
    return [
      month,
      String(people).padStart(6),
      String(seats).padStart(5),
      marginPercent.padStart(8),
      amount(charged),
      String(seatsUntouched).padStart(16),
      amount(chargedUntouched),
      amount(chargedUntouched - charged),
      happened,
    ];
  });
  const sum = (of: (account: Account) => number) => accounts.map(of).reduce((a, b) => a + b, 0);
  const charged = sum((account) => account.charged);
  const without = sum((account) => account.chargedUntouched);
  const saved = without - charged;
  const total = ['all', '', '', '', amount(charged), '', amount(without), amount(saved)];
  const percent = Math.round((saved * 100) / without);
  return `${table(head, [...rows, total])}

  Money saved against doing nothing: ${euro(saved)} EUR of ${euro(without)}, ${percent} %.`;
}

function amount(minor: number): string {
  return euro(minor).padStart(8);
}

/** `npm run demo -- --scene seats`: fourteen months, judged by Microsoft's ledger. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monthStartMs } from '../demo/scenes/seats/books.ts';
import { managed, untouched } from '../demo/scenes/seats/customers.ts';
import { type Outcome, playSeats, seats } from '../demo/scenes/seats/index.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { root, type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';

let stage: Stage;
let operator: OperatorProcess;
let outcome: Outcome;
const shown: string[] = [];

beforeAll(async () => {
  stage = await startStage(seats.stage);
  operator = await stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
  const screen = {
    say: (text: string) => void shown.push(text),
    show: (text: string) => void shown.push(text),
    keep: () => undefined,
  };
  outcome = await playSeats(stage, { screen, elapsedMs: () => performance.now() });
}, 300_000);

afterAll(async () => {
  await operator?.stop();
  await stage?.stop();
});

const charged = (tenantId: string) =>
  commerceOf(stage.simulator.world)
    .ledger.filter(({ customerId, atMs }) => customerId === tenantId && atMs < monthStartMs(14))
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);

describe('fourteen months of seats', () => {
  it('come true, in less than a minute', () => {
    expect(outcome.facts.filter(({ isTrue }) => !isTrue)).toEqual([]);
    expect(outcome.seconds).toBeLessThan(60);
  });

  it("begin with the seed's example", () => {
    const first = outcome.entries.slice(0, 6);
    expect(
      first.map(({ seats: bought, margin, marginPercent }) => [bought, margin, marginPercent]),
    ).toEqual([
      [10, 4_000, '20'],
      [11, 2_400, '12'],
      [12, 800, '4'],
      [13, -800, '-4'],
      [13, -800, '-4'],
      [10, 4_000, '20'],
    ]);
    expect(first.map(({ alerts }) => alerts.includes('MarginBelowFloor'))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(first[4]?.alerts).toContain('WindowClosing');
    // Ten seats on which ten people are about to sit are no cause for an alarm.
    expect(first[0]?.news).not.toContain('MarginBelowFloor');
  });

  it('have seats for all, bought and given back where it may be', () => {
    expect(outcome.accounts.map(({ people, seats: bought }) => [people, bought])).toEqual([
      [10, 10],
      [11, 11],
      [9, 11],
      [10, 11],
      [10, 11],
      [8, 11],
      [8, 11],
      [9, 11],
      [9, 11],
      [9, 11],
      [9, 11],
      [9, 11],
      [8, 8],
      [9, 9],
    ]);
  });

  it('are renewed without the idle seats, although the portal lost their number', () => {
    const [set, again] = outcome.entries.filter(
      ({ month, nextTermSeats }) => month === 11 && nextTermSeats !== undefined,
    );
    expect([set?.nextTermSeats, again?.nextTermSeats]).toEqual([9, 9]);
    expect(set?.news).toContain('DropScheduled');
    expect(again?.news).toEqual(expect.arrayContaining(['ScheduleLost', 'ScheduleReissued']));
  });

  it('end with a table that adds up to both ledgers', () => {
    const { accounts } = outcome;
    expect(accounts).toHaveLength(14);
    const sum = (of: (account: (typeof accounts)[number]) => number) =>
      accounts.map(of).reduce((a, b) => a + b, 0);
    expect(sum((account) => account.charged)).toBe(charged(managed.tenantId));
    expect(sum((account) => account.chargedUntouched)).toBe(charged(untouched.tenantId));
    const saved = charged(untouched.tenantId) - charged(managed.tenantId);
    expect(saved).toBeGreaterThan(80_000);
    const text = shown.join('\n');
    expect(text).toContain(`Money saved against doing nothing: ${(saved / 100).toFixed(2)} EUR`);
    expect(text).not.toMatch(/undefined|NaN|\?/);
    expect(text.split('\n').filter((line) => line.length > 150)).toEqual([]);
  });
});

it('a scene that there is not is refused, with those that there are', async () => {
  const refused = new Promise<{ code: unknown; text: string }>((resolve) => {
    const args = [join(root, 'hack', 'demo', 'main.ts'), '--scene', 'nothing'];
    execFile(process.execPath, args, (error, _, text) => resolve({ code: error?.code, text }));
  });
  const { code, text } = await refused;
  expect(code).toBe(2);
  expect(text).toMatch(
    /there is no scene "nothing"; there are\n +tenant .+\n +seats .+\n +identity /,
  );
});

/**
 * One tenant that answers every request with 429, beside 99 that have work: how much later they are done than alone.
 * Each wave finds more people there than the one before, so the storm stands between two waves without it.
 */
import { coldStart } from './cold-start.ts';
import { tenantIdOf } from './entra.ts';
import { describeFleet, type Fleet } from './fleet.ts';
import { atMost, type Row } from './row.ts';

/** Of each tenant, in each of the two runs. */
const share = 0.2;

export async function stormRow(fleet: Fleet, progress: (line: string) => void): Promise<Row> {
  const { simulator } = fleet.stage;
  const usersPerTenant = Math.max(5, Math.ceil(fleet.size.usersPerTenant * share));
  const others = Array.from({ length: fleet.size.tenants - 1 }, (_, n) => n + 1);
  const users = others.length * usersPerTenant;
  const run = async (wave: string): Promise<number> => {
    await fleet.createUsers(wave, { tenants: others, usersPerTenant });
    const start = () => fleet.startOperator();
    const { figures, operator } = await coldStart({ ...fleet, users }, { wave, start }, progress);
    await operator.stop();
    return figures.seconds;
  };
  const before = await run('before');
  await fleet.createUsers('storm', { tenants: [0], usersPerTenant });
  const tenantId = await tenantIdOf(fleet, 0);
  const storm = simulator.faults.add({
    service: 'graph',
    tenantId,
    kind: 'status',
    status: 429,
    headers: { 'retry-after': '5' },
  });
  const { next } = simulator.journal.since(Number.MAX_SAFE_INTEGER);
  const beside = await run('beside');
  const stormed = simulator.journal
    .since(next)
    .entries.filter((e) => e.tenantId === tenantId && e.status === 429).length;
  simulator.faults.remove(storm);
  await finish(fleet, usersPerTenant, progress);
  const after = await run('after');
  const alone = (before + after) / 2;
  return atMost(1.05, {
    name: 'time of the other tenants beside one in a 429 storm, of their time alone',
    value: beside / alone,
    unit: 'x',
    of: describeFleet(
      fleet,
      `${users} new users of ${others.length} tenants: ${beside.toFixed(1)} s beside ${before.toFixed(1)} s before and ${after.toFixed(1)} s after`,
      `${usersPerTenant} new users wait in the one, which was asked ${stormed} times`,
    ),
  });
}

/** Those of the storm are served once it is over, so that the last wave has the same to do as the first. */
async function finish(
  fleet: Fleet,
  users: number,
  progress: (line: string) => void,
): Promise<void> {
  const start = () => fleet.startOperator();
  const { operator } = await coldStart({ ...fleet, users }, { wave: 'storm', start }, progress);
  await operator.stop();
}

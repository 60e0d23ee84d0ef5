/** Child of simulator.ts: a simulated cloud of a given size, and how long it took. Serves until it is killed. */

import { startSimulator } from '../simulator/index.ts';
import { createDefaultPartner } from '../simulator/seed.ts';
import { generate } from '../simulator/worlds/generate.ts';
import { answer, jobOf } from './child.ts';

export interface CloudJob {
  readonly tenants: number;
  /** In each. */
  readonly users: number;
  /** By which the clock is moved. */
  readonly days: number;
}

export interface CloudFacts {
  readonly generateSeconds: number;
  readonly moveSeconds: number;
  readonly residentMegabytes: number;
  readonly caFile: string;
  readonly graphUrl: string;
  readonly loginUrl: string;
  /** One of the customers, and one of its users. */
  readonly tenantId: string;
  readonly userId: string;
}

const job = await jobOf<CloudJob>();
const simulator = await startSimulator({
  frozen: true,
  startAt: '2026-09-01T09:00:00Z',
  settings: { throttleFactor: Infinity },
});
const { world } = simulator;
const partner = createDefaultPartner(world);
const generateSeconds = timed(() => generate(world, partner.tenantId, job));
const moveSeconds = timed(() => world.clock.advance(job.days * 86_400_000));
const [directory] = [...world.directories.values()].slice(-1);
const user = directory?.users.all('live', directory.log.last).next().value;
answer({
  generateSeconds,
  moveSeconds,
  residentMegabytes: process.memoryUsage.rss() / 1024 ** 2,
  caFile: simulator.caFile,
  graphUrl: simulator.urls.graph,
  loginUrl: simulator.urls.login,
  tenantId: directory?.tenantId ?? '',
  userId: user?.value.id ?? '',
} satisfies CloudFacts);

function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return (performance.now() - startedMs) / 1000;
}

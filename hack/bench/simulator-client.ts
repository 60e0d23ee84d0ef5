/** Child of simulator.ts: asks for one thing again and again, over connections that stay open. */
import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import { answer, jobOf } from './child.ts';

export interface ReadJob {
  readonly origin: string;
  readonly path: string;
  readonly token: string;
  readonly caFile: string;
  readonly concurrency: number;
  readonly seconds: number;
}

export interface ReadResult {
  readonly requests: number;
  readonly wallSeconds: number;
}

const job = await jobOf<ReadJob>();
const pool = new Pool(job.origin, {
  connections: job.concurrency,
  connect: { ca: await readFile(job.caFile, 'utf8') },
});

async function readOnce(): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: job.path,
    headers: { authorization: `Bearer ${job.token}` },
  });
  await body.dump();
  if (statusCode !== 200) throw new Error(`answered with ${statusCode}`);
}

const endMs = performance.now() + job.seconds * 1000;
const startedMs = performance.now();
let requests = 0;
const lane = async (): Promise<void> => {
  while (performance.now() < endMs) {
    await readOnce();
    requests += 1;
  }
};
await Promise.all(Array.from({ length: job.concurrency }, lane));
const wallSeconds = (performance.now() - startedMs) / 1000;
answer({ requests, wallSeconds } satisfies ReadResult);

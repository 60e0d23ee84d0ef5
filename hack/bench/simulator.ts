/**
 * The simulated cloud itself: so quick that it is never what another benchmark measures, and small enough for a fleet.
 * Each part is a process of its own, so that memory and CPU are its own.
 */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { type Child, startChild } from './child.ts';
import { cpuSeconds } from './process-usage.ts';
import { atLeast, atMost, type Row } from './row.ts';
import type { CloudFacts, CloudJob } from './simulator-child.ts';
import type { ReadJob, ReadResult } from './simulator-client.ts';

const concurrency = 16;
const warmUpSeconds = 2;
const seconds = 6;
const threeYears = 3 * 365 + 1;

export async function benchSimulator(progress: (line: string) => void): Promise<readonly Row[]> {
  progress('100 tenants of 100 users, and three years');
  const small = await withCloud(
    { tenants: 100, users: 100, days: threeYears },
    ({ facts }) => facts,
  );
  progress('1,000 tenants of 100 users');
  const large = await withCloud({ tenants: 1_000, users: 100, days: 0 }, ({ facts }) => facts);
  progress('reading one user');
  const read = await withCloud({ tenants: 10, users: 100, days: 0 }, reading);
  return [
    atMost(2, {
      name: 'generate 100 tenants of 100 users',
      value: small.generateSeconds,
      unit: 's',
      of: 'in a fresh process',
    }),
    atMost(30, {
      name: 'three years of 100 tenants',
      value: small.moveSeconds,
      unit: 's',
      of: 'every renewal, bill and window in its order',
    }),
    atMost(1_536, {
      name: 'memory of 1,000 tenants of 100 users',
      value: large.residentMegabytes,
      unit: 'MB',
      of: `resident, after generating it in ${large.generateSeconds.toFixed(1)} s`,
    }),
    atLeast(3_000, {
      name: 'reads of one user for a second of its CPU',
      value: read.requests / read.cpuSeconds,
      unit: '/s',
      of: `${(read.requests / read.wallSeconds).toFixed(0)} a second by the wall clock, ${concurrency} at once over TLS`,
    }),
  ];
}

interface Cloud {
  readonly facts: CloudFacts;
  readonly pid: number;
}

async function withCloud<T>(job: CloudJob, use: (cloud: Cloud) => T | Promise<T>): Promise<T> {
  const child = startChild<CloudFacts>(new URL('simulator-child.ts', import.meta.url), job);
  try {
    return await use({ facts: await child.answer, pid: child.pid });
  } finally {
    await child.stop();
  }
}

async function reading({ facts, pid }: Cloud) {
  const job = {
    origin: facts.graphUrl,
    path: `/v1.0/users/${facts.userId}?$select=id,displayName`,
    token: await tokenFor(facts),
    caFile: facts.caFile,
    concurrency,
  };
  await readFor({ ...job, seconds: warmUpSeconds });
  const before = await cpuSeconds(pid);
  const result = await readFor({ ...job, seconds });
  return { ...result, cpuSeconds: (await cpuSeconds(pid)) - before };
}

async function readFor(job: ReadJob): Promise<ReadResult> {
  const url = new URL('simulator-client.ts', import.meta.url);
  const child: Child<ReadResult> = startChild(url, job);
  try {
    return await child.answer;
  } finally {
    await child.stop();
  }
}

/** The customer's administrator consents first. */
async function tokenFor({ loginUrl, tenantId, caFile }: CloudFacts): Promise<string> {
  const { clientId, clientSecret } = DEFAULT_PARTNER;
  const dispatcher = new Agent({ connect: { ca: await readFile(caFile, 'utf8') } });
  const consent = `${loginUrl}/${tenantId}/adminconsent?client_id=${clientId}`;
  await (await request(consent, { dispatcher })).body.dump();
  const answer = await request(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    }).toString(),
  });
  const { access_token: token } = (await answer.body.json()) as { readonly access_token: string };
  await dispatcher.close();
  return token;
}

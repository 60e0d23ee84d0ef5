/**
 * Child of identity.ts: the same accounts by ldapts alone, over one connection as the operator has it: add disabled,
 * password, enable. No looks, no Entra, no Kubernetes.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Attribute, Change, Client } from 'ldapts';
import { ownerAttribute } from '../../operator/clients/active-directory/wire.ts';
import { answer, jobOf } from './child.ts';
import { each } from './each.ts';

export interface RawJob {
  readonly url: string;
  readonly caFile: string;
  readonly bindDN: string;
  readonly bindPassword: string;
  /** DNs; the accounts are spread over them. */
  readonly units: readonly string[];
  readonly accountsPerUnit: number;
}

export interface RawResult {
  readonly seconds: number;
}

const inFlight = 8;
const disabled = '514';
const enabled = '512';

const attribute = (type: string, ...values: string[]): Attribute => new Attribute({ type, values });

/** Binary values are told apart by their type. */
async function replace(client: Client, dn: string, type: string, values: string[] | Buffer[]) {
  const modification = new Attribute({ type, values });
  await client.modify(dn, new Change({ operation: 'replace', modification }));
}

async function create(client: Client, unit: string, name: string): Promise<void> {
  const dn = `CN=${name},${unit}`;
  await client.add(dn, [
    attribute('objectClass', 'top', 'person', 'organizationalPerson', 'user'),
    attribute('sAMAccountName', name),
    attribute('userPrincipalName', `${name}@raw.example`),
    attribute('userAccountControl', disabled),
    attribute(ownerAttribute, randomUUID()),
    attribute('displayName', `Bench ${name}`),
    attribute('givenName', 'Bench'),
    attribute('sn', name),
    attribute('title', 'Engineer'),
    attribute('department', 'Engineering'),
  ]);
  await replace(client, dn, 'unicodePwd', [Buffer.from('"Not-4-real-2026"', 'utf16le')]);
  await replace(client, dn, 'userAccountControl', [enabled]);
}

async function run(job: RawJob): Promise<RawResult> {
  const client = new Client({
    url: job.url,
    tlsOptions: { ca: [await readFile(job.caFile, 'utf8')] },
  });
  await client.bind(job.bindDN, job.bindPassword);
  const startedMs = performance.now();
  const places = Array.from({ length: job.accountsPerUnit }, (_, place) => place);
  const work = places.flatMap((place) =>
    job.units.map((unit, n) => ({ unit, name: `raw-${n}-${place}` })),
  );
  await each(work, inFlight, ({ unit, name }) => create(client, unit, name));
  const seconds = (performance.now() - startedMs) / 1000;
  await client.unbind();
  return { seconds };
}

answer(await run(await jobOf<RawJob>()));

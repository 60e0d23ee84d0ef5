/**
 * The main job, played on the stage: manifests are applied, a Microsoft 365 tenant comes of them, somebody changes it
 * behind the operator's back, and it is put right. Each part throws where what should be is not there in time.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../control-plane/processes.ts';
import type { JournalEntry } from '../simulator/journal.ts';
import { applyCredentials, root, type Stage } from '../stage/index.ts';
import { allObjects, isReady, stateLines, stateTable, tenantsIn, usersIn } from './objects.ts';
import type { Audience, Fact } from './scene.ts';
import { type CloudUser, cloudTenant, directoryAccounts } from './truth.ts';

const quickstart = join(root, 'examples', 'quickstart');

/** Users before their pool, pool before its tenant, tenant before its connection: the order does not matter. */
const files = ['users.yaml', 'pool.yaml', 'tenant.yaml', 'connection.yaml'];

export async function applyQuickstart(stage: Stage): Promise<void> {
  await stage.controlPlane.kubectl(['apply', '-f', join(quickstart, '00-namespaces.yaml')]);
  await applyCredentials(stage);
  for (const file of files) await stage.apply(await readFile(join(quickstart, file), 'utf8'));
}

/** Until every object is Ready; meanwhile plays the customer who puts the TXT record into DNS. */
export async function convergence(stage: Stage, audience?: Audience): Promise<void> {
  const published = new Set<string>();
  await until(
    'every object to be Ready',
    async () => {
      const objects = await allObjects(stage);
      for (const tenant of tenantsIn(objects)) {
        for (const record of unpublished(tenant.status?.domains ?? [], published)) {
          audience?.screen.say(`  (the customer sets TXT ${record.name} = ${record.value} in DNS)`);
          stage.simulator.world.dns.set(record.name, [record.value]);
          await lookNow(stage, tenant.metadata.name);
        }
      }
      if (audience !== undefined) draw(audience, objects);
      return objects.length >= 13 && objects.every(isReady);
    },
    { timeoutMs: 180_000, everyMs: 500 },
  );
  audience?.screen.keep();
}

type Domains = readonly {
  readonly name: string;
  readonly state: string;
  readonly records?: readonly { readonly type: string; readonly value: string }[] | undefined;
}[];

function unpublished(domains: Domains, published: Set<string>): { name: string; value: string }[] {
  return domains.flatMap(({ name, state, records }) => {
    const value = records?.find(({ type }) => type === 'TXT')?.value;
    if (state !== 'Unverified' || value === undefined || published.has(name)) return [];
    published.add(name);
    return [{ name, value }];
  });
}

/** What a person does who does not want to wait for the next look. */
async function lookNow(stage: Stage, tenant: string): Promise<void> {
  const annotation = `m365-operator.io/reconcile-requested-at=${new Date().toISOString()}`;
  await stage.controlPlane.kubectl([
    'annotate',
    'm365tenant',
    tenant,
    '-n',
    'contoso',
    '--overwrite',
    annotation,
  ]);
}

function draw(audience: Audience, objects: Parameters<typeof stateTable>[0]): void {
  const seconds = audience.elapsedMs() / 1000;
  audience.screen.show(process.stdout.isTTY ? stateTable(objects, seconds) : stateLines(objects));
}

const initialDomain = 'contosode.onmicrosoft.com';
export const domain = 'contoso.example';

/** Of Contoso, as Entra has them. */
export function peopleOf(stage: Stage): readonly CloudUser[] {
  const users = cloudTenant(stage.simulator, initialDomain)?.users ?? [];
  return users.filter(({ userPrincipalName }) => userPrincipalName.endsWith(`@${domain}`));
}

/** Of Contoso's subscriptions, as Partner Center has them: `11`, or `11 + 1` where there are two. */
export function seatsOf(stage: Stage): string {
  const { subscriptions = [] } = cloudTenant(stage.simulator, initialDomain) ?? {};
  return subscriptions.map(({ quantity }) => quantity).join(' + ');
}

/** What must be true in Partner Center, in Entra ID and in Active Directory, read from them. */
export async function factsOf(stage: Stage): Promise<readonly Fact[]> {
  const tenant = cloudTenant(stage.simulator, initialDomain);
  const users = peopleOf(stage);
  const seats = seatsOf(stage);
  return [
    { what: 'Partner Center has one customer of this domain', isTrue: tenant?.customers === 1 },
    { what: 'its agreement is recorded, once', isTrue: tenant?.agreements === 1 },
    { what: `${domain} is verified`, isTrue: tenant?.verifiedDomains.includes(domain) === true },
    {
      what: `one subscription with 11 seats, 10 people and 1 in reserve (there: ${seats})`,
      isTrue: seats === '11',
    },
    { what: 'ten people are in Entra ID', isTrue: users.length === 10 },
    {
      what: 'each can sign in and holds one licence',
      isTrue: users.every((u) => u.accountEnabled && u.assignedLicenses.length === 1),
    },
    {
      what: 'each but one has a manager',
      isTrue: users.filter(({ managerId }) => managerId !== null).length === 9,
    },
    {
      what: 'the operator did nothing that a careful client never does',
      isTrue: stage.simulator.violations.total() === 0,
    },
    ...(await directoryFacts(stage, users)),
  ];
}

async function directoryFacts(stage: Stage, users: readonly CloudUser[]): Promise<readonly Fact[]> {
  if (stage.directory === undefined) return [];
  const accounts = await directoryAccounts(stage.directory);
  const anchors = new Map(accounts.map((account) => [account.userPrincipalName, account.anchor]));
  return [
    {
      what: 'ten people are in Active Directory, enabled',
      isTrue: accounts.length === 10 && accounts.every(({ isEnabled }) => isEnabled),
    },
    {
      what: 'with the same anchor as in Entra ID',
      isTrue: users.every(
        (user) => user.onPremisesImmutableId === anchors.get(user.userPrincipalName),
      ),
    },
    {
      what: 'all in the group desktop-users',
      isTrue: accounts.every(({ groups }) =>
        groups.some((dn) => dn.startsWith('CN=desktop-users,')),
      ),
    },
  ];
}

function isPoll({ kind, path }: JournalEntry): boolean {
  return kind === 'request' && path.endsWith('/users/delta');
}

/** Until the operator has read the tenant's directory twice more: what it wrote, it has seen there. */
export async function seenByOperator(stage: Stage): Promise<void> {
  const { next } = stage.simulator.journal.since(0);
  await until(
    'two more polls',
    () => stage.simulator.journal.since(next).entries.filter(isPoll).length >= 2,
    {
      timeoutMs: 60_000,
    },
  );
}

/** Somebody at the portal disables Ella and takes Jonas' licence away. */
export function changeOutside(stage: Stage): void {
  const tenantId = [...stage.simulator.world.directories.values()].find((directory) =>
    directory.domains.has(initialDomain),
  )?.tenantId;
  const find = (name: string): CloudUser => {
    const user = peopleOf(stage).find(
      ({ userPrincipalName }) => userPrincipalName === `${name}@${domain}`,
    );
    if (user === undefined) throw new Error(`${name} is not in Entra ID`);
    return user;
  };
  const asAdmin = {
    service: 'graph',
    tenantId: tenantId ?? '',
    userPrincipalName: `admin@${initialDomain}`,
  } as const;
  const jonas = find('jonas');
  const answers = [
    stage.simulator.asPerson({
      ...asAdmin,
      method: 'PATCH',
      path: `/v1.0/users/${find('ella').id}`,
      body: { accountEnabled: false },
    }),
    stage.simulator.asPerson({
      ...asAdmin,
      method: 'POST',
      path: `/v1.0/users/${jonas.id}/assignLicense`,
      body: { addLicenses: [], removeLicenses: jonas.assignedLicenses.map(({ skuId }) => skuId) },
    }),
  ];
  for (const { status, body } of answers) {
    if (status >= 300) throw new Error(`the portal answered ${status}: ${JSON.stringify(body)}`);
  }
}

export interface DriftStory {
  /** Events of the operator about the two people, oldest first. */
  readonly events: readonly {
    readonly person: string;
    readonly reason: string;
    readonly note: string;
  }[];
}

/** Until both changes were shown as drift, are repaired in Entra ID, and both people are Ready again. */
export async function repair(stage: Stage): Promise<DriftStory> {
  const persons = ['ella', 'jonas'];
  let events: DriftStory['events'] = [];
  await until(
    'the drift to be shown and repaired',
    async () => {
      events = await eventsOf(stage, persons);
      const isTold = persons.every((person) =>
        ['DriftDetected', 'DriftCorrected'].every((reason) =>
          events.some((event) => event.person === person && event.reason === reason),
        ),
      );
      const users = peopleOf(stage);
      const isRepaired = users.every(
        (user) => user.accountEnabled && user.assignedLicenses.length === 1,
      );
      return isTold && isRepaired && usersIn(await allObjects(stage)).every(isReady);
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );
  return { events };
}

interface KubeEvent {
  readonly metadata: { readonly resourceVersion: string };
  readonly reason: string;
  readonly note: string;
  readonly eventTime: string;
  readonly regarding: { readonly name: string };
}

/** From the first drift on, in the order in which they were written. */
async function eventsOf(stage: Stage, persons: readonly string[]): Promise<DriftStory['events']> {
  const found = await stage.list<KubeEvent>('events');
  const told = [...found]
    .filter(({ regarding }) => persons.includes(regarding.name))
    .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
  const first = told.findIndex(({ reason }) => reason === 'DriftDetected');
  const relevant = first === -1 ? [] : told.slice(first);
  return relevant.map(({ regarding, reason, note }) => ({ person: regarding.name, reason, note }));
}

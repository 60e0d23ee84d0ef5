import { describe, expect, it } from 'vitest';
import {
  connection,
  ids,
  pool,
  readyCondition,
  tenant,
  user,
  withConditions,
} from '../../hack/testing/build.ts';
import { failureOf, signal } from '../../hack/testing/cloud.ts';
import type { ClientsInput, ConnectionClients } from '../clients/port.ts';
import type { Cluster } from '../core/cluster.ts';
import { condition } from '../core/conditions.ts';
import type { M365Tenant, PartnerConnection } from '../core/objects.ts';
import type { Lane } from '../core/ports.ts';
import type { ObjectKey, Resource } from '../core/resource.ts';
import {
  clientsOf,
  connectionKeyOf,
  connectionOf,
  type Deps,
  refuseSecondClaim,
  tenantAccess,
} from './access.ts';
import { wakeForDirectoryChange } from './directory-changes.ts';
import { disabledPlansOf, poolsOf, unverifiedDomainOf } from './plans.ts';

interface Stage {
  readonly objects?: readonly Resource[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>;
  readonly isOurs?: boolean;
}

function stage({ objects = [], labels = {}, secrets = {}, isOurs = true }: Stage) {
  const patched: unknown[] = [];
  const woken: string[] = [];
  const inputs: ClientsInput[] = [];
  const keyed = (o: Resource) => `${o.kind}/${o.metadata.namespace}/${o.metadata.name}`;
  const cluster = {
    get: (kind: string, namespace: string, name: string) =>
      objects.find((o) => keyed(o) === `${kind}/${namespace}/${name}`),
    list: (kind: string) => objects.filter((o) => o.kind === kind),
    referencing: (_: string, kind: string) => objects.filter((o) => o.kind === kind),
    namespaceLabels: () => labels,
    readSecret: (namespace: string, name: string) =>
      Promise.resolve(secrets[`${namespace}/${name}`]),
    patchSecret: (namespace: string, name: string, data: unknown, by: AbortSignal) => {
      patched.push({ namespace, name, data, isAborted: by.aborted });
      return Promise.resolve();
    },
  } as unknown as Cluster;
  const clients = { is: 'clients' } as unknown as ConnectionClients;
  const deps = {
    cluster,
    wake: (key: string) => woken.push(key),
    isOurs: () => isOurs,
    clientsFor: (input: ClientsInput) => {
      inputs.push(input);
      return { clients, credentialsExpireOn: undefined };
    },
  } as unknown as Deps;
  return { deps, cluster, patched, woken, inputs };
}

const secrets = { 'acme/credentials': { clientId: new Uint8Array([97]) } };
const fine = withConditions(connection(), [readyCondition()]);
const inNamespace = <R extends Resource>(resource: R, namespace: string): R => ({
  ...resource,
  metadata: { ...resource.metadata, namespace },
});
const elsewhere = (from: 'Same' | 'All' | 'Selector', matchLabels = {}): PartnerConnection =>
  inNamespace(
    withConditions(
      connection({
        spec: {
          allowedNamespaces: from === 'Selector' ? { from, selector: { matchLabels } } : { from },
        },
      }),
      [readyCondition()],
    ),
    'provider',
  );
const referring = (namespace?: string): M365Tenant =>
  tenant({
    spec: { connectionRef: { name: 'eu', ...(namespace === undefined ? {} : { namespace }) } },
    status: { tenantId: ids.tenant },
  });

describe('the connection of a tenant', () => {
  it('is in its own namespace unless it says another', () => {
    expect(connectionKeyOf(referring())).toBe('PartnerConnection/acme/eu');
    expect(connectionKeyOf(referring('provider'))).toBe('PartnerConnection/provider/eu');
    expect(connectionOf(stage({ objects: [fine] }).cluster, referring())).toBe(fine);
  });

  it.each([
    ['All', elsewhere('All'), {}, true],
    ['Same', elsewhere('Same'), {}, false],
    [
      'Selector, labels fit',
      elsewhere('Selector', { tier: 'gold' }),
      { tier: 'gold', x: 'y' },
      true,
    ],
    [
      'Selector, a label is another',
      elsewhere('Selector', { tier: 'gold' }),
      { tier: 'tin' },
      false,
    ],
    ['Selector, a label is missing', elsewhere('Selector', { tier: 'gold' }), {}, false],
  ])('of another namespace: %s', (_, found, labels, isAllowed) => {
    const { cluster } = stage({ objects: [found], labels });
    const look = () => connectionOf(cluster, referring('provider'));
    if (isAllowed) expect(look()).toBe(found);
    else expect(look).toThrow(/does not exist or does not allow this namespace/);
  });

  it('says the same where it does not exist and where it is not allowed', async () => {
    const messages = [[], [elsewhere('Same')]].map(async (objects) => {
      const { cluster } = stage({ objects });
      const error = await failureOf((async () => connectionOf(cluster, referring('provider')))());
      return `${error.class} ${error.reason} ${error.message}`;
    });
    const [missing, forbidden] = await Promise.all(messages);
    expect(missing).toBe(forbidden);
  });

  it('that is suspended serves only what is being deleted', () => {
    const { cluster } = stage({ objects: [{ ...fine, spec: { ...fine.spec, suspend: true } }] });
    expect(() => connectionOf(cluster, referring())).toThrow('is suspended');
    const leaving = user({ metadata: { deletionTimestamp: '2026-03-02T10:00:00Z' } });
    expect(connectionOf(cluster, referring(), leaving).metadata.name).toBe(fine.metadata.name);
  });

  it.each([
    ['None', 'True', true],
    ['EntraConnect', 'True', true],
    ['Managed', 'True', false],
    ['None', 'False', false],
  ] as const)(
    'without its directory serves a tenant with activeDirectory %s where UserAccess is %s: %s',
    (activeDirectory, access, isServed) => {
      const conditions = [
        ['Ready', 'False'],
        ['CredentialsReady', 'True'],
        ['AppAccess', 'True'],
        ['UserAccess', access],
        ['DirectoryReady', 'False'],
      ] as const;
      const found = withConditions(
        connection(),
        conditions.map(([type, status]) => condition(type, status, 'Reason', 'message')),
      );
      const { cluster } = stage({ objects: [found] });
      const look = () =>
        connectionOf(cluster, {
          ...referring(),
          spec: { ...referring().spec, identity: { activeDirectory, passwords: 'Both' } },
        });
      if (isServed) expect(look()).toBe(found);
      else expect(look).toThrow('is not Ready');
    },
  );

  it('must be Ready', () => {
    const { cluster } = stage({ objects: [connection()] });
    expect(() => connectionOf(cluster, referring())).toThrow('is not Ready');
  });
});

describe('the tenant of a user', () => {
  const ready = withConditions(referring(), [
    { type: 'AccessReady', status: 'True', reason: 'PermissionsGranted', message: 'yes' },
  ]);
  const suspended = { ...ready, spec: { ...ready.spec, suspend: true } };

  it('gives its clients', async () => {
    const { deps } = stage({ objects: [ready, fine], secrets });
    expect(await tenantAccess(deps, user(), signal)).toMatchObject({
      tenantId: ids.tenant,
      connection: fine,
    });
  });

  it.each([
    ['missing', [fine], 'TenantNotFound'],
    ['suspended', [fine, suspended], 'TenantSuspended'],
    ['not set up', [fine, referring()], 'WaitingForTenant'],
    ['without its connection', [ready], 'ConnectionNotFound'],
  ])('%s is waited for', async (_, objects, reason) => {
    const { deps } = stage({ objects, secrets });
    expect(await failureOf(tenantAccess(deps, user(), signal))).toMatchObject({
      class: 'Wait',
      reason,
    });
  });
});

describe('the clients of a connection', () => {
  it('wait for the Secret', async () => {
    const { deps } = stage({});
    expect(await failureOf(clientsOf(deps, fine, signal))).toMatchObject({
      class: 'Wait',
      reason: 'SecretNotFound',
      delayMs: 15_000,
    });
  });

  it('store a rotated refresh token, also after the look that made them was cut off', async () => {
    const { deps, inputs, patched } = stage({ secrets });
    const look = new AbortController();
    await clientsOf(deps, fine, look.signal);
    look.abort();
    await inputs[0]?.onRefreshToken('new');
    expect(patched).toEqual([
      { namespace: 'acme', name: 'credentials', data: { refreshToken: 'new' }, isAborted: false },
    ]);
  });

  it('leave the rotated refresh token of a connection to the shard that it belongs to', async () => {
    const { deps, inputs, patched } = stage({ secrets, isOurs: false });
    await clientsOf(deps, fine, signal);
    await inputs[0]?.onRefreshToken('new');
    expect(patched).toEqual([]);
  });
});

describe('a second claim', () => {
  const at = (uid: string, creationTimestamp: string) =>
    pool({ metadata: { uid, creationTimestamp } });
  const older = at('b', '2026-01-01T00:00:00Z');
  const younger = at('a', '2026-01-02T00:00:00Z');
  const twin = at('c', '2026-01-01T00:00:00Z');

  it.each([
    ['of the younger is refused', younger, [older, younger], true],
    ['leaves the older alone', older, [older, younger], false],
    ['of the same second is refused to one of the two', twin, [older, twin], true],
    ['of the same second is left to the other', older, [older, twin], false],
    ['is none where nobody else claims', older, [older], false],
  ])('%s', (_, resource, all, isRefused) => {
    const claim = () => refuseSecondClaim(resource, all, 'the offer');
    if (isRefused) expect(claim).toThrow('the offer is managed already by an older LicensePool');
    else expect(claim).not.toThrow();
  });
});

describe('a change in a directory', () => {
  it('wakes the users that it is about, those that have no account yet, and the pools', () => {
    const named = (name: string, entraId?: string) =>
      user({ metadata: { name }, ...(entraId === undefined ? {} : { status: { entraId } }) });
    const objects = [referring(), named('a', 'id-a'), named('b', 'id-b'), named('new'), pool()];
    const { deps, woken } = stage({ objects });
    const change = { userIds: new Set(['id-a']), isFirst: false };
    wakeForDirectoryChange(deps, ids.tenant, change);
    expect(woken.sort()).toEqual([
      'LicensePool/acme/premium',
      'M365User/acme/a',
      'M365User/acme/new',
    ]);
    woken.length = 0;
    wakeForDirectoryChange(deps, 'another tenant', change);
    expect(woken).toEqual([]);
  });

  it.each([
    { isFirst: true, lane: 'resync', why: 'nobody goes ahead of who is new' },
    { isFirst: false, lane: 'dependant', why: 'it is news' },
  ])('read for the first time: $isFirst, wakes in the lane $lane: $why', ({ isFirst, lane }) => {
    const lanes = new Set<string>();
    const { deps } = stage({ objects: [referring(), user(), pool()] });
    const wake = (_: ObjectKey, asked: Lane) => lanes.add(asked);
    wakeForDirectoryChange({ ...deps, wake }, ids.tenant, { userIds: new Set(), isFirst });
    expect([...lanes]).toEqual([lane]);
  });
});

describe('a plan of a tenant', () => {
  const withPlans = tenant({
    spec: {
      plans: [{ name: 'office', pools: ['premium', 'phone'], disabledServicePlans: ['YAMMER'] }],
    },
  });
  const servicePlan = (servicePlanName: string) => ({
    servicePlanId: `id of ${servicePlanName}`,
    servicePlanName,
  });
  const product = { servicePlans: [servicePlan('YAMMER'), servicePlan('TEAMS')] };

  it.each([
    ['by name', { plan: 'office' }, ['premium', 'phone'], ['id of YAMMER']],
    ['by pools of its own', { pools: ['phone'] }, ['phone'], []],
    ['that does not exist', { plan: 'nothing' }, [], []],
    ['not asked for', {}, [], []],
  ])('%s', (_, spec, pools, disabled) => {
    expect(poolsOf(user({ spec }), withPlans)).toEqual(pools);
    expect(disabledPlansOf(user({ spec }), withPlans, product)).toEqual(disabled);
  });
});

it.each([
  ['Verified', undefined],
  ['Unverified', 'contoso.example'],
  ['Missing', 'contoso.example'],
] as const)('a domain that is %s is waited for: %s', (state, wanted) => {
  const domains = [{ name: 'contoso.example', state }];
  const upper = user({ spec: { userPrincipalName: 'Mia@Contoso.Example' } });
  expect(unverifiedDomainOf(upper, tenant({ status: { domains } }))).toBe(wanted);
  expect(unverifiedDomainOf(upper, tenant())).toBeUndefined();
});

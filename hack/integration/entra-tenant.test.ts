/** What an M365Tenant looks after in Entra: many people at once, groups, domains, plans. */
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { LicensePool, M365Tenant, M365User } from '../../operator/core/objects.ts';
import { conditionOf } from '../demo/objects.ts';
import { issueServerCertificate } from '../simulator/certificates.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { connectionSpec, patience } from '../testing/desk.ts';
import { liveUsers, type Northwind, northwind, startNorthwind } from '../testing/northwind.ts';

const { domain } = DEFAULT_CUSTOMER;
let world: Northwind;

beforeAll(async () => {
  world = await startNorthwind();
  world.stage.simulator.world.settings.auditDelayMs = 1_000;
});

afterAll(() => world?.stop());

const kubectl = (...args: string[]) => world.stage.controlPlane.kubectl(args);
const tenant = () => world.desk.find<M365Tenant>('M365Tenant', 'northwind');
const putTenant = (more: object) =>
  world.desk.put('M365Tenant', 'contoso', 'northwind', { ...northwind, ...more });

const crowd = Array.from({ length: 40 }, (_, n) => `crowd-${String(n)}`);

function manifests(names: readonly string[], more: object = {}): string {
  return names
    .map((name) =>
      stringify({
        apiVersion: 'm365-operator.io/v1alpha1',
        kind: 'M365User',
        metadata: { name, namespace: 'contoso' },
        spec: {
          tenantRef: { name: 'northwind' },
          userPrincipalName: `${name}@${domain}`,
          displayName: name,
          usageLocation: 'DE',
          ...more,
        },
      }),
    )
    .join('---\n');
}

const apply = (yaml: string) => world.stage.controlPlane.kubectl(['apply', '-f', '-'], yaml);

function enabled(): number {
  return liveUsers(world.stage).filter(
    ({ userPrincipalName, properties }) =>
      userPrincipalName.startsWith('crowd-') && properties['accountEnabled'] === true,
  ).length;
}

async function withReason(reason: string): Promise<number> {
  const users = await world.stage.list<M365User>('m365users');
  return users.filter((user) => conditionOf(user, 'Ready')?.reason === reason).length;
}

describe('an accident in Git that blocks forty people', () => {
  it('is held: nobody is blocked, and tenant, event and people say so', async () => {
    await apply(manifests(crowd));
    await expect.poll(() => withReason('Provisioned'), patience).toBe(40);
    await apply(manifests(crowd, { enabled: false }));
    await expect.poll(() => withReason('MassChangeHeld'), patience).toBe(40);
    await world.desk.reason('M365Tenant', 'northwind', 'TooManyUsers', 'MassChangeHeld');
    expect(enabled()).toBe(40);
    // The batch grows as more of its people are seen.
    await expect
      .poll(async () => (await tenant()).status?.massChange, patience)
      .toMatchObject({ users: 40, disabled: 40 });
    expect(enabled()).toBe(40);
    const events = await kubectl('get', 'events.events.k8s.io', '-n', 'contoso', '-o', 'yaml');
    expect(events).toContain('reason: TooManyUsers');
  });

  it('goes on when its batch is confirmed, and leaves nothing behind', async () => {
    await expect
      .poll(async () => (await tenant()).status?.massChange?.batch, patience)
      .toMatch(/^40-users-/);
    const batch = (await tenant()).status?.massChange?.batch ?? '';
    const annotation = `m365-operator.io/confirm=${batch}`;
    await kubectl('annotate', 'm365tenant', 'northwind', '-n', 'contoso', annotation);
    await expect.poll(() => withReason('Disabled'), patience).toBe(40);
    expect(enabled()).toBe(0);
    await expect.poll(async () => (await tenant()).status?.massChange, patience).toBeUndefined();
  });
});

const personOf = (name: string) => {
  const found = liveUsers(world.stage).find((user) =>
    user.userPrincipalName.startsWith(`${name}@`),
  );
  if (found === undefined) throw new Error(`Entra has no ${name}`);
  return found;
};

const groupOf = (name: string) => {
  const directory = world.stage.simulator.world.directories.get(DEFAULT_CUSTOMER.tenantId);
  const all = [...(directory?.groups.all('live', directory.log.last) ?? [])];
  const found = all.find(({ value }) => value.properties['displayName'] === name);
  if (found === undefined) throw new Error(`Entra has no group ${name}`);
  return found.value;
};

const asAdmin = (method: string, path: string, body?: object) =>
  world.stage.simulator.asPerson({
    service: 'graph',
    tenantId: DEFAULT_CUSTOMER.tenantId,
    userPrincipalName: `admin@${DEFAULT_CUSTOMER.initialDomain}`,
    method,
    path: `/v1.0${path}`,
    body,
  });

describe('groups of a tenant', () => {
  it('are made by type, with their members; who is not named is taken out', async () => {
    const anna = personOf('anna.becker');
    const members = [anna.userPrincipalName];
    const groups = [
      { name: 'Projects', type: 'Microsoft365', members },
      { name: 'Payroll', members, exclusive: true },
      { name: 'Finance', memberGroups: ['Payroll'] },
    ];
    await putTenant({ groups });
    await world.desk.reason('M365Tenant', 'northwind', 'GroupsSet', 'GroupsReady');
    expect(groupOf('Projects').properties).toMatchObject({ groupTypes: ['Unified'] });
    expect((await tenant()).status?.groups?.map(({ name }) => name)).toEqual([
      'Projects',
      'Payroll',
      'Finance',
    ]);
    const inFinance = asAdmin('GET', `/groups/${groupOf('Finance').id}/members`).body;
    expect(inFinance).toMatchObject({ value: [{ id: groupOf('Payroll').id }] });
    const outsider = personOf('crowd-0').id;
    const path = `/groups/${groupOf('Payroll').id}/members`;
    const body = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${outsider}` };
    expect(asAdmin('POST', `${path}/$ref`, body).status).toBe(204);
    const shown = () => JSON.stringify(asAdmin('GET', path).body);
    expect(shown()).toContain(outsider);
    await expect.poll(shown, patience).not.toContain(outsider);
    expect(shown()).toContain(anna.id);
    const notes = () =>
      kubectl(
        'get',
        'events.events.k8s.io',
        '-n',
        'contoso',
        '-o',
        'jsonpath={range .items[?(@.regarding.kind=="M365Tenant")]}{.reason} {.note}{"\\n"}{end}',
      );
    await expect
      .poll(notes, patience)
      .toMatch(/^OutsideChange Add member to group \(Group.ObjectID\) by admin@/m);
  });
});

describe('a domain that signs in at a federation server', () => {
  const name = 'northwind-adfs.example';
  const below = `eu.${name}`;
  const inEntra = (path: string) => asAdmin('GET', `/domains/${path}`).body;

  it('is proved by the records in the DNSEndpoint, and federated with its own issuer', async () => {
    await apply(dnsEndpointCrd);
    const { certificate } = await issueServerCertificate(undefined, []);
    const signing = new X509Certificate(certificate);
    const federation = {
      passiveSignInUri: 'https://sts.corp.example/adfs/ls/',
      signingCertificate: signing.raw.toString('base64'),
    };
    const federated = { name, authentication: 'Federated', federation };
    await putTenant({ publishDnsRecords: true, domains: [federated] });
    await world.desk.reason('M365Tenant', 'northwind', 'DomainNotVerified');
    const get = ['get', 'dnsendpoints', 'northwind-domains', '-n', 'contoso', '-o', 'jsonpath='];
    const target = '{.spec.endpoints[?(@.recordType=="TXT")].targets[0]}';
    await expect
      .poll(async () => {
        const answer = await kubectl(...get.slice(0, -1), `jsonpath=${target}`).catch(() => '');
        world.stage.simulator.world.dns.set(name, [answer]);
        return answer;
      }, patience)
      .toMatch(/^MS=/);
    await world.desk.lookNow('m365tenant', 'contoso', 'northwind');
    await world.desk.reason('M365Tenant', 'northwind', 'FederationSet', 'FederationReady');
    const issuerUri = `http://${name}/adfs/services/trust/`;
    expect(inEntra(`${name}/federationConfiguration`)).toMatchObject({ value: [{ issuerUri }] });
    const [root] = (await tenant()).status?.domains ?? [];
    expect(root).toMatchObject({
      name,
      state: 'Verified',
      authentication: 'Federated',
      issuerUri,
      certificateExpires: `${signing.validToDate.toISOString().slice(0, 19)}Z`,
    });
    expect(root?.claimRule).toContain(`Value = "${issuerUri}"`);
    await putTenant({ domains: [federated, { name: below, authentication: 'Federated' }] });
    // It is the one above it that has the federation.
    await expect
      .poll(async () => (await tenant()).status?.domains?.[1], patience)
      .toEqual({ name: below, state: 'Verified', authentication: 'Federated' });
  });

  it('goes back to Managed when that is confirmed, and with it the one below', async () => {
    const domains = [name, below].map((one) => ({ name: one, authentication: 'Managed' }));
    await putTenant({ domains });
    const waiting = 'ConfirmationRequired';
    await world.desk.reason('M365Tenant', 'northwind', waiting, 'ManagedNotConfirmed');
    expect(inEntra(name)).toMatchObject({ authenticationType: 'Federated' });
    const confirm = `m365-operator.io/confirm=managed-${name}`;
    await kubectl('annotate', 'm365tenant', 'northwind', '-n', 'contoso', '--overwrite', confirm);
    for (const one of [name, below]) {
      await expect
        .poll(() => inEntra(one), patience)
        .toMatchObject({ authenticationType: 'Managed' });
    }
    await world.desk.ready('M365Tenant', 'northwind');
  });
});

describe('a plan that gets another product', () => {
  it('shows how many seats and what money it takes; nothing is bought', async () => {
    await world.desk.put('LicensePool', 'contoso', 'premium', {
      tenantRef: { name: 'northwind' },
      offer: 'business-premium',
      seats: { max: 50 },
      increase: 'Plan',
      endOfTerm: 'Renew',
    });
    await world.desk.ready('LicensePool', 'premium');
    const bought = () =>
      [...commerceOf(world.stage.simulator.world).subscriptions.values()]
        .filter(({ customerId }) => customerId === DEFAULT_CUSTOMER.tenantId)
        .map(({ quantity }) => quantity);
    const before = bought();
    await putTenant({ plans: [{ name: 'standard', pools: [] }] });
    const staff = ['nora', 'oskar', 'pia', 'quirin', 'rosa'];
    await apply(manifests(staff, { plan: 'standard' }));
    for (const name of staff) await world.desk.ready('M365User', name);
    await putTenant({ plans: [{ name: 'standard', pools: ['premium'] }] });
    await expect
      .poll(async () => {
        const { status } = await world.desk.find<LicensePool>('LicensePool', 'premium');
        return status?.plan;
      }, patience)
      .toMatchObject({ action: 'Increase', quantity: 3, costPerMonth: 3 * 1600 });
    expect(bought()).toEqual(before);
  });

  it('keeps what its people have until the other product has seats for them', async () => {
    const premium = async () => {
      const users = await world.stage.list<M365User>('m365users');
      return users.filter(({ status }) => status?.licenses?.includes('premium')).length;
    };
    const holders = () =>
      liveUsers(world.stage).filter(({ licenses }) => licenses.length > 0).length;
    await expect.poll(premium, patience).toBe(2);
    const held = holders();
    await world.desk.put(
      'PartnerConnection',
      'provider',
      'eu-prod',
      connectionSpec('eu-prod-credentials', { catalog: [premiumOffer, basicOffer] }),
    );
    await world.desk.put('LicensePool', 'contoso', 'basic', {
      tenantRef: { name: 'northwind' },
      offer: 'business-basic',
      seats: { max: 50 },
      increase: 'Plan',
      endOfTerm: 'Renew',
    });
    await putTenant({ plans: [{ name: 'standard', pools: ['basic'] }] });
    await expect
      .poll(async () => {
        const { status } = await world.desk.find<LicensePool>('LicensePool', 'basic');
        return { plan: status?.plan, people: status?.seats?.reserved };
      }, patience)
      .toMatchObject({
        plan: { action: 'Purchase', quantity: 5, costPerMonth: 5 * 500 },
        people: 5,
      });
    await expect.poll(() => withReason('WaitingForSeat'), patience).toBe(5);
    expect([await premium(), holders()]).toEqual([2, held]);
  });
});

const premiumOffer = {
  name: 'business-premium',
  productId: 'CFQ7TTC0LCHC',
  skuId: '0002',
  skuPartNumber: 'SPB',
  term: 'P1Y',
  billingCycle: 'Monthly',
  cost: 1600,
  price: 2000,
};
const basicOffer = {
  ...premiumOffer,
  name: 'business-basic',
  productId: 'CFQ7TTC0LH18',
  skuId: '0001',
  skuPartNumber: 'O365_BUSINESS_ESSENTIALS',
  cost: 500,
  price: 700,
};

/** As external-dns installs it, without its validation. */
const dnsEndpointCrd = stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'dnsendpoints.externaldns.k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, test only' },
  },
  spec: {
    group: 'externaldns.k8s.io',
    names: { kind: 'DNSEndpoint', plural: 'dnsendpoints' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
});

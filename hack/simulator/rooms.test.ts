import { afterEach, describe, expect, it } from 'vitest';
import { createPartnerCenter } from './commerce/index.ts';
import { commerceOf } from './commerce/state.ts';
import { newCustomer } from './commerce/test-world.ts';
import { createWorld } from './create-world.ts';
import { directoryApi } from './directory/index.ts';
import { roleId } from './directory/well-known.ts';
import { createGraph } from './graph/index.ts';
import { fromJson, type Json, toJson } from './json.ts';
import { approveRelationship, callAsPerson } from './portal.ts';
import { dumpWorld, loadWorld } from './rooms.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER, seedDefaultWorld } from './seed.ts';
import { Kit, newUser } from './test-kit.ts';
import type { ApiResponse } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BUSINESS_PREMIUM = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
const { tenantId, domain } = DEFAULT_CUSTOMER;
const SUBSCRIPTIONS = `/v1/customers/${tenantId}/subscriptions`;
const RELATIONSHIPS = '/v1.0/tenantRelationships/delegatedAdminRelationships';
const ROLES = ['Directory Readers', 'User Administrator'].map((name) => ({
  roleDefinitionId: roleId(name),
}));

interface Body {
  readonly id: string;
  readonly '@odata.etag': string;
  readonly '@odata.nextLink': string;
  readonly '@odata.deltaLink': string;
  readonly items: readonly (Readonly<Record<string, unknown>> & Body)[];
  readonly value: readonly Body[];
  readonly terms: readonly { readonly duration: string }[];
  readonly catalogItemId: string;
  readonly quantity: number;
}

/** A cloud without the network: what one process holds. */
class Cloud {
  readonly world = createWorld({ frozen: true, startAt: '2026-09-01T09:00:00Z' });
  private readonly context = {
    world: this.world,
    graph: createGraph(this.world),
    partnerCenter: createPartnerCenter(this.world, directoryApi),
  };
  /** All that was answered. */
  readonly answers: ApiResponse[] = [];

  private ask(input: Parameters<typeof callAsPerson>[1], url: string): Body {
    const { pathname, searchParams } = new URL(url, 'https://graph.microsoft.com');
    const query = Object.fromEntries(searchParams);
    const answer = callAsPerson(this.context, { ...input, path: pathname, query });
    if (answer.status >= 300) {
      throw new Error(`${input.method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    this.answers.push(answer);
    return answer.body as Body;
  }

  customer(method: string, url: string, body?: unknown): Body {
    const userPrincipalName = `admin@${DEFAULT_CUSTOMER.initialDomain}`;
    const as = { service: 'graph', tenantId, userPrincipalName } as const;
    return this.ask({ ...as, method, path: '/', body }, url);
  }

  partner(method: string, url: string, body?: unknown, etag = '*'): Body {
    const service = url.startsWith('/v1.0') ? 'graph' : 'partnerCenter';
    const userPrincipalName = 'svc-operator@fabrikamcloud.onmicrosoft.com';
    const headers = {
      'ms-requestid': this.world.random.uuid(),
      'ms-correlationid': this.world.random.uuid(),
      ...(service === 'graph' ? { 'if-match': etag } : {}),
    };
    const as = { service, tenantId: DEFAULT_PARTNER.tenantId, userPrincipalName } as const;
    return this.ask({ ...as, method, path: '/', headers, body }, url);
  }

  moveTo(iso: string): void {
    this.world.clock.advance(Date.parse(iso) - this.world.clock.nowMs());
  }

  /** Read, change, send everything back. */
  update(subscription: string, changes: Readonly<Record<string, unknown>>): void {
    this.partner('PATCH', subscription, { ...this.partner('GET', subscription), ...changes });
  }

  item(sku: string, termDuration: string): string | undefined {
    const product = `/v1/customers/${tenantId}/products/${sku}/availabilities`;
    return this.partner('GET', product).items.find(({ terms }) =>
      terms.some(({ duration }) => duration === termDuration),
    )?.catalogItemId;
  }

  buy(termDuration: string): string {
    const catalogItemId = this.item('CFQ7TTC0LCHC/skus/0002', termDuration);
    const line = { catalogItemId, quantity: 10, billingCycle: 'monthly' };
    const cart = this.partner('POST', `/v1/customers/${tenantId}/carts`, {
      partnerOnRecordAttestationAccepted: true,
      lineItems: [{ ...line, termDuration }],
    });
    this.partner('POST', `/v1/customers/${tenantId}/carts/${cart.id}/checkout`);
    return `${SUBSCRIPTIONS}/${this.partner('GET', SUBSCRIPTIONS).items.at(-1)?.id}`;
  }

  relate(displayName: string, until: 'approvalPending' | 'active'): string {
    const { id } = this.partner('POST', RELATIONSHIPS, {
      displayName,
      duration: 'P90D',
      autoExtendDuration: 'P180D',
      customer: { tenantId, displayName: 'Northwind' },
      accessDetails: { unifiedRoles: ROLES },
    });
    this.partner('POST', `${RELATIONSHIPS}/${id}/requests`, { action: 'lockForApproval' });
    if (until === 'active') approveRelationship(this.world, id);
    return id;
  }

  assign(relationshipId: string, groupId: string): string {
    return this.partner('POST', `${RELATIONSHIPS}/${relationshipId}/accessAssignments`, {
      accessContainer: { accessContainerId: groupId, accessContainerType: 'securityGroup' },
      accessDetails: { unifiedRoles: ROLES },
    }).id;
  }

  dump(): Json {
    return JSON.parse(JSON.stringify(dumpWorld(this.world))) as Json;
  }
}

/** An hour after midnight of a renewal day, with something of every kind under way. Links lead on from there. */
function busyCloud(): { cloud: Cloud; links: readonly string[] } {
  const cloud = new Cloud();
  const { world } = cloud;
  seedDefaultWorld(world);
  world.settings.deltaReplayRate = 0.5;
  const [seeded] = cloud.partner('GET', SUBSCRIPTIONS).items;
  cloud.buy('P1M'); // is being renewed
  cloud.update(cloud.buy('P1M'), { autoRenewEnabled: false }); // is being extended
  cloud.update(cloud.buy('P1M'), { status: 'suspended' }); // is disabled
  const upgraded = cloud.buy('P1Y');
  const undecided = cloud.buy('P1Y');
  const [terminated, terminating, assigned] = ['One', 'Two', 'Three'].map((name) =>
    cloud.relate(name, 'active'),
  );
  const unassigned = cloud.assign(assigned!, DEFAULT_PARTNER.securityGroupId);
  const group = cloud.customer('POST', '/v1.0/groups', {
    displayName: 'Licensed',
    mailEnabled: false,
    mailNickname: 'licensed',
    securityEnabled: true,
  });
  const anna = cloud.customer('GET', `/v1.0/users/anna.becker@${domain}`);
  const member = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${anna.id}` };
  cloud.customer('POST', `/v1.0/groups/${group.id}/members/$ref`, member);
  const gone = cloud.customer('POST', '/v1.0/groups', {
    displayName: 'Gone',
    mailEnabled: false,
    mailNickname: 'gone',
    securityEnabled: true,
  });

  cloud.moveTo('2026-09-30T22:30:00Z');
  cloud.customer('DELETE', `/v1.0/groups/${gone.id}`);
  world.settings.delegationDelayMs = 2 * HOUR_MS;
  cloud.partner('POST', `${RELATIONSHIPS}/${terminated}/requests`, { action: 'terminate' });
  cloud.moveTo('2026-10-01T01:00:00Z');
  world.settings.tenantDelayMs = 10 * 60_000;
  world.settings.accountReviewMs = DAY_MS;
  world.settings.provisioningDelayMs = HOUR_MS;
  world.settings.replicationLagMs = 30_000;
  cloud.partner('POST', `${RELATIONSHIPS}/${terminating}/requests`, { action: 'terminate' });
  approveRelationship(world, cloud.relate('Four', 'approvalPending'));
  cloud.relate('Five', 'approvalPending');
  const first = `${RELATIONSHIPS}/${assigned}/accessAssignments/${unassigned}`;
  cloud.partner('DELETE', first);
  const [admins] = world.directories.get(DEFAULT_PARTNER.tenantId)!.groups.ids();
  const other = cloud.assign(assigned!, admins!);
  cloud.partner('PATCH', `${RELATIONSHIPS}/${assigned}/accessAssignments/${other}`, {
    accessDetails: { unifiedRoles: ROLES.slice(0, 1) },
  });
  cloud.partner('POST', '/v1/customers', newCustomer('fresh.onmicrosoft.com'));
  cloud.buy('P3Y');
  world.settings.seatsDelayMs = HOUR_MS;
  cloud.update(undecided, { autoRenewEnabled: false });
  world.settings.webhookDelayMs = HOUR_MS;
  cloud.partner('POST', '/webhooks/v1/registration', {
    WebhookUrl: 'https://127.0.0.1:1/nobody-listens',
    WebhookEvents: ['test-created'],
  });
  cloud.partner('POST', '/webhooks/v1/registration/validationEvents');
  cloud.partner('POST', `${upgraded}/transitions`, {
    toCatalogItemId: cloud.item('CFQ7TTC0LFLX/skus/0001', 'P1Y'),
    transitionType: 'transition_with_license_transfer',
  });
  commerceOf(world).slowUpdateMs = HOUR_MS;
  cloud.update(`${SUBSCRIPTIONS}/${seeded?.id}`, { quantity: 12 });
  commerceOf(world).slowUpdateMs = 0;
  cloud.customer('DELETE', `/v1.0/users/frank.lorenz@${domain}`);
  world.settings.domainRemovalDelayMs = HOUR_MS;
  cloud.customer('POST', '/v1.0/domains', { id: `old.${domain}` });
  const removal = `/v1.0/domains/old.${domain}/forceDelete`;
  cloud.customer('POST', removal, { disableUserAccounts: false });
  world.settings.groupLicenseDelayMs = 8 * 60_000;
  const license = { addLicenses: [{ skuId: BUSINESS_PREMIUM }], removeLicenses: [] };
  const sales = cloud.customer('GET', `/v1.0/groups?$filter=displayName eq 'Sales'`).value[0]!;
  cloud.customer('POST', `/v1.0/groups/${sales.id}/assignLicense`, license);
  world.clock.advance(4 * 60_000);
  cloud.customer('POST', `/v1.0/groups/${group.id}/assignLicense`, license);
  cloud.customer('POST', `/v1.0/groups/${sales.id}/members/$ref`, member);
  world.rooms.faults.add({ kind: 'status', status: 503, times: 3, path: '/users$' });
  return {
    cloud,
    links: [
      cloud.customer('GET', '/v1.0/users?$top=2')['@odata.nextLink'],
      cloud.customer('GET', '/v1.0/users/delta')['@odata.deltaLink'],
    ],
  };
}

/** 400 days of business, the same in every cloud. */
function live(cloud: Cloud, links: readonly string[]): void {
  const { world } = cloud;
  let [page, delta] = links as [string, string];
  while (page) page = cloud.customer('GET', page)['@odata.nextLink'];
  const group = cloud.customer('GET', `/v1.0/groups?$filter=displayName eq 'Licensed'`).value[0]!;
  for (let round = 0; round < 10; round += 1) {
    const { id } = cloud.customer('POST', '/v1.0/users', {
      ...newUser(`person${round}`, domain),
      usageLocation: 'DE',
    });
    world.clock.advance(60_000); // until a replica shows it
    cloud.customer('POST', `/v1.0/groups/${group.id}/members/$ref`, {
      '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
    });
    if (round === 1) {
      const [{ skuId } = {}] = cloud.customer('GET', '/v1.0/subscribedSkus').value as unknown as {
        skuId: string;
      }[];
      const licenses = { addLicenses: [{ skuId, disabledPlans: [] }], removeLicenses: [] };
      cloud.customer('POST', `/v1.0/groups/${group.id}/assignLicense`, licenses);
    }
    if (round % 3 === 2) cloud.customer('DELETE', `/v1.0/users/${id}`);
    const last = cloud.partner('GET', SUBSCRIPTIONS).items.at(-1);
    cloud.update(`${SUBSCRIPTIONS}/${last?.id}`, { quantity: 11 + round });
    if (round === 3) cloud.update(`${SUBSCRIPTIONS}/${last?.id}`, { quantity: 13 });
    if (round === 4) cloud.buy('P1Y');
    world.clock.advance(40 * DAY_MS - HOUR_MS);
    delta = cloud.customer('GET', '/v1.0/users/delta')['@odata.deltaLink'];
    world.clock.advance(HOUR_MS);
    delta = cloud.customer('GET', delta)['@odata.deltaLink'];
    cloud.partner('GET', '/v1/invoices');
    cloud.partner('GET', '/v1/auditrecords');
  }
}

/** Every kind of task that the clock knows, but for notifications said again: they need a receiver that fails. */
const KINDS = [
  'commerce.accountReview',
  'commerce.defaultToExtension',
  'commerce.deliver',
  'commerce.endCycle',
  'commerce.extendTerm',
  'commerce.invoice',
  'commerce.openTenant',
  'commerce.provision',
  'commerce.putSeats',
  'commerce.renew',
  'commerce.transition',
  'commerce.update',
  'commerce.windDown',
  'delegation.activate',
  'delegation.assign',
  'delegation.end',
  'delegation.lapse',
  'delegation.operate',
  'delegation.terminate',
  'delegation.terminated',
  'delegation.unassign',
  'directory.finishGroupLicenses',
  'directory.purgeGroup',
  'directory.purgeUser',
  'directory.removeDomain',
  'directory.settleUserLicenses',
  'directory.startGroupLicenses',
];

describe('a saved world', () => {
  it('goes on as the one that was saved, over 400 days of the same actions', () => {
    const { cloud, links } = busyCloud();
    const saved = cloud.dump();
    const { tasks } = (saved as { rooms: { clock: { tasks: { kind: string }[] } } }).rooms.clock;
    expect([...new Set(tasks.map(({ kind }) => kind))].sort()).toEqual(KINDS);

    const other = new Cloud();
    loadWorld(other.world, saved);
    expect(other.dump()).toEqual(saved);
    cloud.answers.length = 0;
    for (const each of [cloud, other]) live(each, links);
    expect(other.answers).toEqual(cloud.answers);
    expect(other.dump()).toEqual(cloud.dump());

    const charges = new Set(commerceOf(other.world).ledger.map(({ chargeType }) => chargeType));
    expect([...charges]).toEqual(
      expect.arrayContaining(['new', 'renew', 'cycleCharge', 'addQuantity', 'removeQuantity']),
    );
    const statuses = commerceOf(other.world)
      .subscriptions.values()
      .map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['active', 'deleted']));
    expect(other.world.directories.size).toBe(3);
  });

  it('of another format is refused', () => {
    const { world } = new Cloud();
    expect(() => loadWorld(world, { format: 0, rooms: {} })).toThrow(
      'A saved world of format 0; this is 4',
    );
  });
});

describe('tokens of before a load', () => {
  const kits: Kit[] = [];
  afterEach(() => Promise.all(kits.splice(0).map((kit) => kit.stop())));
  const start = async (world: 'default' | 'empty') => {
    const kit = await Kit.start({ frozen: true, world });
    kits.push(kit);
    return kit;
  };

  it('are refused with 401, while secrets and refresh tokens go on working', async () => {
    const [before, after] = [await start('default'), await start('empty')];
    const token = await before.customerToken(tenantId);
    const asPartner = {
      grant_type: 'refresh_token',
      scope: 'https://api.partnercenter.microsoft.com/.default',
    };
    const { body } = await before.tokenRequest(DEFAULT_PARTNER.tenantId, {
      ...asPartner,
      refresh_token: DEFAULT_PARTNER.refreshToken,
    });
    loadWorld(after.simulator.world, dumpWorld(before.simulator.world));

    expect((await after.graph('GET', '/users', { token })).status).toBe(401);
    const customers = `${after.simulator.urls.partnerCenter}/v1/customers`;
    const refused = await after.send('GET', customers, { token: body.access_token });
    expect(refused.status).toBe(401);

    const fresh = await after.token(tenantId);
    expect((await after.graph('GET', '/users', { token: fresh })).status).toBe(200);
    const { refresh_token } = body;
    const next = await after.token(DEFAULT_PARTNER.tenantId, { ...asPartner, refresh_token });
    expect((await after.send('GET', customers, { token: next })).status).toBe(200);
  });

  it('that name a tenant which the loaded world lacks are refused, with no defect', async () => {
    const kit = await start('default');
    const token = await kit.customerToken(tenantId);
    const partner = await kit.token(DEFAULT_PARTNER.tenantId, {
      scope: 'https://api.partnercenter.microsoft.com/.default',
    });
    loadWorld(kit.simulator.world, dumpWorld(createWorld()));
    expect((await kit.graph('GET', '/users', { token })).status).toBe(403);
    const customers = `${kit.simulator.urls.partnerCenter}/v1/customers`;
    expect((await kit.send('GET', customers, { token: partner })).status).toBe(401);
  });
});

describe('state as JSON', () => {
  it.each([
    [new Map([['a', new Set([1, 2])]])],
    [[new Map([[1, { deep: new Map() }]]), null, true, 'text']],
    [{ limit: Infinity, least: -Infinity, nothing: null }],
    [{ $map: 'a member of this name', plain: 1 }],
    [{ '@odata.type': 'x' }],
  ])('reads back %j', (value) => {
    expect(fromJson(JSON.parse(JSON.stringify(toJson(value))) as Json)).toEqual(value);
  });

  it.each([[() => 1], [Symbol('x')], [new Date(0)], [1n]])('refuses %s', (value) => {
    expect(() => toJson({ value })).toThrow('State that cannot be saved');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { Kit, newUser } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
let kit: Kit;
beforeEach(async () => {
  kit = await Kit.start({ frozen: true });
});
afterEach(() => kit.stop());

const advance = (duration: string) =>
  kit.send('POST', `${kit.simulator.urls.control}/clock`, { body: { advance: duration } });

describe('domains', () => {
  it('verifies against DNS, federates, and binds users of federated domains to an anchor', async () => {
    const token = await kit.customerToken(tenantId);
    const added = await kit.graph('POST', '/domains', { token, body: { id: 'new.example' } });
    expect(added).toMatchObject({
      status: 201,
      body: { isVerified: false, authenticationType: 'Managed' },
    });
    const records = await kit.graph('GET', '/domains/new.example/verificationDnsRecords', {
      token,
    });
    const { text } = (records.body.value as { text?: string }[])[0]!;
    expect(text).toMatch(/^MS=ms\d{8}$/);
    expect((await kit.graph('POST', '/domains/new.example/verify', { token })).status).toBe(400);
    await kit.send('PUT', `${kit.simulator.urls.control}/dns/new.example`, {
      body: { txt: [text] },
    });
    expect((await kit.graph('POST', '/domains/new.example/verify', { token })).body).toMatchObject({
      isVerified: true,
    });

    const federation = {
      displayName: 'ADFS',
      issuerUri: 'http://new.example/adfs/services/trust/',
      passiveSignInUri: 'https://sts.new.example/adfs/ls',
      preferredAuthenticationProtocol: 'wsFed',
      signingCertificate: Buffer.from('certificate').toString('base64'),
    };
    const path = '/domains/new.example/federationConfiguration';
    const made = await kit.graph('POST', path, { token, body: federation });
    expect(made.status).toBe(201);
    expect((await kit.graph('GET', '/domains/new.example', { token })).body).toMatchObject({
      authenticationType: 'Federated',
    });
    const patch = (value: string) =>
      kit.graph('PATCH', '/domains/new.example', { token, body: { authenticationType: value } });
    expect((await patch('Federated')).status).toBe(204);
    expect((await patch('Managed')).status).toBe(400);

    const body = newUser('federated', 'new.example');
    expect((await kit.graph('POST', '/users', { token, body })).body.error['message']).toMatch(
      /onPremisesImmutableId/,
    );
    const user = await kit.graph('POST', '/users', {
      token,
      body: { ...body, onPremisesImmutableId: 'YWJj==' },
    });
    expect(user.status).toBe(201);
    const change = (next: unknown) =>
      kit.graph('PATCH', `/users/${user.body.id}`, { token, body: next });
    expect((await change({ onPremisesImmutableId: null })).status).toBe(400);
    expect((await change({ userPrincipalName: `federated@${domain}` })).status).toBe(400);
    const passwordProfile = { password: 'An0ther-one!' };
    expect(
      (await change({ userPrincipalName: `federated@${domain}`, passwordProfile })).status,
    ).toBe(204);
    expect((await change({ onPremisesImmutableId: null })).status).toBe(204);

    expect((await kit.graph('DELETE', `${path}/${made.body.id}`, { token })).status).toBe(204);
    expect((await kit.graph('DELETE', '/domains/new.example', { token })).status).toBe(204);
    expect((await kit.graph('DELETE', `/domains/${domain}`, { token })).status).toBe(400);
  });
});

describe('removing a domain by force', () => {
  it('moves its users to the initial domain', async () => {
    const token = await kit.customerToken(tenantId);
    const directory = kit.simulator.world.directories.get(tenantId)!;
    await kit.graph('POST', '/domains', { token, body: { id: `sub.${domain}` } });
    const made = await kit.graph('POST', '/users', {
      token,
      body: newUser('moved', `sub.${domain}`),
    });
    expect((await kit.graph('DELETE', `/domains/sub.${domain}`, { token })).status).toBe(400);
    kit.simulator.world.settings.domainRemovalDelayMs = 60_000;
    const body = { disableUserAccounts: true };
    const path = `/domains/sub.${domain}/forceDelete`;
    expect((await kit.graph('POST', path, { token, body })).status).toBe(204);
    const going = await kit.graph('GET', `/domains/sub.${domain}`, { token });
    expect(going.body).toMatchObject({
      state: { operation: 'ForceDelete', status: 'InProgress' },
    });
    await advance('PT1M');
    expect((await kit.graph('GET', `/domains/sub.${domain}`, { token })).status).toBe(404);
    const user = directory.users.live(made.body.id);
    expect(user?.userPrincipalName).toBe(`moved@${DEFAULT_CUSTOMER.initialDomain}`);
    expect(user?.properties['accountEnabled']).toBe(false);
  });
});

describe('delta', () => {
  interface Item {
    readonly id: string;
    readonly '@removed'?: { readonly reason: string };
    readonly [name: string]: unknown;
  }
  async function round(
    token: string,
    url: string,
    headers = {},
  ): Promise<{ items: Item[]; link: string }> {
    const items: Item[] = [];
    for (let next = url; ; ) {
      const { body } = await kit.graph('GET', next, { token, headers });
      items.push(...(body.value as Item[]));
      if (body['@odata.deltaLink']) return { items, link: body['@odata.deltaLink'] };
      next = body['@odata.nextLink'];
    }
  }

  it('delivers changes of the selected properties, deletions and restores', async () => {
    const token = await kit.customerToken(tenantId);
    const first = await round(token, '/users/delta?$select=id,displayName,department,manager');
    expect(first.items).toHaveLength(7);
    const [anna, bernd] = ['anna.becker', 'bernd.vogel'].map(
      (name) =>
        first.items.find(
          (item) =>
            item['displayName'] ===
            { 'anna.becker': 'Anna Becker', 'bernd.vogel': 'Bernd Vogel' }[name],
        )!.id,
    );
    expect((await round(token, first.link)).items).toEqual([]);
    await kit.graph('PATCH', `/users/${anna}`, { token, body: { jobTitle: 'not selected' } });
    expect((await round(token, first.link)).items).toEqual([]);
    await kit.graph('PATCH', `/users/${anna}`, { token, body: { department: 'Board' } });
    const link = { '@odata.id': `https://graph.microsoft.com/v1.0/users/${anna}` };
    await kit.graph('PUT', `/users/${bernd}/manager/$ref`, { token, body: link });
    const minimal = await round(token, first.link, { prefer: 'return=minimal' });
    expect(minimal.items).toContainEqual({ id: anna, department: 'Board' });
    const second = await round(token, first.link);
    expect(second.items).toContainEqual({
      id: anna,
      department: 'Board',
      displayName: 'Anna Becker',
    });
    expect(second.items.find((item) => item.id === bernd)).toMatchObject({
      'manager@delta': [{ id: anna }],
    });
    await kit.graph('DELETE', `/users/${bernd}`, { token });
    const third = await round(token, second.link);
    expect(third.items).toEqual([{ id: bernd, '@removed': { reason: 'changed' } }]);
    await kit.graph('DELETE', `/directory/deletedItems/${bernd}`, { token });
    const fourth = await round(token, third.link);
    expect(fourth.items).toEqual([{ id: bernd, '@removed': { reason: 'deleted' } }]);
  });

  it('starts from now with latest, repeats itself on request, and ends after seven days with 410', async () => {
    const token = await kit.customerToken(tenantId);
    const latest = await round(token, '/users/delta?$deltatoken=latest&$select=id,department');
    expect(latest.items).toEqual([]);
    await kit.graph('PATCH', `/users/anna.becker@${domain}`, {
      token,
      body: { department: 'Board' },
    });
    const change = await round(token, latest.link);
    expect(change.items).toHaveLength(1);
    kit.simulator.world.settings.deltaReplayRate = 1;
    expect((await round(token, change.link)).items).toEqual(change.items);
    kit.simulator.world.settings.deltaRepeatRate = 1;
    const twice = [...change.items, ...change.items];
    expect((await round(token, change.link)).items).toEqual(twice);
    await advance('P6D');
    expect((await kit.graph('GET', change.link, { token })).status).toBe(200);
    await advance('P2D');
    const gone = await kit.graph('GET', change.link, { token });
    expect(gone).toMatchObject({ status: 410, body: { error: { code: 'syncStateNotFound' } } });
    expect(gone.headers['location']).toMatch(/\/v1\.0\/users\/delta\?\$deltatoken=$/);
    expect((await kit.graph('GET', '/users/delta?$deltatoken=garbage', { token })).status).toBe(
      400,
    );
    expect((await kit.graph('GET', '/users/delta?$top=5', { token })).status).toBe(400);
  });

  it('delivers members of groups that come and go', async () => {
    const token = await kit.customerToken(tenantId);
    const first = await round(token, '/groups/delta?$select=displayName,members');
    const sales = first.items.find((item) => item['displayName'] === 'Sales')!;
    const members = sales['members@delta'] as Item[];
    expect(members).toHaveLength(2);
    await kit.graph('DELETE', `/groups/${sales.id}/members/${members[0]!.id}/$ref`, { token });
    const second = await round(token, first.link);
    expect(second.items).toEqual([
      expect.objectContaining({
        id: sales.id,
        'members@delta': [
          expect.objectContaining({ id: members[0]!.id, '@removed': { reason: 'deleted' } }),
        ],
      }),
    ]);
  });
});

describe('replication', () => {
  it('shows writes by key after the lag, in lists and delta after twice the lag', async () => {
    const token = await kit.customerToken(tenantId);
    kit.simulator.world.settings.replicationLagMs = 10_000;
    kit.simulator.world.clock.advance(60_000);
    await kit.graph('POST', '/users', { token, body: newUser('late', domain) });
    const seen = async () => {
      const key = (await kit.graph('GET', `/users/late@${domain}`, { token })).status === 200;
      const listed = (await kit.graph('GET', `/users?$filter=mailNickname eq 'late'`, { token }))
        .body.value as unknown[];
      return { key, listed: listed.length === 1 };
    };
    expect(await seen()).toEqual({ key: false, listed: false });
    kit.simulator.world.clock.advance(10_000);
    expect(await seen()).toEqual({ key: true, listed: false });
    kit.simulator.world.clock.advance(10_000);
    expect(await seen()).toEqual({ key: true, listed: true });
  });
});

describe('units in use', () => {
  it('are counted by what a replica has seen', async () => {
    const token = await kit.customerToken(tenantId);
    kit.simulator.world.settings.replicationLagMs = 10_000;
    kit.simulator.world.clock.advance(60_000);
    const units = async () =>
      (await kit.graph('GET', '/subscribedSkus', { token })).body.value as object[];
    const [{ id }] = (
      await kit.graph('GET', `/users?$filter=mailNickname eq 'frank.lorenz'`, {
        token,
      })
    ).body.value as [{ id: string }];
    const skuId = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
    const body = { addLicenses: [{ skuId }], removeLicenses: [] };
    await kit.graph('POST', `/users/${id}/assignLicense`, { token, body });
    expect(await units()).toMatchObject([{ consumedUnits: 5 }]);
    kit.simulator.world.clock.advance(10_000);
    expect(await units()).toMatchObject([{ consumedUnits: 6 }]);
  });
});

describe('audit log', () => {
  it('names who did it, ours and foreign, after a delay', async () => {
    const token = await kit.customerToken(tenantId);
    kit.simulator.world.settings.auditDelayMs = 120_000;
    const read = await kit.graph('GET', `/users/anna.becker@${domain}`, { token });
    const id: string = read.body.id;
    await kit.graph('PATCH', `/users/${id}`, { token, body: { jobTitle: 'Ours' } });
    const portal = await kit.send('POST', `${kit.simulator.urls.control}/portal`, {
      body: {
        service: 'graph',
        tenantId,
        userPrincipalName: `admin@${DEFAULT_CUSTOMER.initialDomain}`,
        method: 'PATCH',
        path: `/v1.0/users/${id}`,
        body: { jobTitle: 'Theirs' },
      },
    });
    expect(portal.body).toMatchObject({ status: 204 });
    const filter = encodeURIComponent(
      `targetResources/any(t:t/id eq '${id}') and activityDateTime ge 2020-01-01T00:00:00Z`,
    );
    const audits = async () =>
      (
        await kit.graph(
          'GET',
          `/auditLogs/directoryAudits?$filter=${filter}&$orderby=activityDateTime desc`,
          { token },
        )
      ).body.value;
    expect(await audits()).toEqual([]);
    await advance('PT2M');
    expect(await audits()).toMatchObject([
      {
        activityDisplayName: 'Update user',
        initiatedBy: { user: { userPrincipalName: `admin@${DEFAULT_CUSTOMER.initialDomain}` } },
      },
      {
        activityDisplayName: 'Update user',
        initiatedBy: { app: { appId: DEFAULT_PARTNER.clientId } },
      },
    ]);
    expect(
      (
        await kit.graph('GET', `/auditLogs/directoryAudits?$filter=activityDisplayName ne 'x'`, {
          token,
        })
      ).status,
    ).toBe(400);
  });
});

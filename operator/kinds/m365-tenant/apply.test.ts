import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connection, createSpec, tenant } from '../../../hack/testing/build.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { OwnedSecret } from '../../core/cluster.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { Deps } from '../access.ts';
import { createCustomer } from './actions.ts';
import { applyTenant } from './apply.ts';

let cloud: Cloud;
let secrets: Map<string, Readonly<Record<string, string>>>;
beforeAll(async () => {
  cloud = await Cloud.start({ startAt: '2026-09-01T09:00:00.000Z' });
});
afterAll(() => cloud.stop());
beforeEach(() => {
  cloud.simulator.faults.clear();
  secrets = new Map();
});

const listLagMs = 60 * 60_000;
const lost = {
  service: 'partnerCenter',
  method: 'POST',
  path: '/customers$',
  kind: 'lostAnswer',
} as const;
const taken = {
  service: 'partnerCenter',
  method: 'POST',
  path: '/customers$',
  kind: 'status',
  status: 409,
  body: { code: 2000, description: 'The domain is taken.', data: [], source: 'PartnerFD' },
} as const;

function declared(
  domainPrefix: string,
  overrides: Partial<typeof createSpec.address> = {},
): M365Tenant {
  const address = { ...createSpec.address, ...overrides };
  return tenant({
    spec: { create: { ...createSpec, domainPrefix, address } },
    status: { intent: { requestId: crypto.randomUUID() } },
  });
}

function apply(resource: M365Tenant) {
  const ensureSecret = ({ name, data }: OwnedSecret) => {
    secrets.set(name, secrets.get(name) ?? data);
    return Promise.resolve(secrets.get(name) ?? {});
  };
  const deps = { uuid: () => crypto.randomUUID(), cluster: { ensureSecret } } as unknown as Deps;
  const context = { connection: connection(), clients: cloud.clients() };
  return applyTenant(createCustomer, { deps, tenant: resource, context, signal });
}

async function named(prefix: string) {
  const all = await cloud.clients().partnerCenter.listCustomers(signal);
  return all.filter(({ domain }) => domain === `${prefix}.onmicrosoft.com`);
}

describe('creating a customer', () => {
  it('stores the administrator, whose password is told once, before anything else', async () => {
    const { status } = await apply(declared('once'));
    expect(status).toMatchObject({
      createdByOperator: true,
      initialDomain: 'once.onmicrosoft.com',
      adminPasswordStored: true,
      intent: undefined,
    });
    expect(secrets.get('contoso-admin')).toMatchObject({
      username: 'admin@once.onmicrosoft.com',
      password: expect.any(String) as string,
    });
  });

  it('makes one where the answer was lost, and says that the password is', async () => {
    const resource = declared('lost');
    cloud.fault(lost);
    expect((await failureOf(apply(resource))).class).toBe('Transient');
    const { status } = await apply(resource);
    expect(status).toMatchObject({ adminPasswordStored: false });
    cloud.simulator.world.clock.advance(listLagMs);
    expect(await named('lost')).toMatchObject([{ id: status?.tenantId }]);
    expect(secrets.get('contoso-admin')).not.toHaveProperty('password');
  });

  it('finds its customer where Partner Center replays nothing', async () => {
    const resource = declared('forgotten');
    cloud.fault(lost);
    await failureOf(apply(resource));
    cloud.simulator.world.clock.advance(listLagMs);
    cloud.fault({ ...taken, times: 2 });
    const { status } = await apply(resource);
    expect(await named('forgotten')).toMatchObject([{ id: status?.tenantId }]);
  });

  it('waits for its customer where the list lags and Partner Center replays nothing', async () => {
    const resource = declared('late');
    cloud.fault(lost);
    await failureOf(apply(resource));
    cloud.fault({ ...taken, times: 2 });
    expect(await failureOf(apply(resource))).toMatchObject({
      class: 'Wait',
      reason: 'DomainPrefixTaken',
    });
  });

  it('is not held to a refusal once the manifest is right', async () => {
    const wrong = declared('repaired', { postalCode: 'X' });
    const error = await failureOf(apply(wrong));
    expect(error.class).toBe('Terminal');
    const right = { ...declared('repaired'), status: wrong.status ?? {} };
    expect((await apply(right)).status).toMatchObject({ adminPasswordStored: true });
  });
});

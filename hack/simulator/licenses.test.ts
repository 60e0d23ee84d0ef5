import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OFFERS } from './commerce/catalogue/price-list.ts';
import type { DirectorySubscription } from './directory/api.ts';
import { directoryApi } from './directory/index.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { Kit, newGroup, newUser } from './test-kit.ts';
import type { Caller } from './world.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
let kit: Kit;
let token: string;

beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(tenantId);
});
afterAll(() => kit.stop());

/** Seats of a SKU in the directory, whatever commerce says. @returns the SKU id */
function stock(
  partNumber: string,
  seats: number,
  status: DirectorySubscription['status'] = 'Enabled',
): string {
  const offer = OFFERS.find(({ skuPartNumber }) => skuPartNumber === partNumber)!;
  directoryApi.putSubscription(kit.simulator.world, tenantId, {
    commerceSubscriptionId: offer.provisioningId,
    skuId: offer.provisioningId,
    skuPartNumber: partNumber,
    servicePlans: offer.servicePlans,
    seats,
    status,
    isTrial: false,
    ownerTenantId: DEFAULT_PARTNER.tenantId,
    nextLifecycleMs: undefined,
  });
  return offer.provisioningId;
}
const planId = (name: string) =>
  OFFERS.flatMap(({ servicePlans }) => servicePlans).find((plan) => plan.servicePlanName === name)!
    .servicePlanId;

async function made(path: string, body: unknown): Promise<string> {
  const answer = await kit.graph('POST', path, { token, body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.id;
}
let count = 0;
const user = (more: object = { usageLocation: 'DE' }) => {
  count += 1;
  return made('/users', { ...newUser(`person${count}`, domain), ...more });
};
const group = () => {
  count += 1;
  return made('/groups', newGroup(`group${count}`));
};
async function join(groupId: string, id: string): Promise<void> {
  const body = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` };
  const answer = await kit.graph('POST', `/groups/${groupId}/members/$ref`, { token, body });
  expect(answer.status).toBe(204);
}
interface Wanted {
  readonly skuId: string;
  readonly disabledPlans?: readonly string[];
}
const assign = (path: string, add: readonly Wanted[], remove: readonly string[] = []) =>
  kit.graph('POST', `${path}/assignLicense`, {
    token,
    body: { addLicenses: add, removeLicenses: remove },
  });
async function states(id: string): Promise<unknown[]> {
  const { body } = await kit.graph('GET', `/users/${id}?$select=licenseAssignmentStates`, {
    token,
  });
  const found = body.licenseAssignmentStates as Record<string, unknown>[];
  return found.map(({ skuId, state, error }) => [skuId, state, error]);
}
async function sku(skuId: string): Promise<Record<string, unknown>> {
  const answer = await kit.graph('GET', `/subscribedSkus/${tenantId}_${skuId}`, { token });
  return answer.body as unknown as Record<string, unknown>;
}

describe('direct assignment', () => {
  it('refuses plans that exclude each other, unless one of them is switched off', async () => {
    const [basic, e3] = [stock('O365_BUSINESS_ESSENTIALS', 10), stock('SPE_E3', 10)];
    const id = await user();
    expect((await assign(`/users/${id}`, [{ skuId: basic }])).status).toBe(200);
    const refused = await assign(`/users/${id}`, [{ skuId: e3 }]);
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toMatch(/are mutually exclusive\.$/);
    const disabledPlans = [planId('EXCHANGE_S_ENTERPRISE'), planId('SHAREPOINTENTERPRISE')];
    expect((await assign(`/users/${id}`, [{ skuId: e3, disabledPlans }])).status).toBe(200);
    expect((await assign(`/users/${id}`, [{ skuId: e3 }], [basic])).status).toBe(200);
  });

  it('refuses a plan without what it depends on, and taking that away', async () => {
    const [phone, basic] = [stock('MCOEV', 5), stock('O365_BUSINESS_ESSENTIALS', 10)];
    const id = await user();
    const refused = await assign(`/users/${id}`, [{ skuId: phone }]);
    expect(refused.body.error.message).toMatch(/depends on the service plan\(s\) TEAMS1/);
    expect((await assign(`/users/${id}`, [{ skuId: phone }, { skuId: basic }])).status).toBe(200);
    expect((await assign(`/users/${id}`, [], [basic])).status).toBe(400);
    expect((await assign(`/users/${id}`, [], [basic, phone])).status).toBe(200);
  });

  it('refuses a plan that the SKU has not and a place where nothing is served', async () => {
    const basic = stock('O365_BUSINESS_ESSENTIALS', 10);
    const disabledPlans = [planId('AAD_PREMIUM')];
    const foreign = await assign(`/users/${await user()}`, [{ skuId: basic, disabledPlans }]);
    expect(foreign.body.error.message).toMatch(/is not part of SKU/);
    const place = await assign(`/users/${await user({ usageLocation: 'KP' })}`, [{ skuId: basic }]);
    expect(place.body.error.message).toMatch(/not available in usage location 'KP'/);
  });

  it('shows plans as the licences make them', async () => {
    const premium = stock('SPB', 20);
    const id = await user();
    const disabledPlans = [planId('INTUNE_A')];
    await assign(`/users/${id}`, [{ skuId: premium, disabledPlans }]);
    const read = async () =>
      (await kit.graph('GET', `/users/${id}?$select=assignedPlans,provisionedPlans`, { token }))
        .body as unknown as Record<string, Record<string, unknown>[]>;
    const { assignedPlans, provisionedPlans } = await read();
    const statusOf = (plans: Record<string, unknown>[] | undefined, name: string) =>
      plans?.find(({ servicePlanId }) => servicePlanId === planId(name))?.['capabilityStatus'];
    expect(statusOf(assignedPlans, 'EXCHANGE_S_STANDARD')).toBe('Enabled');
    expect(statusOf(assignedPlans, 'INTUNE_A')).toBe('Deleted');
    const services = provisionedPlans?.map(({ service }) => service);
    expect(services).toContain('exchange');
    expect(services).not.toContain('SCO');
    stock('SPB', 20, 'Suspended');
    const details = await kit.graph('GET', `/users/${id}/licenseDetails`, { token });
    expect(JSON.stringify(details.body.value)).toContain('"provisioningStatus":"Disabled"');
    await assign(`/users/${id}`, [], [premium]);
    expect(await read()).toMatchObject({ assignedPlans: [], provisionedPlans: [] });
  });
});

describe('pools', () => {
  it('are good in warning, not when suspended, and may be over-assigned by a reduction', async () => {
    const basic = stock('EXCHANGESTANDARD', 1, 'Warning');
    const [first, second] = [await user(), await user()];
    expect((await assign(`/users/${first}`, [{ skuId: basic }])).status).toBe(200);
    expect(await sku(basic)).toMatchObject({
      capabilityStatus: 'Warning',
      consumedUnits: 1,
      prepaidUnits: { enabled: 0, warning: 1, suspended: 0, lockedOut: 0 },
    });
    stock('EXCHANGESTANDARD', 2, 'Suspended');
    expect((await assign(`/users/${second}`, [{ skuId: basic }])).body.error.message).toMatch(
      /does not have any available licenses/,
    );
    expect(await sku(basic)).toMatchObject({ capabilityStatus: 'Suspended', consumedUnits: 1 });
    stock('EXCHANGESTANDARD', 2);
    expect((await assign(`/users/${second}`, [{ skuId: basic }])).status).toBe(200);
    stock('EXCHANGESTANDARD', 1);
    expect(await sku(basic)).toMatchObject({ consumedUnits: 2, prepaidUnits: { enabled: 1 } });
    // Who has a seat keeps it and may change its plans.
    expect((await assign(`/users/${first}`, [{ skuId: basic }])).status).toBe(200);
    expect((await assign(`/users/${await user()}`, [{ skuId: basic }])).status).toBe(400);
    stock('EXCHANGESTANDARD', 1, 'LockedOut');
    expect(await sku(basic)).toMatchObject({
      capabilityStatus: 'LockedOut',
      prepaidUnits: { lockedOut: 1 },
    });
  });
});

describe('assignment by group', () => {
  it('takes its time: queued, in progress, complete', async () => {
    const { world } = kit.simulator;
    world.settings.groupLicenseDelayMs = 600_000;
    const visio = stock('VISIOCLIENT', 5);
    const [id, groupId] = [await user(), await group()];
    await join(groupId, id);
    expect((await assign(`/groups/${groupId}`, [{ skuId: visio }])).status).toBe(202);
    const processing = async () => {
      const url = `/groups/${groupId}?$select=licenseProcessingState`;
      const { body } = await kit.graph('GET', url, { token });
      return (body as unknown as { licenseProcessingState: unknown }).licenseProcessingState;
    };
    expect(await processing()).toMatchObject({ state: 'QueuedForProcessing' });
    world.clock.advance(300_000);
    expect(await processing()).toMatchObject({ state: 'ProcessingInProgress' });
    expect(await states(id)).toEqual([]);
    world.clock.advance(300_000);
    expect(await processing()).toMatchObject({ state: 'ProcessingComplete' });
    expect(await states(id)).toEqual([[visio, 'Active', 'None']]);
    const late = await user();
    await join(groupId, late);
    expect(await states(late)).toEqual([]);
    world.clock.advance(600_000);
    expect(await states(late)).toEqual([[visio, 'Active', 'None']]);
    await kit.graph('DELETE', `/groups/${groupId}/members/${late}/$ref`, { token });
    world.clock.advance(600_000);
    expect(await states(late)).toEqual([]);
    world.settings.groupLicenseDelayMs = 0;
  });

  it('puts its errors on the members: each rule has its own', async () => {
    const [basic, e3, phone] = [
      stock('O365_BUSINESS_ESSENTIALS', 10),
      stock('SPE_E3', 10),
      stock('MCOEV', 5),
    ];
    const [conflicted, lonely, far] = [
      await user(),
      await user(),
      await user({ usageLocation: 'IR' }),
    ];
    await assign(`/users/${conflicted}`, [{ skuId: basic }]);
    const [suite, addOn] = [await group(), await group()];
    await join(suite, conflicted);
    await join(suite, far);
    await join(addOn, lonely);
    await assign(`/groups/${suite}`, [{ skuId: e3 }]);
    await assign(`/groups/${addOn}`, [{ skuId: phone }]);
    expect(await states(conflicted)).toContainEqual([e3, 'Error', 'MutuallyExclusiveViolation']);
    expect(await states(far)).toEqual([[e3, 'Error', 'ProhibitedInUsageLocationViolation']]);
    expect(await states(lonely)).toEqual([[phone, 'Error', 'DependencyViolation']]);
    const shown = await kit.graph('GET', `/groups/${suite}?$select=hasMembersWithLicenseErrors`, {
      token,
    });
    expect(shown.body).toMatchObject({ hasMembersWithLicenseErrors: true });
    await assign(`/users/${conflicted}`, [], [basic]);
    const again = `/users/${conflicted}/reprocessLicenseAssignment`;
    expect((await kit.graph('POST', again, { token })).status).toBe(200);
    expect(await states(conflicted)).toEqual([[e3, 'Active', 'None']]);
  });

  it('gives all products of a group or none, and looks again when seats come', async () => {
    const [power, project] = [stock('POWER_BI_PRO', 5), stock('PROJECTPROFESSIONAL', 0)];
    const [id, groupId] = [await user({}), await group()];
    await join(groupId, id);
    await assign(`/groups/${groupId}`, [{ skuId: power }, { skuId: project }]);
    expect(await states(id)).toEqual([
      [power, 'Error', 'Other'],
      [project, 'Error', 'CountViolation'],
    ]);
    expect(await sku(power)).toMatchObject({ consumedUnits: 0 });
    const errors = await kit.graph('GET', `/groups/${groupId}/membersWithLicenseErrors`, { token });
    expect(errors.body.value).toMatchObject([{ id }]);
    stock('PROJECTPROFESSIONAL', 1);
    // Without a usage location of the person, that of the tenant counts here, and only here.
    expect(await states(id)).toEqual([
      [power, 'Active', 'None'],
      [project, 'Active', 'None'],
    ]);
    const audits = await kit.graph('GET', '/auditLogs/directoryAudits?$top=1', { token });
    expect(audits.body.value).toMatchObject([
      {
        activityDisplayName: 'Change user license',
        initiatedBy: { app: { displayName: 'Microsoft Azure AD Group-Based Licensing' } },
      },
    ]);
    expect((await kit.graph('DELETE', `/groups/${groupId}`, { token })).status).toBe(400);
    await assign(`/groups/${groupId}`, [], [power, project]);
    expect(await states(id)).toEqual([]);
    expect((await kit.graph('DELETE', `/groups/${groupId}`, { token })).status).toBe(204);
  });

  it('does not reach members of groups within the group', async () => {
    const intune = stock('INTUNE_A', 5);
    const [id, inner, outer] = [await user(), await group(), await group()];
    await join(inner, id);
    await join(outer, inner);
    await assign(`/groups/${outer}`, [{ skuId: intune }]);
    expect(await states(id)).toEqual([]);
  });

  it('keeps what a person has when a product that fails is added', async () => {
    const [visio, project] = [stock('VISIOCLIENT', 9), stock('PROJECTPROFESSIONAL', 0)];
    const [id, groupId] = [await user(), await group()];
    await join(groupId, id);
    await assign(`/groups/${groupId}`, [{ skuId: visio }]);
    await assign(`/groups/${groupId}`, [{ skuId: project }]);
    expect(await states(id)).toEqual([
      [visio, 'ActiveWithError', 'Other'],
      [project, 'Error', 'CountViolation'],
    ]);
    const { body } = await kit.graph('GET', `/users/${id}?$select=assignedLicenses`, { token });
    expect(body.assignedLicenses).toEqual([{ skuId: visio, disabledPlans: [] }]);
  });
});

it('refuses plans that exclude each other through Partner Center as through Graph', async () => {
  const { world } = kit.simulator;
  const standard = stock('O365_BUSINESS_ESSENTIALS', 5);
  const enterprise = stock('SPE_E3', 5);
  const userId = await user();
  const caller: Caller = {
    tenantId,
    appId: DEFAULT_PARTNER.clientId,
    audience: 'https://api.partnercenter.microsoft.com',
    kind: 'user',
    roles: [],
    scopes: [],
    mfa: true,
  };
  const give = (skuId: string) =>
    directoryApi.changeLicenses(world, tenantId, {
      userId,
      add: [{ skuId, disabledPlans: [] }],
      remove: [],
      caller,
    });
  expect(give(standard)).toBe('done');
  expect(give(enterprise)).toBe('conflict');
});

/** What a mailbox is for, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminConsent } from '../../../hack/simulator/directory/consent.ts';
import { OPERATOR_PERMISSIONS } from '../../../hack/simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;

let cloud: Cloud;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity } });
});

afterAll(() => cloud.stop());

function directory() {
  const found = cloud.simulator.world.directories.get(tenantId);
  if (found === undefined) throw new Error('no directory');
  return found;
}

async function graphWith(...more: readonly string[]) {
  directory().appRoleAssignments.clear();
  const wanted = [...OPERATOR_PERMISSIONS, ...more];
  adminConsent(cloud.simulator.world, directory(), DEFAULT_PARTNER.clientId, wanted);
  const graph = cloud.clients().graph(tenantId);
  await graph.permissions({ fresh: true }, signal);
  return graph;
}

it('is told with the permission for it: none, one of a person, a shared one', async () => {
  const graph = await graphWith('MailboxSettings.Read');
  const users = [...directory().users.all('live', directory().log.last)].map(({ value }) => value);
  const id =
    users.find(({ userPrincipalName }) => userPrincipalName === `anna.becker@${domain}`)?.id ?? '';
  const { skus } = { skus: await graph.listSubscribedSkus(signal) };
  const mail = skus.find(({ servicePlans }) =>
    servicePlans.some(({ servicePlanName }) => servicePlanName.startsWith('EXCHANGE_S_')),
  );
  const held = (await graph.getUser(id, signal))?.assignedLicenses ?? [];
  await graph.assignLicenses(id, { add: [], remove: held.map(({ skuId }) => skuId) }, signal);
  expect(await graph.mailboxPurpose(id, signal)).toBeUndefined();
  const add = [{ skuId: mail?.skuId ?? '', disabledPlans: [] }];
  await graph.updateUser(id, { usageLocation: 'DE' }, signal);
  await graph.assignLicenses(id, { add, remove: [] }, signal);
  expect(await graph.mailboxPurpose(id, signal)).toBe('Person');
  directory().sharedMailboxes.add(id);
  expect(await graph.mailboxPurpose(id, signal)).toBe('Shared');
});

it('is not told without it, and the refusal names it', async () => {
  const graph = await graphWith();
  const failure = await failureOf(graph.mailboxPurpose(`anna.becker@${domain}`, signal));
  expect(failure).toMatchObject({ class: 'Wait', reason: 'PermissionDenied' });
  expect(failure.message).toContain('MailboxSettings.Read');
});

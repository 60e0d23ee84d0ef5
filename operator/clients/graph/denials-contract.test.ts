/** What a missing permission blocks, against the simulator: the refusal names it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminConsent } from '../../../hack/simulator/directory/consent.ts';
import { OPERATOR_PERMISSIONS } from '../../../hack/simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import { optionalPermissions, requiredPermissions } from '../../core/permissions.ts';
import type { Graph } from './port.ts';

const { tenantId, initialDomain } = DEFAULT_CUSTOMER;
const nobody = '00000000-0000-4000-8000-000000000000';
const password = { password: 'Str0ng-enough!', forceChangePasswordNextSignIn: true };
const redirectUrl = 'https://myapplications.microsoft.com';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity } });
});

afterAll(() => cloud.stop());

function consent(permissions: readonly string[]): void {
  const { world } = cloud.simulator;
  const directory = world.directories.get(tenantId);
  if (directory === undefined) throw new Error('no directory');
  directory.appRoleAssignments.clear();
  adminConsent(world, directory, DEFAULT_PARTNER.clientId, permissions);
}

/** A tenant whose administrator left this one out. */
async function graphWithout(permission: string): Promise<Graph> {
  consent(OPERATOR_PERMISSIONS.filter((name) => name !== permission));
  const graph = cloud.clients().graph(tenantId);
  await graph.permissions({ fresh: true }, signal);
  // A denial has a new token got once in five minutes.
  cloud.aheadMs += 5 * 60_000;
  return graph;
}

it.each<readonly [string, string, (graph: Graph) => Promise<unknown>]>([
  ['User.DeleteRestore.All', 'a purge', (graph) => graph.purgeUser(nobody, signal)],
  ['AuditLog.Read.All', 'the audit log', (graph) => graph.listDirectoryAudits(0, signal)],
  ['Domain.ReadWrite.All', 'a domain', (graph) => graph.addDomain('new.example', signal)],
  [
    'User-PasswordProfile.ReadWrite.All',
    'a password',
    async (graph) => {
      const user = await graph.getUser(`admin@${initialDomain}`, signal);
      return graph.updateUser(user?.id ?? nobody, {}, signal, password);
    },
  ],
])('without %s: %s is denied, and the refusal names both', async (permission, _, call) => {
  const graph = await graphWithout(permission);
  const error = await failureOf(call(graph));
  expect(error).toMatchObject({ class: 'Wait', reason: 'PermissionDenied' });
  const feature = { ...requiredPermissions, ...optionalPermissions }[permission];
  expect(error.message).toContain(`${feature}: it needs the permission ${permission}`);
});

it('the simulator grants all that the operator asks for', () => {
  const asked = [...Object.keys(requiredPermissions), ...Object.keys(optionalPermissions)];
  expect(asked.filter((name) => !OPERATOR_PERMISSIONS.includes(name))).toEqual([]);
});

it('a guest is invited with what the operator has for users', async () => {
  const graph = await graphWithout('User.DeleteRestore.All');
  const guest = {
    mail: 'bob@partner.example',
    displayName: 'Bob',
    redirectUrl,
    sendMessage: false,
  };
  expect((await graph.inviteGuest(guest, signal)).id).toBeDefined();
});

it('what was denied goes on its own once it is consented to, and a denial that lasts gets no token each time', async () => {
  const graph = await graphWithout('User.DeleteRestore.All');
  const tokens = () =>
    cloud.simulator.journal.since(0).entries.filter(({ path }) => path.endsWith('/token')).length;
  const before = tokens();
  for (let n = 0; n < 5; n += 1) await failureOf(graph.purgeUser(nobody, signal));
  expect(tokens() - before).toBe(1);
  consent(OPERATOR_PERMISSIONS);
  await failureOf(graph.purgeUser(nobody, signal));
  cloud.aheadMs += 5 * 60_000;
  await failureOf(graph.purgeUser(nobody, signal));
  expect(await graph.purgeUser(nobody, signal)).toMatchObject({ isAbsent: true });
});

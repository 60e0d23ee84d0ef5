import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from '../seed.ts';
import { Kit, newGroup, newUser, PASSWORD } from '../test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const ANNA = `/users/anna.becker@${domain}`;
let kit: Kit;

beforeAll(async () => {
  kit = await Kit.start();
});
afterAll(() => kit.stop());

let count = 0;
/** A token of an app that was given these permissions and no others. */
async function tokenWith(permissions: readonly string[]): Promise<string> {
  count += 1;
  const app = { customerPermissions: [...permissions] };
  const { clientId, clientSecret } = kit.simulator.addPartner({ name: `Partner ${count}`, app });
  const { login } = kit.simulator.urls;
  await kit.send('GET', `${login}/${tenantId}/adminconsent?client_id=${clientId}`);
  return kit.token(tenantId, { client_id: clientId, client_secret: clientSecret });
}

type Attempt = readonly [method: string, path: string, body: object | undefined];
const CREATE: Attempt = ['POST', '/users', newUser('allowed', domain)];
const DISABLE: Attempt = ['PATCH', ANNA, { accountEnabled: true }];
const RESET: Attempt = ['PATCH', ANNA, { passwordProfile: { password: PASSWORD } }];
const RENAME: Attempt = ['PATCH', ANNA, { displayName: 'Anna Becker' }];
const READ: Attempt = ['GET', ANNA, undefined];
const SIGN_INS: Attempt = ['GET', '/users?$select=id,signInActivity', undefined];
const LICENSE: Attempt = ['POST', `${ANNA}/assignLicense`, { addLicenses: [], removeLicenses: [] }];
const GROUP: Attempt = ['POST', '/groups', newGroup('allowed')];

const ROWS: readonly (readonly [
  permissions: readonly string[],
  allowed: readonly Attempt[],
  denied: readonly Attempt[],
])[] = [
  [[], [], [READ, CREATE]],
  [['User.Read.All'], [READ], [RENAME, CREATE, LICENSE]],
  [['User.ReadWrite.All'], [READ, CREATE, RENAME, DISABLE], [RESET, GROUP, SIGN_INS]],
  [['User.Read.All', 'AuditLog.Read.All'], [READ, SIGN_INS], [RENAME]],
  [
    ['User.EnableDisableAccount.All', 'User.Read.All'],
    [READ, DISABLE],
    [RENAME, RESET],
  ],
  [['User-PasswordProfile.ReadWrite.All'], [RESET], [RENAME, DISABLE]],
  [['LicenseAssignment.ReadWrite.All'], [LICENSE], [RENAME, GROUP]],
  [['Group.ReadWrite.All'], [GROUP], [CREATE]],
];

describe('application permissions (graph.md 1.7)', () => {
  it.each(ROWS)('%j', async (permissions, allowed, denied) => {
    const token = await tokenWith(permissions);
    const ask = async ([method, path, body]: Attempt) =>
      (await kit.graph(method, path, { token, ...(body && { body }) })).status;
    for (const attempt of allowed)
      expect(await ask(attempt), JSON.stringify(attempt)).toBeLessThan(300);
    for (const attempt of denied) expect(await ask(attempt), JSON.stringify(attempt)).toBe(403);
  });

  it('are in the token as they were when it was made', async () => {
    const old = await tokenWith(['User.Read.All']);
    const { directories } = kit.simulator.world;
    directories.get(tenantId)!.appRoleAssignments.clear();
    expect((await kit.graph('GET', ANNA, { token: old })).status).toBe(200);
  });
});

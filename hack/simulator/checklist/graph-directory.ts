/** Proofs for graph.md section 15, rows 2 to 5 and 10: what the directory holds and refuses. */
import { expect } from 'vitest';
import { addRoleAssignment, findServicePrincipal } from '../directory/create.ts';
import { saveUser } from '../directory/records.ts';
import { roleId } from '../directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import { newGroup, newUser } from '../test-kit.ts';
import { each, type Proof, type Subject, there } from './subject.ts';

const { domain } = DEFAULT_CUSTOMER;
const ANNA = `/users/anna.becker@${domain}`;
const BUSINESS_PREMIUM = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
const RELATIONSHIPS = '/tenantRelationships/delegatedAdminRelationships';
const EVENTUAL = { consistencylevel: 'eventual' };
const premium = { addLicenses: [{ skuId: BUSINESS_PREMIUM }], removeLicenses: [] };

async function relate(subject: Subject, more: object = {}): Promise<string> {
  await subject.asPartner();
  const made = await subject.send('POST', RELATIONSHIPS, {
    displayName: 'Checklist',
    duration: 'P30D',
    customer: { tenantId: DEFAULT_CUSTOMER.tenantId },
    accessDetails: { unifiedRoles: [{ roleDefinitionId: roleId('Directory Readers') }] },
    ...more,
  });
  expect(made.status).toBe(201);
  await subject.send('POST', `${RELATIONSHIPS}/${made.body.id}/requests`, {
    action: 'lockForApproval',
  });
  subject.kit.simulator.approveRelationship(made.body.id);
  return `${RELATIONSHIPS}/${made.body.id}`;
}

export const DIRECTORY_PROOFS: readonly Proof[] = [
  {
    row: 2,
    words: 'bodies are strict: unknown names and wrong types are 400 as the directory says it',
    source: '0.3, 14.2',
    async prove(subject) {
      for (const more of [{ shoeSize: 46 }, { accountEnabled: 'yes' }, { businessPhones: '1' }]) {
        const answer = await subject.send('PATCH', ANNA, more);
        expect(answer).toMatchObject({
          status: 400,
          body: {
            error: {
              code: 'Request_BadRequest',
              message: 'One or more properties contains invalid values.',
            },
          },
        });
      }
    },
  },
  {
    row: 2,
    words: 'the refusals of the catalogue',
    source: '0.3',
    async prove(subject) {
      const refusals: readonly (readonly [object, RegExp])[] = [
        [{ userPrincipalName: `anna.becker@${domain}` }, /userPrincipalName already exists\.$/],
        [{ userPrincipalName: 'a@b@c' }, /^Property userPrincipalName is invalid\.$/],
        [{ userPrincipalName: 'x@elsewhere.example' }, /one of the verified domain names/],
        [{ displayName: null }, /required for property 'displayName' of resource 'User'/],
        [{ mailNickname: 'a b' }, /^Invalid value specified for property 'mailNickname'/],
        [{ passwordProfile: { password: 'weak' } }, /password complexity requirements/],
      ];
      for (const [more, message] of refusals) {
        const body = { ...newUser('refused', domain), ...more };
        const answer = await subject.send('POST', '/users', body);
        expect(answer.status).toBe(400);
        expect(answer.body.error.message).toMatch(message);
      }
      expect((await subject.send('PUT', '/users', {})).status).toBe(405);
    },
  },
  {
    row: 3,
    words: 'default property sets, $select, @odata.context',
    source: '0.1, 2.3',
    async prove(subject) {
      const { body } = await subject.get(ANNA);
      expect(Object.keys(body)).toHaveLength(12);
      expect(body).not.toHaveProperty('accountEnabled');
      expect((await subject.get(`${ANNA}?$select=accountEnabled`)).body).toMatchObject({
        '@odata.context':
          'https://graph.microsoft.com/v1.0/$metadata#users(accountEnabled)/$entity',
        accountEnabled: true,
      });
      expect((await subject.get(`${ANNA}?$select=shoeSize`)).status).toBe(400);
    },
  },
  {
    row: 3,
    words: 'opaque next links with $top up to 999, whose tokens end',
    source: '2.4',
    async prove(subject) {
      expect((await subject.get('/users?$top=1000')).status).toBe(400);
      expect((await subject.get('/users?$top=999')).status).toBe(200);
      const first = await subject.get('/users?$top=2&$select=id');
      const next = first.body['@odata.nextLink'];
      expect(next).toMatch(/\$skiptoken=/);
      expect((await subject.get(next)).body.value).toHaveLength(2);
      subject.world.clock.advance(2 * 3_600_000);
      expect((await subject.get(next)).body.error.code).toBe('Directory_ExpiredPageToken');
    },
  },
  {
    row: 3,
    words: 'the rules of ConsistencyLevel',
    source: '12.2',
    async prove(subject) {
      const path = "/users?$count=true&$filter=displayName ne 'x'";
      expect((await subject.get(path)).body.error.code).toBe('Request_UnsupportedQuery');
      expect((await subject.get(path, EVENTUAL)).body['@odata.count']).toBeGreaterThan(0);
      expect((await subject.get('/users/$count')).body.error.message).toBe(
        '$count is not currently supported.',
      );
      const plain = await subject.get('/users?$count=true');
      expect(plain.body['@odata.count']).toBeUndefined();
      const next = (await subject.get('/users?$top=2&$count=true', EVENTUAL)).body[
        '@odata.nextLink'
      ];
      expect((await subject.get(next)).body.error.code).toBe('Request_UnsupportedQuery');
    },
  },
  {
    row: 4,
    words: 'soft delete, the cast of deletedItems, restore, purge, and no name blocked meanwhile',
    source: '2.7',
    async prove(subject) {
      const id = await subject.user('gone');
      expect((await subject.send('DELETE', `/users/${id}`)).status).toBe(204);
      expect((await subject.get(`/users/${id}`)).status).toBe(404);
      expect((await subject.get('/directory/deletedItems')).status).toBe(400);
      for (const cast of ['microsoft.graph.user', 'graph.user']) {
        expect(each(await subject.get(`/directory/deletedItems/${cast}`), 'id')).toContain(id);
      }
      const twin = await subject.user('gone');
      const restore = `/directory/deletedItems/${id}/restore`;
      expect((await subject.send('POST', restore)).status).toBe(400);
      const other = { newUserPrincipalName: `back@${domain}` };
      expect((await subject.send('POST', restore, other)).body).toMatchObject({ id });
      await subject.send('DELETE', `/users/${twin}`);
      expect((await subject.send('DELETE', `/directory/deletedItems/${twin}`)).status).toBe(204);
      await subject.send('DELETE', `/users/${id}`);
      subject.world.clock.advance(31 * 86_400_000);
      expect((await subject.send('POST', restore)).status).toBe(404);
    },
  },
  {
    row: 4,
    words: 'a federated domain asks for the anchor',
    source: '2.1, 2.6, 17.1',
    async prove(subject) {
      const { directory } = subject;
      const federated = there(directory.domains.get(domain));
      directory.domains.set(domain, { ...federated, authenticationType: 'Federated' });
      const body = newUser('anchored', domain);
      expect((await subject.send('POST', '/users', body)).body.error.message).toMatch(
        /onPremisesImmutableId/,
      );
      const anchored = { ...body, onPremisesImmutableId: 'aGFsbG8gd2VsdCEhIQ==' };
      expect((await subject.send('POST', '/users', anchored)).status).toBe(201);
    },
  },
  {
    row: 4,
    words: 'synced users refuse a write as a whole',
    source: '2.6',
    async prove(subject) {
      const id = await subject.user('synced');
      const known = there(subject.directory.users.live(id));
      const properties = { ...known.properties, onPremisesSyncEnabled: true };
      saveUser(subject.directory, { ...known, properties });
      const body = { usageLocation: 'AT', department: 'IT' };
      expect((await subject.send('PATCH', `/users/${id}`, body)).status).toBe(400);
      const read = await subject.get(`/users/${id}?$select=usageLocation`);
      expect(read.body).toMatchObject({ usageLocation: 'DE' });
      expect((await subject.send('PATCH', `/users/${id}`, { usageLocation: 'AT' })).status).toBe(
        204,
      );
    },
  },
  {
    row: 5,
    words: 'pools count; a usage location is needed; the last seat goes once',
    source: '5.1, 5.2',
    async prove(subject) {
      const seats = async () => (await subject.get('/subscribedSkus')).body.value[0];
      expect(await seats()).toMatchObject({ consumedUnits: 5, prepaidUnits: { enabled: 7 } });
      const [a, b, c] = [await subject.user('a'), await subject.user('b'), await subject.user('c')];
      const nowhere = await subject.send('POST', '/users', newUser('nowhere', domain));
      const refused = await subject.send(
        'POST',
        `/users/${nowhere.body.id}/assignLicense`,
        premium,
      );
      expect(refused.body.error.message).toMatch(/invalid usage location/);
      for (const [id, status] of [
        [a, 200],
        [b, 200],
        [c, 400],
        [a, 200],
      ] as const) {
        expect((await subject.send('POST', `/users/${id}/assignLicense`, premium)).status).toBe(
          status,
        );
      }
      expect(await seats()).toMatchObject({ consumedUnits: 7 });
    },
  },
  {
    row: 5,
    words: '409 on parallel calls for one user',
    source: '5.2',
    async prove(subject) {
      subject.world.settings.licenseSettleMs = 5_000;
      const path = `${ANNA}/assignLicense`;
      expect((await subject.send('POST', path, premium)).status).toBe(200);
      expect((await subject.send('POST', path, premium)).body.error.code).toBe(
        'Directory_ConcurrencyViolation',
      );
      subject.world.clock.advance(5_000);
      expect((await subject.send('POST', path, premium)).status).toBe(200);
    },
  },
  {
    row: 5,
    words: 'licenseAssignmentStates tell direct from group, and the errors of a group',
    source: '5.3, 5.4',
    async prove(subject) {
      const { body } = await subject.send('POST', '/groups', newGroup('licensed'));
      const path = `/groups/${body.id}`;
      const ids = [await subject.user('a'), await subject.user('b'), await subject.user('c')];
      for (const id of ids) {
        const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/users/${id}` };
        await subject.send('POST', `${path}/members/$ref`, reference);
      }
      expect((await subject.send('POST', `${path}/assignLicense`, premium)).status).toBe(202);
      const states = async (id: string | undefined) =>
        (await subject.get(`/users/${id}?$select=licenseAssignmentStates`)).body
          .licenseAssignmentStates;
      expect(await states(ids[0])).toMatchObject([{ assignedByGroup: body.id, state: 'Active' }]);
      expect(await states(ids[2])).toMatchObject([{ state: 'Error', error: 'CountViolation' }]);
      expect(await states(`anna.becker@${domain}`)).toMatchObject([{ assignedByGroup: null }]);
      expect(each(await subject.get(`${path}/membersWithLicenseErrors`), 'id')).toEqual([ids[2]]);
    },
  },
  {
    row: 10,
    words: 'the matrix of administrators as targets',
    source: '2.9',
    async prove(subject) {
      const id = await subject.user('helper');
      addRoleAssignment(subject.world, subject.directory, id, roleId('Helpdesk Administrator'));
      const disable = () => subject.send('PATCH', `/users/${id}`, { accountEnabled: false });
      expect((await disable()).body.error.code).toBe('Authorization_RequestDenied');
      const app = there(findServicePrincipal(subject.directory, DEFAULT_PARTNER.clientId));
      addRoleAssignment(subject.world, subject.directory, app.id, roleId('User Administrator'));
      expect((await disable()).status).toBe(204);
      const admin = `/users/admin@${DEFAULT_CUSTOMER.initialDomain}`;
      expect((await subject.send('DELETE', admin)).status).toBe(403);
    },
  },
  {
    row: 10,
    words: 'delegated administration from made to ended, with etags',
    source: '8',
    async prove(subject) {
      subject.world.settings.delegationDelayMs = 60_000;
      const item = await relate(subject);
      const status = async () => (await subject.get(item)).body.status;
      expect(await status()).toBe('approved');
      subject.world.clock.advance(60_000);
      expect(await status()).toBe('active');
      const change = { autoExtendDuration: 'P180D' };
      const patch = (etag: string) =>
        subject.ask('PATCH', item, { body: change, headers: { 'if-match': etag } });
      expect((await patch('W/"old"')).status).toBe(412);
      expect((await patch((await subject.get(item)).body['@odata.etag'])).status).toBe(200);
      await subject.send('POST', `${item}/requests`, { action: 'terminate' });
      expect(await status()).toBe('terminationRequested');
      subject.world.clock.advance(60_000);
      expect(await status()).toBe('terminating');
      subject.world.clock.advance(60_000);
      expect(await status()).toBe('terminated');
    },
  },
  {
    row: 10,
    words: 'it extends itself where asked to, and lapses where nobody approves',
    source: '8.1',
    async prove(subject) {
      const item = await relate(subject, { autoExtendDuration: 'P180D' });
      subject.world.clock.advance(31 * 86_400_000);
      expect((await subject.get(item)).body.status).toBe('active');
      const open = await subject.send('POST', RELATIONSHIPS, {
        displayName: 'Ignored',
        duration: 'P730D',
        accessDetails: { unifiedRoles: [{ roleDefinitionId: roleId('Global Reader') }] },
      });
      const requests = `${RELATIONSHIPS}/${open.body.id}/requests`;
      await subject.send('POST', requests, { action: 'lockForApproval' });
      subject.world.clock.advance(91 * 86_400_000);
      expect((await subject.get(`${RELATIONSHIPS}/${open.body.id}`)).body.status).toBe('expired');
    },
  },
  {
    row: 10,
    words: 'the audit log names us and strangers, minutes later',
    source: '9',
    async prove(subject) {
      subject.world.settings.auditDelayMs = 120_000;
      await subject.send('PATCH', ANNA, { department: 'Ours' });
      expect(await subject.asPerson('PATCH', ANNA, { department: 'Theirs' })).toBe(204);
      const path = "/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Update user'";
      expect((await subject.get(path)).body.value).toEqual([]);
      subject.world.clock.advance(120_000);
      expect((await subject.get(path)).body.value).toMatchObject([
        { initiatedBy: { user: { userPrincipalName: `admin@${DEFAULT_CUSTOMER.initialDomain}` } } },
        { initiatedBy: { app: { appId: DEFAULT_PARTNER.clientId } } },
      ]);
      expect((await subject.get(path.replace(' eq ', ' ne '))).status).toBe(400);
    },
  },
];

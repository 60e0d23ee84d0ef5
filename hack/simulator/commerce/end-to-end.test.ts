/** The way of a new customer over TLS, as partner-center.md 5.6 and 11.1 describe it. */
import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../index.ts';
import { DEFAULT_PARTNER } from '../seed.ts';
import { ROLES } from './access.ts';
import { type Json, newAgreement, newCustomer, START } from './test-world.ts';

const GRAPH_APP = '00000003-0000-0000-c000-000000000000';
const PARTNER_CENTER = 'https://api.partnercenter.microsoft.com';
const GRAPH = 'https://graph.microsoft.com';

let simulator: Simulator;
let agent: Agent;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'default', frozen: true, startAt: START });
  agent = new Agent({ connect: { ca: readFileSync(simulator.caFile) } });
});

afterAll(async () => {
  await agent.close();
  await simulator.stop();
});

async function token(tenant: string, form: Record<string, string>): Promise<string> {
  const answer = await fetch(`${simulator.urls.login}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    dispatcher: agent,
    body: new URLSearchParams({
      client_id: DEFAULT_PARTNER.clientId,
      client_secret: DEFAULT_PARTNER.clientSecret,
      ...form,
    }),
  });
  const body = (await answer.json()) as { access_token?: string };
  expect(body).toMatchObject({ access_token: expect.any(String) });
  return body.access_token ?? '';
}

async function userToken(tenant: string, resource: string): Promise<string> {
  return token(tenant, {
    grant_type: 'refresh_token',
    refresh_token: DEFAULT_PARTNER.refreshToken,
    scope: `${resource}/.default`,
  });
}

async function call(
  bearer: string,
  url: string,
  body?: unknown,
): Promise<{ status: number; date: string | null; json: Json }> {
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    dispatcher: agent,
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      'ms-requestid': crypto.randomUUID(),
      'ms-correlationid': crypto.randomUUID(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await answer.json()) as Json;
  return { status: answer.status, date: answer.headers.get('date'), json };
}

/** Lets the partner's group act in the customer tenant, and our application read there. */
async function openCustomer(customer: string, partnerCenter: string): Promise<void> {
  const graph = await token(DEFAULT_PARTNER.tenantId, {
    grant_type: 'client_credentials',
    scope: `${GRAPH}/.default`,
  });
  const relationships = `${simulator.urls.graph}/v1.0/tenantRelationships/delegatedAdminRelationships`;
  const filter = encodeURIComponent(`customer/tenantId eq '${customer}'`);
  const found = (await call(graph, `${relationships}?$filter=${filter}`)).json as unknown as {
    value: { id: string; status: string }[];
  };
  expect(found.value).toMatchObject([{ status: 'active' }]);
  const consents = `${simulator.urls.partnerCenter}/v1/customers/${customer}/applicationconsents`;
  const consent = {
    applicationId: DEFAULT_PARTNER.clientId,
    applicationGrants: [{ enterpriseApplicationId: GRAPH_APP, scope: 'Directory.Read.All' }],
  };
  expect(await call(partnerCenter, consents, consent)).toMatchObject({ status: 403 });
  const assigned = await call(graph, `${relationships}/${found.value[0]!.id}/accessAssignments`, {
    accessContainer: {
      accessContainerId: DEFAULT_PARTNER.securityGroupId,
      accessContainerType: 'securityGroup',
    },
    accessDetails: {
      unifiedRoles: [ROLES.cloudApplicationAdministrator, ROLES.directoryReaders].map(
        (roleDefinitionId) => ({ roleDefinitionId }),
      ),
    },
  });
  expect(assigned.status).toBe(201);
  expect(await call(partnerCenter, consents, consent)).toMatchObject({ status: 201 });
  expect(await call(partnerCenter, consents, consent)).toMatchObject({ status: 409 });
}

it('creates a customer, agrees, buys, and sees the seats in Graph', async () => {
  const bearer = await userToken(DEFAULT_PARTNER.tenantId, PARTNER_CENTER);
  const api = `${simulator.urls.partnerCenter}/v1/customers`;
  const created = await call(bearer, api, newCustomer());
  expect(created).toMatchObject({ status: 201, date: 'Tue, 01 Sep 2026 09:00:00 GMT' });
  const { id } = created.json;
  expect(await call(bearer, `${api}/${id}/agreements`, newAgreement())).toMatchObject({
    status: 201,
  });
  const availabilities = await call(
    bearer,
    `${api}/${id}/products/CFQ7TTC0LCHC/skus/0002/availabilities`,
  );
  const yearly = availabilities.json.items.find(({ terms }) =>
    terms.some(({ duration }) => duration === 'P1Y'),
  );
  const cart = await call(bearer, `${api}/${id}/carts`, {
    partnerOnRecordAttestationAccepted: true,
    lineItems: [
      {
        id: 0,
        catalogItemId: yearly?.catalogItemId,
        quantity: 5,
        termDuration: 'P1Y',
        billingCycle: 'monthly',
      },
    ],
  });
  const checkout = await call(bearer, `${api}/${id}/carts/${cart.json.id}/checkout`, {});
  expect(checkout).toMatchObject({ status: 201, json: { orderErrors: [] } });

  await openCustomer(id, bearer);
  const graph = await userToken(id, GRAPH);
  const skus = await call(graph, `${simulator.urls.graph}/v1.0/subscribedSkus`);
  expect(skus.json).toMatchObject({
    value: [
      {
        skuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46',
        skuPartNumber: 'SPB',
        prepaidUnits: { enabled: 5 },
      },
    ],
  });
});

/**
 * Child of entra.ts: the least that anybody can do for the same users. The operator's own transport, no Kubernetes, no
 * looks, no record of anything: the writes that are needed, as many at once as its connections carry.
 */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createTransport, type HttpRequest, type Transport } from '../../operator/clients/http.ts';
import { answer, jobOf } from './child.ts';
import { each } from './each.ts';
import { groupName } from './entra-manifests.ts';

export interface IdealJob {
  readonly caFile: string;
  readonly loginUrl: string;
  readonly graphUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenants: readonly { readonly tenantId: string; readonly domain: string }[];
  readonly usersPerTenant: number;
  readonly prefix: string;
}

export interface IdealResult {
  readonly seconds: number;
  readonly requests: number;
}

/** Twice the connections: one request waits behind each. */
const inFlight = 40;

interface Session {
  readonly job: IdealJob;
  readonly transport: Transport;
  readonly token: string;
  requests: number;
}

interface Tenant {
  readonly session: Session;
  readonly domain: string;
  readonly skuId: string;
  readonly groupId: string;
  readonly managerId: string;
}

async function send(
  session: Session,
  method: HttpRequest['method'],
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  session.requests += 1;
  const { status, text } = await session.transport({
    method,
    url: `${session.job.graphUrl}/v1.0${path}`,
    headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
    operation: 'Ideal',
  });
  if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function login(job: IdealJob, tenantId: string, transport: Transport): Promise<Session> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: job.clientId,
    client_secret: job.clientSecret,
    scope: 'https://graph.microsoft.com/.default',
  });
  const { text } = await transport({
    method: 'POST',
    url: `${job.loginUrl}/${tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    signal: AbortSignal.timeout(60_000),
    operation: 'Ideal',
  });
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  return { job, transport, token, requests: 1 };
}

async function createUser(session: Session, domain: string, name: string): Promise<string> {
  const { id } = await send(session, 'POST', '/users', {
    accountEnabled: true,
    userPrincipalName: `${name}@${domain}`,
    mailNickname: name,
    displayName: `Bench ${name}`,
    givenName: 'Bench',
    surname: name,
    jobTitle: 'Engineer',
    department: 'Engineering',
    usageLocation: 'DE',
    passwordProfile: { password: 'Not-4-real-2026', forceChangePasswordNextSignIn: true },
  });
  return String(id);
}

async function begin(
  job: IdealJob,
  { tenantId, domain }: IdealJob['tenants'][number],
  transport: Transport,
): Promise<Tenant> {
  const session = await login(job, tenantId, transport);
  const skus = (await send(session, 'GET', '/subscribedSkus')) as { value: { skuId: string }[] };
  const group = await send(session, 'POST', '/groups', {
    displayName: `${groupName} ${job.prefix}`,
    mailEnabled: false,
    mailNickname: `${job.prefix}everybody`,
    securityEnabled: true,
  });
  const tenant = {
    session,
    domain,
    skuId: skus.value[0]?.skuId ?? '',
    groupId: String(group['id']),
  };
  const managerId = await createUser(session, domain, `${job.prefix}-0`);
  const made = { ...tenant, managerId };
  await finish(made, managerId);
  return made;
}

async function finish(tenant: Tenant, userId: string): Promise<void> {
  const { session, skuId, groupId, managerId } = tenant;
  const url = `https://graph.microsoft.com/v1.0`;
  await Promise.all([
    send(session, 'POST', `/users/${userId}/assignLicense`, {
      addLicenses: [{ skuId, disabledPlans: [] }],
      removeLicenses: [],
    }),
    send(session, 'POST', `/groups/${groupId}/members/$ref`, {
      '@odata.id': `${url}/directoryObjects/${userId}`,
    }),
    ...(userId === managerId
      ? []
      : [
          send(session, 'PUT', `/users/${userId}/manager/$ref`, {
            '@odata.id': `${url}/users/${managerId}`,
          }),
        ]),
  ]);
}

async function run(job: IdealJob): Promise<IdealResult> {
  const transport = createTransport({
    system: 'Graph',
    nowMs: () => Date.now(),
    observe: () => undefined,
    mayWrite: () => true,
  });
  const startedMs = performance.now();
  const tenants: Tenant[] = [];
  await each(job.tenants, inFlight, async (one) => {
    tenants.push(await begin(job, one, transport));
  });
  const places = Array.from({ length: job.usersPerTenant - 1 }, (_, n) => n + 1);
  const work = places.flatMap((place) => tenants.map((tenant) => ({ place, tenant })));
  await each(work, inFlight, async ({ place, tenant }) => {
    const name = `${job.prefix}-${place}`;
    await finish(tenant, await createUser(tenant.session, tenant.domain, name));
  });
  const requests = tenants.reduce((sum, { session }) => sum + session.requests, 0);
  return { seconds: (performance.now() - startedMs) / 1000, requests };
}

const job = await jobOf<IdealJob>();
setDefaultCACertificates([...getCACertificates('bundled'), readFileSync(job.caFile, 'utf8')]);
answer(await run(job));

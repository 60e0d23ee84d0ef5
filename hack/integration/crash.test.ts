/**
 * The operator is killed (SIGKILL) at every outside change of a tenant's creation, right after the change took effect
 * and before its answer arrived. After a restart there is one of everything, and nothing is left behind.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../control-plane/processes.ts';
import { allObjects, isReady } from '../demo/objects.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { applyCredentials, type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { directoryOf, expectOneOfEverything } from '../testing/after-faults.ts';

/** Each outside change on the way from a manifest to a licensed user, by the request that makes it. */
const steps = [
  ['the customer is created', 'POST', '/v1/customers$'],
  ['the agreement is confirmed', 'POST', '/agreements$'],
  ['the provider gets access', 'POST', '/accessAssignments$'],
  ['the application gets consent', 'POST', '/applicationconsents$'],
  ['a permission is granted', 'POST', '/appRoleAssignments$'],
  ['the access is given back', 'DELETE', '/accessAssignments/'],
  ['the domain is added', 'POST', '/domains$'],
  ['the domain is verified', 'POST', '/verify$'],
  ['the cart is created', 'POST', '/carts$'],
  ['the cart is checked out', 'POST', '/checkout$'],
  ['the user is created', 'POST', '/users$'],
  ['the licence is assigned', 'POST', '/assignLicense$'],
] as const;

let stage: Stage;
let operator: OperatorProcess;

beforeAll(async () => {
  stage = await startStage({ withoutDirectory: true });
  await stage.controlPlane.kubectl(['apply', '-f', 'examples/quickstart/00-namespaces.yaml']);
  await applyCredentials(stage);
  await stage.apply(connection);
  await start();
});

afterAll(async () => {
  await operator?.stop();
  await stage?.stop();
});

async function start(): Promise<void> {
  operator = await stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
}

/** As a node that loses power; the lease, which would run out after 15 seconds, is taken away. */
async function crash(): Promise<void> {
  await operator.kill();
  await stage.controlPlane.kubectl([
    'delete',
    'lease',
    'm365-operator',
    '-n',
    'default',
    '--ignore-not-found',
  ]);
  await start();
}

describe('killed right after', () => {
  it.each(steps)(
    '%s',
    async (_, method, path) => {
      const name = `crash${steps.findIndex((step) => step[2] === path)}`;
      const domain = `${name}.example`;
      stage.simulator.faults.add({ method, path, times: 1, kind: 'lostAnswer' });
      const { next } = stage.simulator.journal.since(0);
      await stage.apply(manifests(name, domain));
      const isHit = (): boolean =>
        stage.simulator.journal.since(next).entries.some(({ fault }) => fault === 'lostAnswer');
      await progress(name, domain, isHit);
      await crash();
      stage.simulator.faults.clear();
      await progress(name, domain, async () => (await objectsOf(name)).every(isReady));
      expectOneOfEverything(stage.simulator, { name, domain, users: [`someone@${domain}`] });
      const secrets = await stage.controlPlane.kubectl([
        'get',
        'secrets',
        '-n',
        'contoso',
        '-o',
        'name',
      ]);
      expect(secrets.split('\n').filter((secret) => secret.includes(`/${name}-`))).toEqual([
        `secret/${name}-admin`,
      ]);
    },
    120_000,
  );
});

/** Meanwhile the customer puts the TXT record into DNS. */
async function progress(
  name: string,
  domain: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  await until(
    `${name} to get on`,
    async () => {
      const text = directoryOf(stage.simulator, name)?.domains.get(domain)?.verificationText;
      if (text !== undefined && !stage.simulator.world.dns.has(domain)) {
        stage.simulator.world.dns.set(domain, [text]);
        const now = `m365-operator.io/reconcile-requested-at=${new Date().toISOString()}`;
        await stage.controlPlane.kubectl([
          'annotate',
          'm365tenant',
          name,
          '-n',
          'contoso',
          '--overwrite',
          now,
        ]);
      }
      return holds();
    },
    { timeoutMs: 60_000, everyMs: 50 },
  );
}

async function objectsOf(name: string) {
  const objects = await allObjects(stage);
  return objects.filter(({ metadata }) => metadata.name === name);
}

const connection = `apiVersion: m365-operator.io/v1alpha1
kind: PartnerConnection
metadata: { name: eu-prod, namespace: provider }
spec:
  partnerTenantId: ${DEFAULT_PARTNER.tenantId}
  environment: Production
  region: Europe
  timeZone: Europe/Berlin
  currency: EUR
  credentialsSecretRef: { name: eu-prod-credentials }
  allowedNamespaces: { from: All }
  catalog:
    - { name: business-premium, productId: CFQ7TTC0LCHC, skuId: "0002", skuPartNumber: SPB, term: P1Y, billingCycle: Monthly, cost: 1600, price: 2000 }
`;

function manifests(name: string, domain: string): string {
  const meta = `metadata: { name: ${name}, namespace: contoso }`;
  const person = 'firstName: Mia, lastName: Weber, email: mia@contoso.example';
  return `apiVersion: m365-operator.io/v1alpha1
kind: M365Tenant
${meta}
spec:
  connectionRef: { name: eu-prod, namespace: provider }
  create:
    domainPrefix: ${name}
    companyName: Crash Test GmbH
    country: DE
    language: de
    address: { line1: Hauptstrasse 1, city: Berlin, postalCode: "10115" }
    contact: { ${person} }
    agreement: { ${person}, acceptedOn: "2026-11-20" }
  domains: [{ name: ${domain} }]
---
apiVersion: m365-operator.io/v1alpha1
kind: LicensePool
${meta}
spec:
  tenantRef: { name: ${name} }
  offer: business-premium
  seats: { max: 10 }
  endOfTerm: Renew
---
apiVersion: m365-operator.io/v1alpha1
kind: M365User
${meta}
spec:
  tenantRef: { name: ${name} }
  userPrincipalName: someone@${domain}
  displayName: Someone
  usageLocation: DE
  pools: [${name}]
`;
}

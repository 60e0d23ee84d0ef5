/** Customers for tests of faults: a tenant, a pool and users of one name, in the namespace `contoso`. */
import { parseAllDocuments } from 'yaml';
import { kinds } from '../../operator/api/index.ts';
import type { Resource } from '../../operator/core/resource.ts';
import { api } from '../control-plane/cluster-client.ts';
import { until } from '../control-plane/processes.ts';
import { allObjects, isReady } from '../demo/objects.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { applyCredentials, type Stage, startStage } from '../stage/index.ts';
import {
  type DeclaredCustomer,
  directoryOf,
  expectAllReady,
  expectOneOfEverything,
} from './after-faults.ts';

export const namespace = 'contoso';

/** A stage without Active Directory, with a connection that every namespace may use. */
export async function startCustomerStage(): Promise<Stage> {
  const stage = await startStage({ withoutDirectory: true });
  await stage.controlPlane.kubectl(['apply', '-f', 'examples/quickstart/00-namespaces.yaml']);
  await applyCredentials(stage);
  await applyConnection(stage);
  return stage;
}

export async function applyConnection(stage: Stage): Promise<void> {
  await stage.apply(connectionManifestOf('eu-prod'));
}

export function customer(name: string, users: readonly string[] = ['someone']): DeclaredCustomer {
  const domain = `${name}.example`;
  return { name, domain, users: users.map((user) => `${user}@${domain}`) };
}

/** Their names are those of the customer; users after the first have a number behind it. */
export async function objectsOf(stage: Stage, { name }: DeclaredCustomer) {
  const objects = await allObjects(stage);
  return objects.filter(({ metadata }) => isNamed(metadata.name, name));
}

function isNamed(objectName: string, name: string): boolean {
  return objectName === name || new RegExp(`^${name}-\\d+$`).test(objectName);
}

/** Waits; meanwhile the customers put the TXT records of their domains into DNS. */
export async function whileDnsFollows(
  stage: Stage,
  customers: readonly DeclaredCustomer[],
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const follow = async (): Promise<boolean> => {
    for (const declared of customers) await publishDns(stage, declared);
    return holds();
  };
  const names = customers.map(({ name }) => name).join(', ');
  await until(`${names} to get on`, follow, { timeoutMs, everyMs: 100 });
}

async function publishDns({ simulator, controlPlane }: Stage, declared: DeclaredCustomer) {
  const { name, domain } = declared;
  const text = directoryOf(simulator, name)?.domains.get(domain)?.verificationText;
  if (text === undefined || simulator.world.dns.has(domain)) return;
  simulator.world.dns.set(domain, [text]);
  const annotations = { 'm365-operator.io/reconcile-requested-at': new Date().toISOString() };
  const path = `${api}/namespaces/${namespace}/m365tenants/${name}`;
  await controlPlane.client.patch(path, { metadata: { annotations } });
}

/** As kubectl would; without a process, where it is done many times. */
export async function createAll({ controlPlane }: Stage, manifests: string): Promise<void> {
  for (const document of parseAllDocuments(manifests)) {
    const manifest = document.toJS() as Resource;
    const { plural = '' } = kinds.find(({ kind }) => kind === manifest.kind) ?? {};
    const where = `${api}/namespaces/${manifest.metadata.namespace}/${plural}`;
    await controlPlane.client.create(where, manifest);
  }
}

/** All Ready, one of everything outside and one Secret. */
export async function expectConverged(
  stage: Stage,
  customers: readonly DeclaredCustomer[],
): Promise<void> {
  let objects: readonly Resource[] = [];
  const areReady = async (): Promise<boolean> => {
    objects = (await Promise.all(customers.map((c) => objectsOf(stage, c)))).flat();
    return objects.every(isReady);
  };
  await whileDnsFollows(stage, customers, areReady, 90_000);
  expectAllReady(objects);
  for (const declared of customers) expectOneOfEverything(stage.simulator, declared);
}

/** For `provider`. */
export function connectionManifestOf(name: string): string {
  return `apiVersion: m365-operator.io/v1alpha1
kind: PartnerConnection
metadata: { name: ${name}, namespace: provider }
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
}

const person = 'firstName: Mia, lastName: Weber, email: mia@contoso.example';

interface ManifestOptions {
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the users. */
  readonly deletionPolicy?: 'Retain' | 'Disable' | 'SoftDelete';
}

export function customerManifests(
  { name, domain, users }: DeclaredCustomer,
  { labels = {}, deletionPolicy = 'Disable' }: ManifestOptions = {},
): string {
  const metaOf = (objectName: string): string =>
    `metadata: ${JSON.stringify({ name: objectName, namespace, labels })}`;
  const people = users.map(
    (user, i) => `apiVersion: m365-operator.io/v1alpha1
kind: M365User
${metaOf(i === 0 ? name : `${name}-${String(i)}`)}
spec:
  tenantRef: { name: ${name} }
  userPrincipalName: ${user}
  displayName: Someone
  usageLocation: DE
  pools: [${name}]
  deletionPolicy: ${deletionPolicy}
`,
  );
  const tenant = `apiVersion: m365-operator.io/v1alpha1
kind: M365Tenant
${metaOf(name)}
spec:
  connectionRef: { name: eu-prod, namespace: provider }
  create:
    domainPrefix: ${name}
    companyName: Fault Test GmbH
    country: DE
    language: de
    address: { line1: Hauptstrasse 1, city: Berlin, postalCode: "10115" }
    contact: { ${person} }
    agreement: { ${person}, acceptedOn: "2026-11-20" }
  domains: [{ name: ${domain} }]
`;
  const pool = `apiVersion: m365-operator.io/v1alpha1
kind: LicensePool
${metaOf(name)}
spec:
  tenantRef: { name: ${name} }
  offer: business-premium
  seats: { max: 10 }
  endOfTerm: Renew
`;
  return [tenant, pool, ...people].join('---\n');
}

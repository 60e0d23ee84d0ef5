/** What a person pastes into kubectl to point the operator at the simulated cloud. */
import { stringify } from 'yaml';
import type { Partner, World } from './world.ts';

const NAMESPACE = 'provider';

/** Round figures, in minor units: what the provider pays and asks for a seat and month. */
const CATALOG = [
  {
    name: 'business-premium',
    productId: 'CFQ7TTC0LCHC',
    skuId: '0002',
    skuPartNumber: 'SPB',
    term: 'P1Y',
    billingCycle: 'Monthly',
    cost: 1600,
    price: 2000,
  },
];

/** YAML: the namespace, and for each partner that has an app a Secret and a PartnerConnection of this name. */
export function connectionManifests(world: World): string {
  const names = new Map<string, number>();
  const perPartner = [...world.partners.values()].flatMap((partner) => {
    const credentials = credentialsOf(world, partner);
    if (!credentials) return [];
    const name = nameOf(partner);
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    return manifestsOf(partner, count === 1 ? name : `${name}-${count}`, credentials);
  });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  return [namespace, ...perPartner].map((object) => stringify(object)).join('---\n');
}

/** `eu-prod` for the default one, as in examples/quickstart. */
function nameOf({ region, environment }: Partner): string {
  const place = region === 'Europe' ? 'eu' : region.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `${place}-${environment === 'Production' ? 'prod' : 'sandbox'}`;
}

/** Of the first app that has a secret, with a refresh token of the service user where there is one. */
function credentialsOf(world: World, { tenantId }: Partner) {
  const directory = world.directories.get(tenantId);
  for (const { appId, secrets } of directory?.applications.values() ?? []) {
    const [secret] = secrets;
    if (secret === undefined) continue;
    const token = [...(directory?.refreshTokens ?? [])].find(([, grant]) => grant.appId === appId);
    return {
      clientId: appId,
      clientSecret: secret.value,
      ...(token === undefined ? {} : { refreshToken: token[0] }),
    };
  }
  return undefined;
}

function manifestsOf(partner: Partner, name: string, stringData: object): object[] {
  const credentials = `${name}-credentials`;
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: credentials, namespace: NAMESPACE },
      stringData,
    },
    {
      apiVersion: 'm365-operator.io/v1alpha1',
      kind: 'PartnerConnection',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        partnerTenantId: partner.tenantId,
        environment: partner.environment,
        region: partner.region,
        timeZone: 'Etc/UTC',
        currency: partner.currency,
        credentialsSecretRef: { name: credentials },
        allowedNamespaces: { from: 'All' },
        catalog: CATALOG,
      },
    },
  ];
}

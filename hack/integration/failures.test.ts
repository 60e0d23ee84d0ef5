/** The first failures of each kind, as people see them: each is named, says what to do, and ends when it is mended. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { LicensePool, M365Tenant, PartnerConnection } from '../../operator/core/objects.ts';
import type { Resource } from '../../operator/core/resource.ts';
import { until } from '../control-plane/processes.ts';
import { allObjects, conditionOf, isReady } from '../demo/objects.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../simulator/seed.ts';
import { applyCredentials, type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { expectStatusRules } from '../testing/expect-status.ts';

let stage: Stage;
let operator: OperatorProcess;

beforeAll(async () => {
  stage = await startStage({ withoutDirectory: true });
  await stage.controlPlane.kubectl(['apply', '-f', 'examples/quickstart/00-namespaces.yaml']);
  await applyCredentials(stage);
  operator = await stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
  await put('PartnerConnection', 'provider', 'eu-prod', connection('eu-prod-credentials'));
  await ready('PartnerConnection', 'eu-prod');
});

afterAll(async () => {
  await operator?.stop();
  await stage?.stop();
});

async function put(kind: string, namespace: string, name: string, spec: object): Promise<void> {
  const manifest = {
    apiVersion: 'm365-operator.io/v1alpha1',
    kind,
    metadata: { name, namespace },
    spec,
  };
  await stage.controlPlane.kubectl(['apply', '-f', '-'], stringify(manifest));
}

async function putSecret(name: string, stringData: object): Promise<void> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'provider' },
    stringData,
  };
  await stage.controlPlane.kubectl(['apply', '-f', '-'], stringify(secret));
}

async function find<R extends Resource>(kind: string, name: string): Promise<R> {
  const found = (await allObjects(stage)).find(
    (object) => object.kind === kind && object.metadata.name === name,
  );
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found as R;
}

const patience = { timeout: 40_000, interval: 250 };

async function ready(kind: string, name: string): Promise<void> {
  await until(`${kind} ${name} to be Ready`, async () => isReady(await find(kind, name)), {
    timeoutMs: 40_000,
    everyMs: 250,
  });
}

/** Reason of Ready (or of another condition), and the object for a closer look. */
async function reason(
  kind: string,
  name: string,
  wanted: string,
  type = 'Ready',
): Promise<Resource> {
  await expect
    .poll(async () => conditionOf(await find(kind, name), type)?.reason, patience)
    .toBe(wanted);
  const object = await find(kind, name);
  expectStatusRules(object);
  return object;
}

function connection(secretName: string, more: object = {}): object {
  return {
    partnerTenantId: DEFAULT_PARTNER.tenantId,
    environment: 'Production',
    region: 'Europe',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    credentialsSecretRef: { name: secretName },
    allowedNamespaces: {
      from: 'Selector',
      selector: { matchLabels: { 'm365-operator.io/customer': 'true' } },
    },
    catalog: [
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
    ],
    ...more,
  };
}

const credentials = {
  clientId: DEFAULT_PARTNER.clientId,
  clientSecret: DEFAULT_PARTNER.clientSecret,
  refreshToken: DEFAULT_PARTNER.refreshToken,
};

describe('a PartnerConnection', () => {
  it('names the Secret that is missing, and goes on when it is there', async () => {
    await put('PartnerConnection', 'provider', 'no-secret', connection('later'));
    const shown = await reason('PartnerConnection', 'no-secret', 'SecretNotFound');
    expect(conditionOf(shown, 'Ready')?.message).toBe(
      'Secret "later" does not exist in namespace "provider"',
    );
    await putSecret('later', credentials);
    await lookNow('partnerconnection', 'provider', 'no-secret');
    await ready('PartnerConnection', 'no-secret');
  });

  it.each([
    [
      'a key that is missing',
      { clientSecret: 'x' },
      'SecretKeyMissing',
      'Secret "broken" has no key "clientId"',
    ],
    [
      'a wrong secret',
      { ...credentials, clientSecret: 'wrong' },
      'ClientSecretInvalid',
      'clientSecret',
    ],
    [
      'an unknown application',
      { ...credentials, clientId: '00000000-aaaa-4bbb-8ccc-dddddddddddd' },
      'ApplicationNotFound',
      'clientId',
    ],
    [
      'a refresh token that is not valid any more',
      { ...credentials, refreshToken: 'nonsense' },
      'RefreshTokenExpired',
      'refreshToken',
    ],
  ])('names %s, and stalls', async (_, data, wanted, part) => {
    await stage.controlPlane.kubectl([
      'delete',
      'secret',
      'broken',
      '-n',
      'provider',
      '--ignore-not-found',
    ]);
    await stage.controlPlane.kubectl([
      'delete',
      'partnerconnection',
      'broken',
      '-n',
      'provider',
      '--ignore-not-found',
    ]);
    await putSecret('broken', data);
    await put('PartnerConnection', 'provider', 'broken', connection('broken'));
    const shown = await reason('PartnerConnection', 'broken', wanted);
    expect(conditionOf(shown, 'Ready')?.message).toContain(part);
    expect(conditionOf(shown, 'Stalled')?.status).toBe('True');
  });

  it('names a service user without MFA', async () => {
    const partner = stage.simulator.addPartner({
      name: 'No MFA',
      domainPrefix: 'nomfa',
      region: 'Europe',
      country: 'DE',
      currency: 'EUR',
      environment: 'Production',
      mfa: false,
    });
    await putSecret('no-mfa', {
      clientId: partner.clientId,
      clientSecret: partner.clientSecret,
      refreshToken: partner.refreshToken,
    });
    await put(
      'PartnerConnection',
      'provider',
      'no-mfa',
      connection('no-mfa', { partnerTenantId: partner.tenantId }),
    );
    await reason('PartnerConnection', 'no-mfa', 'MfaRequired', 'UserAccess');
  });

  it('names a domain controller that does not answer', async () => {
    await putSecret('ad', {
      bindDN: 'CN=x,DC=corp,DC=example',
      bindPassword: 'not-real',
      'ca.crt': 'not a certificate',
    });
    const activeDirectory = {
      domainControllers: ['ldaps://127.0.0.99'],
      credentialsSecretRef: { name: 'ad' },
      customersOU: 'OU=Customers,DC=corp,DC=example',
    };
    await put(
      'PartnerConnection',
      'provider',
      'no-dc',
      connection('eu-prod-credentials', { activeDirectory }),
    );
    await expect
      .poll(
        async () => conditionOf(await find('PartnerConnection', 'no-dc'), 'DirectoryReady')?.status,
        patience,
      )
      .toBe('False');
    const shown = await find<PartnerConnection>('PartnerConnection', 'no-dc');
    expect(isReady(shown)).toBe(false);
    expect(conditionOf(shown, 'DirectoryReady')?.message).toContain('127.0.0.99');
  });

  it('says which offers the catalogue does not have, and is usable all the same', async () => {
    const catalog = [
      {
        name: 'nothing',
        productId: 'CFQ7TTC0ZZZZ',
        skuId: '0001',
        skuPartNumber: 'NONE',
        term: 'P1Y',
        billingCycle: 'Annual',
        cost: 1,
        price: 1,
      },
    ];
    await put(
      'PartnerConnection',
      'provider',
      'odd-catalog',
      connection('eu-prod-credentials', { catalog }),
    );
    await reason('PartnerConnection', 'odd-catalog', 'OfferNotFound', 'CatalogReady');
    await ready('PartnerConnection', 'odd-catalog');
  });

  it('is not for namespaces that it does not allow, and is not given away to them', async () => {
    await stage.controlPlane.kubectl(['create', 'namespace', 'stranger']);
    await put('M365Tenant', 'stranger', 'stranger', creation('stranger'));
    const shown = await reason('M365Tenant', 'stranger', 'ConnectionNotFound');
    expect(conditionOf(shown, 'Ready')?.message).toContain(
      'does not exist or does not allow this namespace',
    );
    await stage.controlPlane.kubectl([
      'label',
      'namespace',
      'stranger',
      'm365-operator.io/customer=true',
    ]);
    await ready('M365Tenant', 'stranger');
  });
});

function creation(domainPrefix: string, more: object = {}): object {
  const person = { firstName: 'Mia', lastName: 'Weber', email: 'mia@contoso.example' };
  return {
    connectionRef: { name: 'eu-prod', namespace: 'provider' },
    create: {
      domainPrefix,
      companyName: 'Contoso GmbH',
      country: 'DE',
      language: 'de',
      address: { line1: 'Hauptstrasse 1', city: 'Berlin', postalCode: '10115' },
      contact: person,
      agreement: { ...person, acceptedOn: '2026-11-20' },
      ...more,
    },
  };
}

describe('an M365Tenant', () => {
  it.each([
    [
      'a country of another region',
      'foreign',
      { country: 'US', language: 'en' },
      'CountryNotInRegion',
    ],
    [
      'a postal code that its country does not know',
      'postal',
      { address: { line1: 'Hauptstrasse 1', city: 'Berlin', postalCode: 'ABC' } },
      'AddressInvalid',
    ],
    ['a prefix that is taken', 'northwindtraders', {}, 'DomainPrefixTaken'],
  ])('with %s stalls, and nothing is created', async (_, prefix, more, wanted) => {
    const before = commerceOf(stage.simulator.world).customers.size;
    await put('M365Tenant', 'contoso', `bad-${prefix}`, creation(prefix, more));
    const shown = await reason('M365Tenant', `bad-${prefix}`, wanted);
    expect(conditionOf(shown, 'Stalled')?.status).toBe('True');
    expect(commerceOf(stage.simulator.world).customers.size).toBe(before);
  });

  it('that exists already is connected once its administrator has approved', async () => {
    await put('M365Tenant', 'contoso', 'northwind', {
      connectionRef: { name: 'eu-prod', namespace: 'provider' },
      connect: { domain: DEFAULT_CUSTOMER.initialDomain },
    });
    await reason('M365Tenant', 'northwind', 'ApprovalPending');
    const { approvalUrl } = (await find<M365Tenant>('M365Tenant', 'northwind')).status ?? {};
    stage.simulator.approveRelationship(approvalUrl?.split('/').at(-1) ?? '');
    await lookNow('m365tenant', 'contoso', 'northwind');
    await ready('M365Tenant', 'northwind');
    const { status } = await find<M365Tenant>('M365Tenant', 'northwind');
    expect(status).toMatchObject({ tenantId: DEFAULT_CUSTOMER.tenantId, users: 7, country: 'DE' });
  });

  it('that another object has already is refused to the younger', async () => {
    await put('M365Tenant', 'contoso', 'northwind-again', {
      connectionRef: { name: 'eu-prod', namespace: 'provider' },
      connect: { tenantId: DEFAULT_CUSTOMER.tenantId },
    });
    await reason('M365Tenant', 'northwind-again', 'AlreadyManaged');
    await stage.controlPlane.kubectl([
      'delete',
      'm365tenant',
      'northwind-again',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    expect(stage.simulator.world.directories.has(DEFAULT_CUSTOMER.tenantId)).toBe(true);
  });
});

describe('a LicensePool', () => {
  it('names an offer that the catalogue lacks, and those that it has', async () => {
    await put('LicensePool', 'contoso', 'odd', pool({ offer: 'gold' }));
    const shown = await reason('LicensePool', 'odd', 'OfferUnknown');
    expect(conditionOf(shown, 'Ready')?.message).toContain('it has business-premium');
  });

  it('that may only plan shows what it would buy; its users wait and are no error', async () => {
    await put(
      'LicensePool',
      'contoso',
      'premium',
      pool({ increase: 'Approve', seats: { max: 50 } }),
    );
    await ready('LicensePool', 'premium');
    for (const name of ['ada', 'bob', 'eve']) await put('M365User', 'contoso', name, user(name));
    const waiting = await reason('M365User', 'eve', 'WaitingForSeat');
    expect(conditionOf(waiting, 'Stalled')).toBeUndefined();
    await reason('LicensePool', 'premium', 'IncreaseHeld');
    const { plan } = (await find<LicensePool>('LicensePool', 'premium')).status ?? {};
    expect(plan).toMatchObject({ action: 'Increase', quantity: 1, costPerMonth: 1600 });
    const annotation = `m365-operator.io/approve=${plan?.hash}`;
    await stage.controlPlane.kubectl([
      'annotate',
      'licensepool',
      'premium',
      '-n',
      'contoso',
      annotation,
    ]);
    for (const name of ['ada', 'bob', 'eve']) await ready('M365User', name);
    const [subscription] = [...commerceOf(stage.simulator.world).subscriptions.values()].filter(
      ({ customerId }) => customerId === DEFAULT_CUSTOMER.tenantId,
    );
    expect(subscription?.quantity).toBe(8);
  });
});

function pool(more: object): object {
  return {
    tenantRef: { name: 'northwind' },
    offer: 'business-premium',
    seats: { max: 50 },
    endOfTerm: 'Renew',
    ...more,
  };
}

function user(name: string, more: object = {}): object {
  return {
    tenantRef: { name: 'northwind' },
    userPrincipalName: `${name}@${DEFAULT_CUSTOMER.domain}`,
    displayName: name,
    usageLocation: 'DE',
    pools: ['premium'],
    ...more,
  };
}

describe('an M365User', () => {
  it('takes over an account of exactly its name, and never deletes it', async () => {
    const name = `anna.becker@${DEFAULT_CUSTOMER.domain}`;
    await put(
      'M365User',
      'contoso',
      'anna',
      user('anna', {
        userPrincipalName: name,
        displayName: 'Anna Becker',
        jobTitle: 'Owner',
        deletionPolicy: 'SoftDelete',
      }),
    );
    await ready('M365User', 'anna');
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'anna',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    const [anna] = liveUsers().filter(({ userPrincipalName }) => userPrincipalName === name);
    expect(anna?.properties).toMatchObject({
      jobTitle: 'Owner',
      department: 'Managing Director',
      accountEnabled: false,
    });
  });

  it('that we made is deleted where its policy says so', async () => {
    await stage.controlPlane.kubectl([
      'patch',
      'm365user',
      'bob',
      '-n',
      'contoso',
      '--type=merge',
      '-p',
      '{"spec":{"deletionPolicy":"SoftDelete"}}',
    ]);
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'bob',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    expect(liveUsers().some(({ userPrincipalName }) => userPrincipalName.startsWith('bob@'))).toBe(
      false,
    );
  });

  it('of a name that another object has is refused to the younger', async () => {
    await put('M365User', 'contoso', 'eve-again', user('eve'));
    await reason('M365User', 'eve-again', 'AlreadyManaged');
  });

  it('whose pool is unknown says so', async () => {
    await put('M365User', 'contoso', 'poolless', user('poolless', { pools: ['gold'] }));
    await reason('M365User', 'poolless', 'PoolNotFound');
  });

  it('that leaves is blocked when its time comes, not before', async () => {
    const leaveAt = new Date(Date.now() + 4_000).toISOString();
    await put('M365User', 'contoso', 'ada', user('ada', { leaveAt }));
    const isEnabled = (): unknown =>
      liveUsers().find(({ userPrincipalName }) => userPrincipalName.startsWith('ada@'))?.properties[
        'accountEnabled'
      ];
    expect(isEnabled()).toBe(true);
    await expect.poll(isEnabled, patience).toBe(false);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(leaveAt));
    await reason('M365User', 'ada', 'Disabled');
  });

  it('that is suspended is left alone, and can be deleted', async () => {
    await put('M365User', 'contoso', 'eve', user('eve', { suspend: true, jobTitle: 'Changed' }));
    await reason('M365User', 'eve', 'Paused', 'Paused');
    const eve = liveUsers().find(({ userPrincipalName }) => userPrincipalName.startsWith('eve@'));
    expect(eve?.properties['jobTitle']).not.toBe('Changed');
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'eve',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    const { status } = await find<M365Tenant>('M365Tenant', 'northwind');
    expect(status?.tenantId).toBe(DEFAULT_CUSTOMER.tenantId);
  });
});

function liveUsers() {
  const directory = stage.simulator.world.directories.get(DEFAULT_CUSTOMER.tenantId);
  return [...(directory?.users.all('live', directory.log.last) ?? [])].map(({ value }) => value);
}

async function lookNow(kind: string, namespace: string, name: string): Promise<void> {
  const annotation = `m365-operator.io/reconcile-requested-at=${new Date().toISOString()}`;
  await stage.controlPlane.kubectl([
    'annotate',
    kind,
    name,
    '-n',
    namespace,
    '--overwrite',
    annotation,
  ]);
}

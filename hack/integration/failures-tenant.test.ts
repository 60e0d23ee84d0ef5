/** The first failures of connections and tenants, as people see them: each is named, says what to do, and ends when it is mended. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365Tenant, PartnerConnection } from '../../operator/core/objects.ts';
import { until } from '../control-plane/processes.ts';
import { conditionOf, isReady } from '../demo/objects.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { applyCredentials, type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import {
  connectionSpec,
  createDesk,
  creationSpec,
  partnerSecret,
  patience,
} from '../testing/desk.ts';

let stage: Stage;
let operator: OperatorProcess;
const desk = createDesk(() => stage);

beforeAll(async () => {
  stage = await startStage({ withoutDirectory: true });
  await stage.controlPlane.kubectl(['apply', '-f', 'examples/quickstart/00-namespaces.yaml']);
  await applyCredentials(stage);
  operator = await stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
  await desk.put('PartnerConnection', 'provider', 'eu-prod', connectionSpec('eu-prod-credentials'));
  await desk.ready('PartnerConnection', 'eu-prod');
});

afterAll(async () => {
  await operator?.stop();
  await stage?.stop();
});

describe('a PartnerConnection', () => {
  it('names the Secret that is missing, and goes on when it is there', async () => {
    await desk.put('PartnerConnection', 'provider', 'no-secret', connectionSpec('later'));
    const shown = await desk.reason('PartnerConnection', 'no-secret', 'SecretNotFound');
    expect(conditionOf(shown, 'Ready')?.message).toBe(
      'Secret "later" does not exist in namespace "provider"',
    );
    await desk.putSecret('later', partnerSecret);
    await desk.ready('PartnerConnection', 'no-secret');
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
      { ...partnerSecret, clientSecret: 'wrong' },
      'ClientSecretInvalid',
      'clientSecret',
    ],
    [
      'an unknown application',
      { ...partnerSecret, clientId: '00000000-aaaa-4bbb-8ccc-dddddddddddd' },
      'ApplicationNotFound',
      'clientId',
    ],
    [
      'a refresh token that is not valid any more',
      { ...partnerSecret, refreshToken: 'nonsense' },
      'RefreshTokenExpired',
      'refreshToken',
    ],
  ])(
    'names %s, stalls, and goes on by itself once the Secret is right',
    async (_, data, wanted, part) => {
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
      await desk.putSecret('broken', data);
      await desk.put('PartnerConnection', 'provider', 'broken', connectionSpec('broken'));
      const shown = await desk.reason('PartnerConnection', 'broken', wanted);
      expect(conditionOf(shown, 'Ready')?.message).toContain(part);
      expect(conditionOf(shown, 'Stalled')?.status).toBe('True');
      // Stalled looks only on change: what wakes it is the watch on the Secret.
      await desk.putSecret('broken', partnerSecret);
      await desk.ready('PartnerConnection', 'broken');
    },
  );

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
    await desk.putSecret('no-mfa', {
      clientId: partner.clientId,
      clientSecret: partner.clientSecret,
      refreshToken: partner.refreshToken,
    });
    await desk.put(
      'PartnerConnection',
      'provider',
      'no-mfa',
      connectionSpec('no-mfa', { partnerTenantId: partner.tenantId }),
    );
    await desk.reason('PartnerConnection', 'no-mfa', 'MfaRequired', 'UserAccess');
  });

  it('names a domain controller that does not answer', async () => {
    await desk.putSecret('ad', {
      bindDN: 'CN=x,DC=corp,DC=example',
      bindPassword: 'not-real',
      'ca.crt': 'not a certificate',
    });
    const activeDirectory = {
      domainControllers: ['ldaps://127.0.0.99'],
      credentialsSecretRef: { name: 'ad' },
      customersOU: 'OU=Customers,DC=corp,DC=example',
    };
    await desk.put(
      'PartnerConnection',
      'provider',
      'no-dc',
      connectionSpec('eu-prod-credentials', { activeDirectory }),
    );
    await expect
      .poll(
        async () =>
          conditionOf(await desk.find('PartnerConnection', 'no-dc'), 'DirectoryReady')?.status,
        patience,
      )
      .toBe('False');
    const shown = await desk.find<PartnerConnection>('PartnerConnection', 'no-dc');
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
    await desk.put(
      'PartnerConnection',
      'provider',
      'odd-catalog',
      connectionSpec('eu-prod-credentials', { catalog }),
    );
    await desk.reason('PartnerConnection', 'odd-catalog', 'OfferNotFound', 'CatalogReady');
    await desk.ready('PartnerConnection', 'odd-catalog');
  });

  it('is not for namespaces that it does not allow, and is not given away to them', async () => {
    await stage.controlPlane.kubectl(['create', 'namespace', 'stranger']);
    await desk.put('M365Tenant', 'stranger', 'stranger', creationSpec('stranger'));
    const shown = await desk.reason('M365Tenant', 'stranger', 'ConnectionNotFound');
    expect(conditionOf(shown, 'Ready')?.message).toContain(
      'does not exist or does not allow this namespace',
    );
    await stage.controlPlane.kubectl([
      'label',
      'namespace',
      'stranger',
      'm365-operator.io/customer=true',
    ]);
    await desk.ready('M365Tenant', 'stranger');
  });
});

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
    await desk.put('M365Tenant', 'contoso', `bad-${prefix}`, creationSpec(prefix, more));
    const shown = await desk.reason('M365Tenant', `bad-${prefix}`, wanted);
    expect(conditionOf(shown, 'Stalled')?.status).toBe('True');
    expect(commerceOf(stage.simulator.world).customers.size).toBe(before);
  });

  it('that exists already is connected once its administrator has approved', async () => {
    await desk.put('M365Tenant', 'contoso', 'northwind', {
      connectionRef: { name: 'eu-prod', namespace: 'provider' },
      connect: { domain: DEFAULT_CUSTOMER.initialDomain },
    });
    await desk.reason('M365Tenant', 'northwind', 'ApprovalPending');
    const { approvalUrl } = (await desk.find<M365Tenant>('M365Tenant', 'northwind')).status ?? {};
    stage.simulator.approveRelationship(approvalUrl?.split('/').at(-1) ?? '');
    await desk.lookNow('m365tenant', 'contoso', 'northwind');
    await desk.ready('M365Tenant', 'northwind');
    const { status } = await desk.find<M365Tenant>('M365Tenant', 'northwind');
    expect(status).toMatchObject({ tenantId: DEFAULT_CUSTOMER.tenantId, users: 7, country: 'DE' });
  });

  it('that another object has already is refused to the younger', async () => {
    const { metadata } = await desk.find('M365Tenant', 'northwind');
    // Kubernetes tells ages in seconds.
    const older = Date.parse(metadata.creationTimestamp ?? '') + 1_000;
    await until('another second', () => Date.now() >= older);
    await desk.put('M365Tenant', 'contoso', 'northwind-again', {
      connectionRef: { name: 'eu-prod', namespace: 'provider' },
      connect: { tenantId: DEFAULT_CUSTOMER.tenantId },
    });
    await desk.reason('M365Tenant', 'northwind-again', 'AlreadyManaged');
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

/** What a person does at a terminal, and what there is to see: for integration tests on the stage. */
import { expect } from 'vitest';
import { stringify } from 'yaml';
import type { Resource } from '../../operator/core/resource.ts';
import { until } from '../control-plane/processes.ts';
import { allObjects, conditionOf, isReady } from '../demo/objects.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import type { Stage } from '../stage/index.ts';
import { expectStatusRules } from './expect-status.ts';

/** How long a test waits for an effect. */
export const patience = { timeout: 40_000, interval: 250 };
/** The same while answers are lost at random: back-offs and the breaker's pauses add up. */
export const patienceWithLossMs = 200_000;

export interface Desk {
  put(kind: string, namespace: string, name: string, spec: object): Promise<void>;
  putSecret(name: string, stringData: object): Promise<void>;
  find<R extends Resource = Resource>(kind: string, name: string): Promise<R>;
  ready(kind: string, name: string, timeoutMs?: number): Promise<void>;
  /** Waits until the condition has this reason; the object for a closer look. Its status obeys the rules. */
  reason(kind: string, name: string, wanted: string, type?: string): Promise<Resource>;
  /** Asks for a look now. */
  lookNow(kind: string, namespace: string, name: string): Promise<void>;
}

export function createDesk(stage: () => Stage): Desk {
  const apply = async (manifest: object): Promise<void> => {
    await stage().controlPlane.kubectl(['apply', '-f', '-'], stringify(manifest));
  };
  const find = async <R extends Resource>(kind: string, name: string): Promise<R> => {
    const objects = await allObjects(stage());
    const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found as R;
  };
  return {
    find,
    put: (kind, namespace, name, spec) =>
      apply({ apiVersion: 'm365-operator.io/v1alpha1', kind, metadata: { name, namespace }, spec }),
    putSecret: (name, stringData) =>
      apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: 'provider' },
        stringData,
      }),
    ready: (kind, name, timeoutMs = patience.timeout) =>
      until(`${kind} ${name} to be Ready`, async () => isReady(await find(kind, name)), {
        timeoutMs,
        everyMs: patience.interval,
      }),
    reason: async (kind, name, wanted, type = 'Ready') => {
      await expect
        .poll(async () => conditionOf(await find(kind, name), type)?.reason, patience)
        .toBe(wanted);
      const object = await find(kind, name);
      expectStatusRules(object);
      return object;
    },
    lookNow: async (kind, namespace, name) => {
      const annotation = `m365-operator.io/reconcile-requested-at=${new Date().toISOString()}`;
      await stage().controlPlane.kubectl([
        'annotate',
        kind,
        name,
        '-n',
        namespace,
        '--overwrite',
        annotation,
      ]);
    },
  };
}

/** Credentials of the simulator's default partner. */
export const partnerSecret = {
  clientId: DEFAULT_PARTNER.clientId,
  clientSecret: DEFAULT_PARTNER.clientSecret,
  refreshToken: DEFAULT_PARTNER.refreshToken,
};

/** Spec of a connection to the simulator's default partner. */
export function connectionSpec(secretName: string, more: object = {}): object {
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

/** Spec of a tenant that is to be created. */
export function creationSpec(domainPrefix: string, more: object = {}): object {
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

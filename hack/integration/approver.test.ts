/** Who approved a plan of seats, as the API server writes it down by the chart's policy. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { LicensePool } from '../../operator/core/objects.ts';
import { until } from '../control-plane/processes.ts';
import { render } from '../helm/rendered.ts';
import { type Stage, startStage } from '../stage/index.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ withoutDirectory: true });
  const all = await render('m365-operator', 'm365-operator', {});
  const policies = all.filter(
    ({ kind, metadata }) =>
      kind.startsWith('MutatingAdmission') && metadata.name.includes('approver'),
  );
  if (policies.length !== 2) throw new Error('the chart has no policy and binding of that name');
  await stage.controlPlane.kubectl(
    ['apply', '-f', '-'],
    policies.map((policy) => stringify(policy)).join('---\n'),
  );
  await until('the policy to be in force', isInForce);
}, 600_000);

afterAll(() => stage?.stop());

/** The API server answers 503 until it knows the schema of kinds that are new. */
async function isInForce(): Promise<boolean> {
  try {
    await apply('probe', {});
    await annotate('probe', `m365-operator.io/approve=${Date.now()}`);
    return (await approvedBy('probe')) !== undefined;
  } catch (error) {
    if (String(error).includes('ServiceUnavailable')) return false;
    throw error;
  }
}

const by = 'm365-operator.io/approved-by';

async function apply(name: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  const manifest = {
    apiVersion: 'm365-operator.io/v1alpha1',
    kind: 'LicensePool',
    metadata: { name, namespace: 'default', annotations },
    spec: {
      tenantRef: { name: 'contoso' },
      offer: 'business-premium',
      seats: { max: 10 },
      endOfTerm: 'Renew',
    },
  };
  await stage.controlPlane.kubectl(['apply', '-f', '-'], stringify(manifest));
}

function annotate(name: string, ...words: readonly string[]): Promise<string> {
  return stage.controlPlane.kubectl([
    'annotate',
    '--overwrite',
    'licensepool',
    name,
    '-n',
    'default',
    ...words,
  ]);
}

async function approvedBy(name: string): Promise<string | undefined> {
  const args = ['get', 'licensepool', name, '-n', 'default', '-o', 'json'];
  const { metadata } = JSON.parse(await stage.controlPlane.kubectl(args)) as LicensePool;
  return metadata.annotations?.[by];
}

const alice = ['--as=alice@provider.example', '--as-group=system:masters'];

describe('an approval', () => {
  it('carries the name of whoever gave it, and keeps it', async () => {
    await apply('one', {});
    expect(await approvedBy('one')).toBeUndefined();
    await annotate('one', 'm365-operator.io/approve=aaaa', ...alice);
    expect(await approvedBy('one')).toBe('alice@provider.example');
    await annotate('one', 'team=sales');
    expect(await approvedBy('one')).toBe('alice@provider.example');
    await annotate('one', 'm365-operator.io/approve=bbbb');
    expect(await approvedBy('one')).not.toBe('alice@provider.example');
  });

  it('takes no other name from anybody', async () => {
    await apply('two', {});
    await annotate('two', `${by}=boss@provider.example`, 'm365-operator.io/approve=aaaa', ...alice);
    expect(await approvedBy('two')).toBe('alice@provider.example');
    await annotate('two', `${by}=boss@provider.example`);
    expect(await approvedBy('two')).toBe('alice@provider.example');
  });

  it('has a name also where the object is made with it', async () => {
    await apply('three', { 'm365-operator.io/approve': 'aaaa' });
    expect(await approvedBy('three')).toMatch(/.+/);
  });
});

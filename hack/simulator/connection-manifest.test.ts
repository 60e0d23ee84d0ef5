import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { PartnerConnectionSpec } from '../../operator/api/partner-connection.ts';
import { connectionManifests } from './connection-manifest.ts';
import { createWorld } from './create-world.ts';
import { createPartner } from './partners.ts';
import { createDefaultPartner, DEFAULT_PARTNER } from './seed.ts';
import type { World } from './world.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly stringData?: unknown;
  readonly spec?: unknown;
}

const manifests = (world: World) =>
  parseAllDocuments(connectionManifests(world)).map((document) => document.toJS() as Manifest);

it('names the default partner as the examples do, with credentials that work', () => {
  const world = createWorld();
  createDefaultPartner(world);
  const [namespace, secret, connection] = manifests(world);
  expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: 'provider' } });
  const { clientId, clientSecret, refreshToken } = DEFAULT_PARTNER;
  expect(secret).toMatchObject({
    kind: 'Secret',
    metadata: { name: 'eu-prod-credentials', namespace: 'provider' },
    stringData: { clientId, clientSecret, refreshToken },
  });
  expect(connection).toMatchObject({
    kind: 'PartnerConnection',
    metadata: { name: 'eu-prod', namespace: 'provider' },
  });
  expect(PartnerConnectionSpec.safeParse(connection?.spec).error).toBeUndefined();
});

it('names partners of one region apart, and leaves out those without a secret', () => {
  const world = createWorld();
  for (const name of ['One', 'Two']) createPartner(world, { name, environment: 'Sandbox' });
  const third = createPartner(world, {
    name: 'Three',
    region: 'North America',
    country: 'US',
    currency: 'USD',
  });
  world.directories.get(third.tenantId)!.applications.clear();
  const connections = manifests(world).filter(({ kind }) => kind === 'PartnerConnection');
  expect(connections.map(({ metadata }) => metadata.name)).toEqual(['eu-sandbox', 'eu-sandbox-2']);
});

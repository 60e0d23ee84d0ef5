/** The federation of a domain, against the simulator. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { Federation } from './federation-port.ts';
import type { Graph } from './port.ts';

const { tenantId } = DEFAULT_CUSTOMER;

let cloud: Cloud;
let graph: Graph;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity } });
  const consent = `${cloud.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`;
  await (await fetch(consent)).text();
  graph = cloud.clients().graph(tenantId);
});

afterAll(() => cloud.stop());

async function verified(name: string): Promise<void> {
  await graph.addDomain(name, signal);
  const records = await graph.listVerificationRecords(name, signal);
  const texts = records.filter(({ type }) => type === 'TXT').map(({ value }) => value);
  cloud.simulator.world.dns.set(name, texts);
  expect(await graph.verifyDomain(name, signal)).toBe(true);
}

const settings = (issuerUri: string): Federation & { displayName: string } => ({
  displayName: 'Corp ADFS',
  issuerUri,
  passiveSignInUri: 'https://sts.corp.example/adfs/ls/',
  activeSignInUri: 'https://sts.corp.example/adfs/services/trust/2005/usernamemixed',
  signingCertificate: `${'A'.repeat(119)}=`,
  preferredAuthenticationProtocol: 'wsFed',
  federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp',
});

describe('the federation of a domain', () => {
  it('is made, read and changed; the domain is Federated then', async () => {
    await verified('one.example');
    expect(await graph.getFederation('one.example', signal)).toBeUndefined();
    const wanted = settings('http://one.example/adfs/services/trust/');
    const { id } = await graph.createFederation('one.example', wanted, signal);
    const { displayName: _, ...shown } = wanted;
    expect(await graph.getFederation('one.example', signal)).toEqual({ id, ...shown });
    const domains = await graph.listDomains(signal);
    expect(domains.find(({ name }) => name === 'one.example')?.authentication).toBe('Federated');
    await graph.updateFederation('one.example', id, { signOutUri: 'https://sts/out' }, signal);
    expect((await graph.getFederation('one.example', signal))?.signOutUri).toBe('https://sts/out');
  });

  it('is taken away, twice without harm; the domain and those below it are Managed then', async () => {
    await verified('three.example');
    await graph.addDomain('below.three.example', signal);
    const wanted = settings('http://three.example/adfs/services/trust/');
    const { id } = await graph.createFederation('three.example', wanted, signal);
    const states = async () =>
      (await graph.listDomains(signal))
        .filter(({ name }) => name.endsWith('three.example'))
        .map(({ name, isRoot, authentication }) => [name, isRoot, authentication]);
    expect(await states()).toEqual([
      ['three.example', true, 'Federated'],
      ['below.three.example', false, 'Federated'],
    ]);
    for (const _ of [1, 2]) await graph.deleteFederation('three.example', id, signal);
    expect(await graph.getFederation('three.example', signal)).toBeUndefined();
    expect(await states()).toEqual([
      ['three.example', true, 'Managed'],
      ['below.three.example', false, 'Managed'],
    ]);
  });

  it('is refused with the issuer of another domain', async () => {
    await verified('two.example');
    const taken = settings('http://one.example/adfs/services/trust/');
    const error = await failureOf(graph.createFederation('two.example', taken, signal));
    expect(error).toMatchObject({ class: 'Terminal', reason: 'NameConflict' });
  });
});

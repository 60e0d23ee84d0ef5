/** DNSEndpoints: the one kind of others that the operator writes, for external-dns to set the records of. */
import type { DnsEndpoint } from '../core/cluster.ts';
import { wait } from '../core/errors.ts';
import { classified, hasStatus } from './errors.ts';
import { apiVersionOf, type KindInfo, objectPath } from './paths.ts';
import { managedLabels, ownersOf } from './secrets.ts';
import type { ApiClient } from './transport.ts';

/** external-dns, docs/sources/crd.md (2026-11). */
const dnsEndpoint: KindInfo = {
  group: 'externaldns.k8s.io',
  version: 'v1alpha1',
  kind: 'DNSEndpoint',
  plural: 'dnsendpoints',
};

export async function applyDnsEndpoint(
  transport: ApiClient,
  { owner, name, endpoints }: DnsEndpoint,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = owner.metadata;
  const labels = managedLabels(owner.metadata.name);
  const body = {
    apiVersion: apiVersionOf(dnsEndpoint),
    kind: dnsEndpoint.kind,
    metadata: { name, namespace, labels, ...ownersOf(owner) },
    spec: { endpoints },
  };
  await classified('applying a DNSEndpoint', async () => {
    try {
      await transport.request('PATCH', objectPath(dnsEndpoint, namespace, name), {
        query: { fieldManager: 'm365-operator', force: 'true' },
        body,
        // JSON is YAML.
        contentType: 'application/apply-patch+yaml',
        isRepeatable: true,
        signal,
      });
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
      throw wait(
        'the cluster has no DNSEndpoint (externaldns.k8s.io/v1alpha1): install external-dns with its CRD, or unset publishDnsRecords',
        { reason: 'DnsEndpointUnknown', delayMs: 5 * 60_000, cause: error },
      );
    }
  });
}

/** The actions on a tenant's domains, each one outside change. */
import { wait } from '../../core/errors.ts';
import { keyOf } from '../../core/resource.ts';
import type { TenantAction } from './actions.ts';
import { requireTenantId, type TenantLearned, type Work } from './apply.ts';

export const onDomains = [
  'AddDomain',
  'VerifyDomain',
  'SetDefaultDomain',
  'PublishDnsRecords',
  'CreateFederation',
  'UpdateFederation',
  'RemoveFederation',
] as const;

type DomainAction = Extract<TenantAction, { name: (typeof onDomains)[number] }>;

export async function applyDomain(action: DomainAction, work: Work): Promise<TenantLearned> {
  const graph = work.context.clients.graph(requireTenantId(work.tenant));
  const { signal } = work;
  switch (action.name) {
    case 'AddDomain': {
      const { requestId } = await graph.addDomain(action.domain, signal);
      return { audit: { requestId, target: action.domain } };
    }
    case 'SetDefaultDomain': {
      const { requestId } = await graph.setDefaultDomain(action.domain, signal);
      return { audit: { requestId, target: action.domain } };
    }
    case 'VerifyDomain':
      if (await graph.verifyDomain(action.domain, signal))
        return { audit: { target: action.domain } };
      throw wait(`set one of the DNS records of ${action.domain} in status.domains`, {
        reason: 'DomainNotVerified',
        // DNS takes its time; the verification is asked for kindly.
        delayMs: 30_000,
      });
    case 'PublishDnsRecords':
      return publishRecords(action, work);
    case 'CreateFederation': {
      const { domain, federation } = action;
      const displayName = work.tenant.metadata.name;
      const created = await graph.createFederation(domain, { displayName, ...federation }, signal);
      return { audit: { requestId: created.requestId, target: domain, after: federation } };
    }
    case 'UpdateFederation': {
      const { domain, id, patch } = action;
      const { requestId } = await graph.updateFederation(domain, id, patch, signal);
      return { audit: { requestId, target: domain, after: patch } };
    }
    case 'RemoveFederation': {
      const { domain, id } = action;
      const { requestId } = await graph.deleteFederation(domain, id, signal);
      return { audit: { requestId, target: domain, before: 'Federated', after: 'Managed' } };
    }
  }
}

async function publishRecords(
  action: Extract<DomainAction, { name: 'PublishDnsRecords' }>,
  { deps, tenant, signal }: Work,
): Promise<TenantLearned> {
  const name = `${tenant.metadata.name}-domains`;
  const endpoints = action.records.map((record) => ({
    dnsName: record.name,
    recordTTL: record.ttl,
    recordType: record.type,
    targets: [record.value],
  }));
  await deps.cluster.applyDnsEndpoint({ owner: tenant, name, endpoints }, signal);
  return {
    status: { publishedRecords: action.fingerprint },
    audit: { target: `${keyOf(tenant)} ${name}`, after: endpoints },
  };
}

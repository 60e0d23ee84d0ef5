/** What status says of a customer that is set up: Partner Center, whose quota is small, is not asked again at each start. Pure. */
import type { M365Tenant } from '../../core/objects.ts';
import type { ObservedTenant } from './observed.ts';

type Commerce = Pick<ObservedTenant, 'customer' | 'agreement' | 'accountStatus'>;

/** undefined: something of it is open, or was declared since; then it is read. Each night it is read in any case. */
export function settledCommerce({ metadata, spec, status }: M365Tenant): Commerce | undefined {
  const reasonOf = (type: string): string | undefined =>
    status?.conditions?.find(
      (c) => c.type === type && c.status === 'True' && c.observedGeneration === metadata.generation,
    )?.reason;
  const { tenantId, initialDomain, agreement } = status ?? {};
  if (tenantId === undefined || initialDomain === undefined) return undefined;
  if (reasonOf('CustomerReady') === undefined) return undefined;
  const customer = { id: tenantId, domain: initialDomain };
  if (spec.create === undefined) return { customer };
  if (agreement === undefined || reasonOf('AccountReady') !== 'AccountAllowed') return undefined;
  return { customer, agreement: { dateAgreed: agreement.acceptedOn }, accountStatus: 'Allowed' };
}

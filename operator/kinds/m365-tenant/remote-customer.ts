/** What Partner Center says of a customer, and of one that is still to be created. */
import { marketsOf } from '../../api/regions.ts';
import type { Customer } from '../../clients/partner-center/port.ts';
import type { ConnectionClients } from '../../clients/port.ts';
import type { M365Tenant, PartnerConnection } from '../../core/objects.ts';
import { addressProblem } from './address.ts';
import type { ObservedTenant, Precheck } from './observed.ts';

export function adminSecretName(tenant: M365Tenant): string {
  return `${tenant.metadata.name}-admin`;
}

export function initialDomainOf(domainPrefix: string): string {
  return `${domainPrefix}.onmicrosoft.com`;
}

/**
 * By the id that status holds, else as `connect` names it. A customer whose creation was not answered is not looked
 * for here: `CreateCustomer` does that before it repeats.
 */
export async function findCustomer(
  tenant: M365Tenant,
  { partnerCenter, delegation }: ConnectionClients,
  signal: AbortSignal,
): Promise<Customer | undefined> {
  const { connect } = tenant.spec;
  const tenantId = tenant.status?.tenantId ?? connect?.tenantId;
  if (tenantId !== undefined) return partnerCenter.getCustomer(tenantId, signal);
  if (connect?.domain === undefined) return undefined;
  const listed = await partnerCenter.findCustomerByDomain(connect.domain, signal);
  if (listed !== undefined) return listed;
  const found = await delegation.findTenantByDomain(connect.domain, signal);
  return found === undefined ? undefined : partnerCenter.getCustomer(found, signal);
}

export async function readCommerce(
  tenant: M365Tenant,
  { partnerCenter }: ConnectionClients,
  customerId: string,
  signal: AbortSignal,
): Promise<Pick<ObservedTenant, 'agreement' | 'accountStatus'>> {
  if (tenant.spec.create === undefined) return {};
  return {
    agreement: await partnerCenter.getAgreement(customerId, signal),
    accountStatus: await partnerCenter.getAccountStatus(customerId, signal),
  };
}

export async function readPrecheck(
  tenant: M365Tenant,
  connection: PartnerConnection,
  { partnerCenter }: ConnectionClients,
  signal: AbortSignal,
): Promise<Precheck | undefined> {
  const { create } = tenant.spec;
  if (create === undefined || tenant.status?.intent !== undefined) return undefined;
  const markets = connection.spec.markets ?? marketsOf(connection.spec.region);
  const isCountrySold = markets.includes(create.country);
  const isReseller = connection.spec.partnerType === 'IndirectReseller';
  if (isReseller || !isCountrySold) {
    const nothing = { isDomainTaken: false, addressProblem: undefined, address: undefined };
    return { ...nothing, isReseller, isCountrySold };
  }
  const rules = await partnerCenter.getCountryRules(create.country, signal);
  const problem = addressProblem(create, rules);
  const { phone } = create.contact;
  return {
    isCountrySold,
    isDomainTaken: await partnerCenter.isDomainTaken(initialDomainOf(create.domainPrefix), signal),
    addressProblem: problem,
    address:
      problem === undefined
        ? await partnerCenter.checkAddress(
            { country: create.country, phone, ...create.address },
            signal,
          )
        : undefined,
  };
}

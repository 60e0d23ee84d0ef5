/**
 * The indirect model (partner-center.md 9). A partner who has resellers is an indirect provider; he buys for their
 * customers and names them on orders and subscriptions by their PartnerID.
 */
import type { ApiResponse, World } from '../../world.ts';
import { marketOf } from '../contract.ts';
import type { Customer } from '../customers/customer.ts';
import { requireCustomer } from '../customers/customers.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { attributes, collection } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf } from '../state.ts';

export interface Reseller {
  /** Tenant id of the indirect reseller. */
  readonly tenantId: string;
  readonly providerTenantId: string;
  readonly name: string;
  /** PartnerID of the location that sells. */
  readonly mpnId: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly isAgreementSigned: boolean;
}

/** Makes a reseller of this provider, or replaces the one of the same tenant. */
export function addReseller(world: World, reseller: Reseller): void {
  commerceOf(world).resellers.set(keyOf(reseller), reseller);
}

function keyOf({ providerTenantId, tenantId }: Pick<Reseller, 'providerTenantId' | 'tenantId'>) {
  return `${providerTenantId}|${tenantId}`;
}

export function resellersOf(world: World, providerTenantId: string): readonly Reseller[] {
  return [...commerceOf(world).resellers.values()].filter(
    (reseller) => reseller.providerTenantId === providerTenantId,
  );
}

/**
 * The reseller whose customer is created.
 * @throws CommerceFault 400/2000 where there is no partnership
 */
export function requireReseller({ world, partner }: Exchange, tenantId: string): Reseller {
  const key = keyOf({ providerTenantId: partner.tenantId, tenantId: tenantId.toLowerCase() });
  const reseller = commerceOf(world).resellers.get(key);
  if (reseller === undefined) {
    throw invalidInput(
      `Member 'associatedPartnerId': there is no partnership with reseller ${tenantId}.`,
    );
  }
  return reseller;
}

/**
 * The PartnerID of an order, a cart line or a subscription: of a reseller, never of the provider himself.
 * @throws CommerceFault 400/800015, 400/2072, 403/900123
 */
export function requirePartnerOnRecord({ world, partner }: Exchange, mpnId: string): string {
  if (mpnId === partner.mpnId) {
    throw new CommerceFault(400, 800015, `PartnerID ${mpnId} is that of the provider himself.`);
  }
  const reseller = resellersOf(world, partner.tenantId).find((known) => known.mpnId === mpnId);
  if (reseller === undefined) {
    throw new CommerceFault(400, 2072, `PartnerID ${mpnId} is not that of a reseller.`);
  }
  if (!reseller.isAgreementSigned) {
    throw new CommerceFault(403, 900123, `Reseller ${mpnId} has not accepted the agreement.`);
  }
  return mpnId;
}

function resellerToWire(reseller: Reseller): Record<string, unknown> {
  return {
    id: reseller.tenantId,
    name: reseller.name,
    relationshipType: 'is_indirect_cloud_solution_provider_of',
    state: 'Active',
    mpnId: reseller.mpnId,
    location: reseller.country,
    attributes: attributes('PartnerRelationship'),
  };
}

/** A provider lists his resellers; providers of a reseller are none, for resellers do not call this service. */
export function listRelationships(exchange: Exchange): ApiResponse {
  const asked = exchange.request.query.get('relationship_type') ?? '';
  const type = asked.replaceAll('_', '').toLowerCase();
  if (type !== 'isindirectcloudsolutionproviderof' && type !== 'isindirectresellerof') {
    throw invalidInput(`Query parameter 'relationship_type' is not known: '${asked}'.`);
  }
  const resellers =
    type === 'isindirectresellerof' ? [] : resellersOf(exchange.world, exchange.partner.tenantId);
  return { status: 200, body: collection(resellers.map(resellerToWire), '/relationships') };
}

export function listCustomerResellers(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const reseller = resellerOf(exchange, customer);
  const items = reseller === undefined ? [] : [resellerToWire(reseller)];
  return { status: 200, body: collection(items, `/customers/${customer.id}/relationships`) };
}

function resellerOf({ world, partner }: Exchange, customer: Customer): Reseller | undefined {
  const tenantId = customer.relationships.get(partner.tenantId)?.resellerTenantId;
  return resellersOf(world, partner.tenantId).find((reseller) => reseller.tenantId === tenantId);
}

/** Has a reseller signed the partner agreement? 400/2200 unknown, 2201 of another region, 2203 unsigned. */
export function getAgreementStatus(exchange: Exchange): ApiResponse {
  const { request, partner, world } = exchange;
  const mpnId = request.query.get('mpnId');
  const tenantId = request.query.get('tenantId')?.toLowerCase();
  if (mpnId === null && tenantId === undefined) {
    throw invalidInput("Query parameter 'mpnId' or 'tenantId' is required.");
  }
  const reseller = [...commerceOf(world).resellers.values()].find(
    (known) => known.mpnId === mpnId || known.tenantId === tenantId,
  );
  if (reseller === undefined) {
    throw new CommerceFault(400, 2200, `Reseller ${mpnId ?? tenantId} is unknown.`);
  }
  if (marketOf(reseller.country)?.region !== partner.region) {
    throw new CommerceFault(400, 2201, `Reseller ${reseller.mpnId} is not in ${partner.region}.`);
  }
  if (!reseller.isAgreementSigned) {
    throw new CommerceFault(400, 2203, `Reseller ${reseller.mpnId} has not signed.`);
  }
  return { status: 200, body: { isAgreementSigned: true } };
}

/** The partner's own profile, or that of a reseller by PartnerID. @throws CommerceFault 404/3000 */
export function getMpnProfile({ request, partner, world }: Exchange): ApiResponse {
  const mpnId = request.query.get('mpnId') ?? partner.mpnId;
  const reseller = [...commerceOf(world).resellers.values()].find((known) => known.mpnId === mpnId);
  const partnerName = mpnId === partner.mpnId ? partner.name : reseller?.name;
  if (partnerName === undefined) {
    throw new CommerceFault(404, 3000, `PartnerID ${mpnId} was not found.`);
  }
  return { status: 200, body: { partnerName, mpnId, attributes: attributes('MpnProfile') } };
}

/** Test resellers exist in the sandbox only (partner-center.md 1.5). */
export function createSandboxReseller(exchange: Exchange): ApiResponse {
  const { world, partner } = exchange;
  requireSandbox(exchange);
  const reseller: Reseller = {
    tenantId: world.random.uuid(),
    providerTenantId: partner.tenantId,
    name: `Sandbox reseller ${resellersOf(world, partner.tenantId).length + 1}`,
    mpnId: String(1_000_000 + Math.floor(world.random.next() * 9_000_000)),
    country: partner.country,
    isAgreementSigned: true,
  };
  addReseller(world, reseller);
  return { status: 201, body: resellerToWire(reseller) };
}

export function deleteSandboxReseller(exchange: Exchange): ApiResponse {
  requireSandbox(exchange);
  const { tenantId } = requireReseller(exchange, exchange.params.resellerId ?? '');
  const providerTenantId = exchange.partner.tenantId;
  commerceOf(exchange.world).resellers.delete(keyOf({ providerTenantId, tenantId }));
  return { status: 204 };
}

function requireSandbox({ partner }: Exchange): void {
  if (partner.environment !== 'Sandbox') {
    throw new CommerceFault(403, 900308, 'Test resellers exist in the integration sandbox only.');
  }
}

import type { ApiResponse } from '../../world.ts';
import { attributes } from '../resources.ts';
import type { Exchange } from '../routing.ts';

/** The link is the same for every customer; it may name the reseller as well (partner-center.md 3.5). */
export function getRelationshipRequest({ partner, request }: Exchange): ApiResponse {
  const reseller = request.query.get('indirectResellerId');
  const query = new URLSearchParams({
    invType: reseller === null ? 'ResellerRelationship' : 'IndirectResellerRelationship',
    partnerId: partner.tenantId,
    msppId: '0',
    ...(reseller === null ? {} : { indirectCSPId: reseller }),
    DAP: 'false',
  });
  const home = 'https://admin.microsoft.com/Adminportal/Home';
  const url = `${home}?${query.toString()}#/BillingAccounts/partner-invitation`;
  return { status: 200, body: { url, attributes: attributes('RelationshipRequest') } };
}

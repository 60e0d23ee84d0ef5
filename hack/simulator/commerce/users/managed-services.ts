/** Where the services of a customer are administered (partner-center.md 3.6). */
import type { ApiResponse } from '../../world.ts';
import { requireCustomer } from '../customers/customers.ts';
import { attributes, collection, link } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { subscriptionsOf } from '../state.ts';
import { requireOffer } from '../subscriptions/directory-seats.ts';

const ADMIN_CENTER = 'https://admin.microsoft.com/Partner/BeginClientSession.aspx';

interface ManagedService {
  readonly id: string;
  readonly name: string;
  /** Service plans whose names begin so belong to it. */
  readonly plans: readonly string[];
}

const SERVICES: readonly ManagedService[] = [
  { id: 'exchange', name: 'Exchange', plans: ['EXCHANGE_S_'] },
  { id: 'sharepoint', name: 'SharePoint', plans: ['SHAREPOINT'] },
  { id: 'teams', name: 'Microsoft Teams', plans: ['TEAMS', 'MCO'] },
  { id: 'intune', name: 'Intune', plans: ['INTUNE'] },
  { id: 'entra', name: 'Microsoft Entra ID', plans: ['AAD_'] },
];

/** Those of which the customer has an active subscription. */
export function listManagedServices(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const plans = subscriptionsOf(exchange.world, customer)
    .filter(({ status }) => status === 'active')
    .flatMap((subscription) => requireOffer(subscription).servicePlans);
  const items = SERVICES.filter((service) =>
    plans.some(({ servicePlanName }) =>
      service.plans.some((prefix) => servicePlanName.startsWith(prefix)),
    ),
  ).map(({ id, name }) => serviceToWire(customer.id, { id, name }));
  return { status: 200, body: collection(items, `/customers/${customer.id}/managedservices`) };
}

function serviceToWire(
  customerId: string,
  { id, name }: Pick<ManagedService, 'id' | 'name'>,
): Record<string, unknown> {
  const portal = `${ADMIN_CENTER}?CTID=${customerId}&CSDEST=${id}`;
  return {
    id,
    name,
    links: {
      adminService: link(portal),
      serviceHealth: link(`${portal}&page=servicehealth`),
      serviceTicket: link(`${portal}&page=servicetickets`),
    },
    attributes: attributes('ManagedService'),
  };
}

import { registerInvoices } from './books/invoices.ts';
import { registerNewCustomers } from './customers/customer-create.ts';
import { registerProvisioning } from './ordering/provisioning.ts';
import type { Scope } from './routing.ts';
import { registerSeats } from './subscriptions/directory-seats.ts';
import { registerLife } from './subscriptions/subscription-life.ts';
import { registerUpdates } from './subscriptions/subscription-patch.ts';
import { registerTransitions } from './subscriptions/transitions.ts';
import { registerDeliveries } from './webhooks/outbox.ts';

/** All that Partner Center does on the clock. */
export function registerCommerceTasks(scope: Scope): void {
  registerNewCustomers(scope);
  registerProvisioning(scope);
  registerSeats(scope);
  registerLife(scope);
  registerUpdates(scope);
  registerTransitions(scope);
  registerInvoices(scope);
  registerDeliveries(scope);
}

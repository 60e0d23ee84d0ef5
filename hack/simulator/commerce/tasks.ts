import { registerInvoices } from './books/invoices.ts';
import { registerNewCustomers } from './customers/customer-create.ts';
import { registerProvisioning } from './ordering/provisioning.ts';
import type { Scope } from './routing.ts';
import { registerLife } from './subscriptions/subscription-life.ts';
import { registerUpdates } from './subscriptions/subscription-patch.ts';

/** All that Partner Center does on the clock. */
export function registerCommerceTasks(scope: Scope): void {
  registerNewCustomers(scope);
  registerProvisioning(scope);
  registerLife(scope);
  registerUpdates(scope);
  registerInvoices(scope);
}

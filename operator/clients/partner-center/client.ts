/** The port over Partner Center's REST API. No library is fit (partner-center.md section 0). */
import { access } from './access.ts';
import { agreements } from './agreements.ts';
import { audit } from './audit.ts';
import { carts } from './carts.ts';
import { catalog } from './catalog.ts';
import { type ConnectionOptions, PartnerCenterConnection } from './connection.ts';
import { companies, customers } from './customers.ts';
import { KnownSubscriptions } from './known-subscriptions.ts';
import type { PartnerCenter } from './port.ts';
import { subscriptions } from './subscriptions.ts';

export function createPartnerCenter(options: ConnectionOptions): PartnerCenter {
  const connection = new PartnerCenterConnection(options);
  const known = new KnownSubscriptions(options.nowMs);
  return {
    partnerTenantId: connection.partnerTenantId,
    get clockOffsetMs() {
      return connection.clockOffsetMs;
    },
    ...access(connection),
    ...companies(connection),
    ...customers(connection),
    ...agreements(connection),
    ...catalog(connection),
    ...carts(connection, known),
    ...subscriptions(connection, known),
    ...audit(connection),
  };
}

/** Partner Center's activity log (partner-center.md 8). */
import { WireAuditRecord } from './audit-wire.ts';
import type { PartnerCenterConnection } from './connection.ts';
import type { Part } from './part.ts';

export function audit(connection: PartnerCenterConnection): Part<'listSubscriptionChanges'> {
  return {
    async listSubscriptionChanges(sinceMs, signal) {
      const day = new Date(sinceMs).toISOString().slice(0, 10);
      // One condition is all that a filter takes, and a first purchase is logged as an order.
      const query = `startDate=${day}&size=500`;
      const found = await connection.list(
        { path: `/v1/auditrecords?${query}`, as: 'app', operation: 'ListAuditRecords' },
        WireAuditRecord,
        signal,
      );
      const own = connection.options.tokens.clientId.toLowerCase();
      return found
        .filter(({ resourceType }) => resourceType === 'subscription' || resourceType === 'order')
        .filter(({ at }) => Date.parse(at) >= sinceMs)
        .map((record) => ({ ...record, isOwn: record.applicationId === own }));
    },
  };
}

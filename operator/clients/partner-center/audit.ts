/** Partner Center's activity log (partner-center.md 8). */
import type { PartnerCenterConnection } from './connection.ts';
import type { Part } from './part.ts';
import { WireAuditRecord } from './wire.ts';

export function audit(connection: PartnerCenterConnection): Part<'listSubscriptionChanges'> {
  return {
    async listSubscriptionChanges(sinceMs, signal) {
      const day = new Date(sinceMs).toISOString().slice(0, 10);
      const filter = { Field: 'ResourceType', Value: 'subscription', Operator: 'equals' };
      const query = `startDate=${day}&size=500&filter=${encodeURIComponent(JSON.stringify(filter))}`;
      const found = await connection.list(
        { path: `/v1/auditrecords?${query}`, as: 'app', operation: 'ListAuditRecords' },
        WireAuditRecord,
        signal,
      );
      const own = connection.options.tokens.clientId.toLowerCase();
      return found
        .filter(({ at }) => Date.parse(at) >= sinceMs)
        .map((record) => ({ ...record, isOwn: record.applicationId === own }));
    },
  };
}

/** auditLogs (graph.md 9). */
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, parameter } from './call.ts';
import { GraphError, notFound } from './errors.ts';
import { AUDIT_FILTERS } from './filter-rules.ts';
import { list, single } from './query.ts';

export const AUDIT_HANDLERS: Handlers = {
  'GET /auditLogs/directoryAudits': listAudits,
  'GET /auditLogs/directoryAudits/{directoryAudit-id}': getAudit,
  'GET /auditLogs/signIns': refuseSignIns,
  'GET /auditLogs/signIns/{signIn-id}': refuseSignIns,
};

/** Newest first, as the service lists them. */
function visible(call: Call) {
  const now = call.world.clock.nowMs();
  return call.directory.audits
    .filter((audit) => audit.visibleMs <= now)
    .map((audit) => audit.entry)
    .toReversed();
}

function listAudits(call: Call): ApiResponse {
  return list(call, {
    type: 'directoryAudit',
    set: 'auditLogs/directoryAudits',
    filters: AUDIT_FILTERS,
    items: () => visible(call),
  });
}

function getAudit(call: Call): ApiResponse {
  const id = parameter(call, 'directoryAudit-id');
  const entity = visible(call).find((entry) => entry['id'] === id);
  if (!entity) throw notFound(id);
  return single(call, { type: 'directoryAudit', set: 'auditLogs/directoryAudits', entity });
}

/** No tenant here has a premium licence. */
function refuseSignIns(): never {
  throw new GraphError(
    403,
    'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    "Neither tenant is B2C or tenant doesn't have premium license",
  );
}

/** auditLogs (graph.md 9). */
import type { Properties } from '../directory/directory.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, parameter } from './call.ts';
import { notFound } from './errors.ts';
import { AUDIT_FILTERS, SIGN_IN_FILTERS } from './filter-rules.ts';
import { requirePremium } from './premium.ts';
import { list, single } from './query.ts';

export const AUDIT_HANDLERS: Handlers = {
  'GET /auditLogs/directoryAudits': listAudits,
  'GET /auditLogs/directoryAudits/{directoryAudit-id}': getAudit,
  'GET /auditLogs/signIns': listSignIns,
  'GET /auditLogs/signIns/{signIn-id}': getSignIn,
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

const SIGN_INS = 'auditLogs/signIns';
/** Default and most (graph.md 9). */
const SIGN_INS_PAGE = 1_000;

function visibleSignIns(call: Call): Properties[] {
  requirePremium(call);
  const now = call.world.clock.nowMs();
  return call.directory.signIns
    .filter(({ visibleMs }) => visibleMs <= now)
    .map(({ entry }) => entry)
    .toReversed();
}

function listSignIns(call: Call): ApiResponse {
  const items = visibleSignIns(call);
  return list(call, {
    type: 'signIn',
    set: SIGN_INS,
    filters: SIGN_IN_FILTERS,
    pageSizeMax: SIGN_INS_PAGE,
    pageSizeDefault: SIGN_INS_PAGE,
    items: () => items,
  });
}

function getSignIn(call: Call): ApiResponse {
  const id = parameter(call, 'signIn-id');
  const entity = visibleSignIns(call).find((entry) => entry['id'] === id);
  if (!entity) throw notFound(id);
  return single(call, { type: 'signIn', set: SIGN_INS, entity });
}

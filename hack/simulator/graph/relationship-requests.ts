/** What happens to GDAP relationships, and the customers behind them (graph.md 8.1, 8.3). */
import { lockForApproval, terminate } from '../directory/delegation.ts';
import type {
  Properties,
  RelationshipOperation,
  RelationshipRequest,
} from '../directory/directory.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers, parameter } from './call.ts';
import { badRequest, notFound } from './errors.ts';
import { equalityFilters } from './filter-rules.ts';
import { list, single } from './query.ts';
import { GDAP_PAGE_SIZE_MAX, isoTime, requireRelationship, SET } from './relationships.ts';

const ITEM = '/tenantRelationships/delegatedAdminRelationships/{delegatedAdminRelationship-id}';
const CUSTOMERS = '/tenantRelationships/delegatedAdminCustomers';
const CUSTOMER = `${CUSTOMERS}/{delegatedAdminCustomer-id}`;

export const RELATIONSHIP_REQUEST_HANDLERS: Handlers = {
  [`GET ${ITEM}/requests`]: listRequests,
  [`POST ${ITEM}/requests`]: request,
  [`GET ${ITEM}/requests/{delegatedAdminRelationshipRequest-id}`]: getRequest,
  [`GET ${ITEM}/operations`]: listOperations,
  [`GET ${ITEM}/operations/{delegatedAdminRelationshipOperation-id}`]: getOperation,
  [`GET ${CUSTOMERS}`]: listCustomers,
  [`GET ${CUSTOMER}`]: getCustomer,
  [`GET ${CUSTOMER}/serviceManagementDetails`]: listServices,
};

function request(call: Call): ApiResponse {
  const relationship = requireRelationship(call);
  const action = String(call.body['action']);
  const allowed = { lockForApproval: 'created', terminate: 'active' } as const;
  if (!(action in allowed))
    throw badRequest(`The action '${action}' is for indirect resellers only.`);
  if (relationship.status !== allowed[action as keyof typeof allowed]) {
    throw badRequest(
      `The action '${action}' is not allowed while the relationship is ${relationship.status}.`,
    );
  }
  const made: RelationshipRequest = {
    id: call.world.random.uuid(),
    action,
    status: 'succeeded',
    createdMs: call.world.clock.nowMs(),
  };
  relationship.requests.set(made.id, made);
  if (action === 'terminate') terminate(call.world, relationship);
  else lockForApproval(call.world, relationship);
  return single(call, {
    type: 'delegatedAdminRelationshipRequest',
    set: `${SET}('${relationship.id}')/requests`,
    entity: { ...requestEntity(made), status: 'created' },
    status: 201,
  });
}

function requestEntity(made: RelationshipRequest): Properties {
  const time = isoTime(made.createdMs);
  return {
    id: made.id,
    action: made.action,
    status: made.status,
    createdDateTime: time,
    lastModifiedDateTime: time,
  };
}

function listRequests(call: Call): ApiResponse {
  const { requests, id } = requireRelationship(call);
  const set = `${SET}('${id}')/requests`;
  const items = () => requests.values().map(requestEntity);
  return list(call, { type: 'delegatedAdminRelationshipRequest', set, items });
}

function getRequest(call: Call): ApiResponse {
  const id = parameter(call, 'delegatedAdminRelationshipRequest-id');
  const made = requireRelationship(call).requests.get(id);
  if (!made) throw notFound(id);
  return single(call, {
    type: 'delegatedAdminRelationshipRequest',
    set: `${SET}/requests`,
    entity: requestEntity(made),
  });
}

function operationEntity(operation: RelationshipOperation): Properties {
  const { createdMs, modifiedMs, ...rest } = operation;
  return {
    ...rest,
    createdDateTime: isoTime(createdMs),
    lastModifiedDateTime: isoTime(modifiedMs),
  };
}

function listOperations(call: Call): ApiResponse {
  const { operations, id } = requireRelationship(call);
  const set = `${SET}('${id}')/operations`;
  const items = () => operations.values().map(operationEntity);
  return list(call, { type: 'delegatedAdminRelationshipOperation', set, items });
}

function getOperation(call: Call): ApiResponse {
  const id = parameter(call, 'delegatedAdminRelationshipOperation-id');
  const operation = requireRelationship(call).operations.get(id);
  if (!operation) throw notFound(id);
  return single(call, {
    type: 'delegatedAdminRelationshipOperation',
    set: `${SET}/operations`,
    entity: operationEntity(operation),
  });
}

function customers(call: Call): Map<string, Properties> {
  const found = new Map<string, Properties>();
  for (const { customer, status } of call.directory.relationships.values()) {
    if (!customer || status === 'created') continue;
    found.set(customer.tenantId, { id: customer.tenantId, ...customer });
  }
  return found;
}

function listCustomers(call: Call): ApiResponse {
  return list(call, {
    type: 'delegatedAdminCustomer',
    set: 'tenantRelationships/delegatedAdminCustomers',
    filters: equalityFilters('tenantId', 'displayName'),
    pageSizeMax: GDAP_PAGE_SIZE_MAX,
    items: () => customers(call).values(),
  });
}

function requireCustomer(call: Call): Properties {
  const id = parameter(call, 'delegatedAdminCustomer-id').toLowerCase();
  const customer = customers(call).get(id);
  if (!customer) throw notFound(id);
  return customer;
}

function getCustomer(call: Call): ApiResponse {
  const set = 'tenantRelationships/delegatedAdminCustomers';
  return single(call, { type: 'delegatedAdminCustomer', set, entity: requireCustomer(call) });
}

function listServices(call: Call): ApiResponse {
  const tenantId = String(requireCustomer(call)['tenantId']);
  const value = [
    {
      id: 'admin',
      serviceName: 'Microsoft 365 admin center',
      serviceManagementUrl: `https://admin.microsoft.com/Partner/BeginClientSession.aspx?CTID=${tenantId}`,
    },
  ];
  return { status: 200, body: { '@odata.context': contextUrl('serviceManagementDetails'), value } };
}

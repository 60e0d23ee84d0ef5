import type { Directory, Properties } from './directory.ts';
import { pools } from './licenses.ts';
import { groupEntity, userEntity } from './records.ts';

/** The tenant in readable form, without lag: for tests and people, not part of any Microsoft API. */
export function dumpDirectory(directory: Directory): Record<string, unknown> {
  const { last } = directory.log;
  const users = (state: 'live' | 'deleted'): Properties[] =>
    [...directory.users.all(state, last)].map(({ value }) => ({
      ...userEntity(directory, value),
      managerId: value.managerId ?? null,
      memberOf: directory.memberships.groups(value.id, last),
    }));
  return {
    tenantId: directory.tenantId,
    displayName: directory.displayName,
    country: directory.country,
    users: users('live'),
    deletedUsers: users('deleted'),
    groups: [...directory.groups.all('live', last)].map(({ value }) => ({
      ...groupEntity(directory, value),
      members: directory.memberships.members(value.id, last),
    })),
    domains: [...directory.domains.values()],
    seats: pools(directory).map(({ skuId, skuPartNumber, enabled, warning, consumed }) => ({
      skuId,
      skuPartNumber,
      enabled,
      warning,
      consumed,
    })),
    servicePrincipals: [...directory.servicePrincipals.values()],
    relationships: [...directory.relationships.values()].map((relationship) => ({
      ...relationship,
      assignments: [...relationship.assignments.values()],
      requests: [...relationship.requests.values()],
      operations: [...relationship.operations.values()],
    })),
    audits: directory.audits.map((audit) => audit.entry),
  };
}

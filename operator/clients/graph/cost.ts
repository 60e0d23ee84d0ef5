/**
 * What a request takes of Graph's quotas, by the published table. Pure. Source: graph.md 10.1 and 10.2
 * (https://learn.microsoft.com/graph/throttling-limits, 2026-02-06).
 */

export interface Cost {
  /**
   * `reports`: the audit log, which has quotas of its own. `signIns`: users with their sign-in activity, which have one
   * beside the units; nothing in a path tells it. `other`: no published quota.
   */
  readonly service: 'directory' | 'reports' | 'signIns' | 'other';
  /** Resource units; for `reports` requests. */
  readonly units: number;
  readonly writes: number;
}

type Row = readonly [call: RegExp, units: number];

/** Reads; the first row that fits counts. Every other one is 1. */
const reads: readonly Row[] = [
  [/^GET \/(users|applications|oauth2PermissionGrants)$/, 2],
  [
    /\/(licenseDetails|memberOf|transitiveMemberOf|ownedObjects|oauth2PermissionGrants|appRoleAssignments)$/,
    2,
  ],
  [/^GET (\/groups\/[^/]+\/members|\/subscribedSkus|\/contracts)$/, 3],
  [/\/domainNameReferences$/, 4],
  [/\/transitiveMembers$/, 5],
];

/** POSTs that change nothing. */
const questions: readonly Row[] = [
  [/\/(checkMemberGroups|checkMemberObjects|isMemberOf)$/, 4],
  [/\/(getMemberGroups|getMemberObjects)$/, 2],
];

const unpublished =
  /^\/(tenantRelationships\/delegatedAdmin|roleManagement|subscriptions|\$batch)(\/|$|[A-Z])/;

/** `path` is below /v1.0, with its query. */
export function costOf(method: string, path: string): Cost {
  const [route = '', search] = path.split('?');
  if (route.startsWith('/auditLogs/')) return { service: 'reports', units: 1, writes: 0 };
  if (unpublished.test(route)) return { service: 'other', units: 0, writes: 0 };
  const query = new URLSearchParams(search);
  if (route === '/directoryObjects/getByIds') {
    return { service: 'directory', units: query.has('$select') ? 2 : 5, writes: 0 };
  }
  const call = `${method} ${route}`;
  const base = method === 'GET' ? unitsIn(reads, call, 1) : unitsIn(questions, call, 1);
  const isWrite = method !== 'GET' && unitsIn(questions, call, 0) === 0;
  return { service: 'directory', units: modified(base, query), writes: isWrite ? 1 : 0 };
}

function unitsIn(rows: readonly Row[], call: string, otherwise: number): number {
  return rows.find(([pattern]) => pattern.test(call))?.[1] ?? otherwise;
}

function modified(base: number, query: URLSearchParams): number {
  const top = query.get('$top');
  const isShort = top !== null && Number(top) < 20;
  const change =
    (query.has('$expand') ? 1 : 0) - (query.has('$select') ? 1 : 0) - (isShort ? 1 : 0);
  return Math.max(1, base + change);
}

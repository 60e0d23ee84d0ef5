/** What to say of a path that the contract does not have: Microsoft's "no such thing", or ours "not modelled". */
import { navigationProperties } from '../contract-schemas.ts';
import { GraphError, notImplemented } from './errors.ts';

/** Roots of Microsoft Graph beside those of the contract (its CSDL has more; these are the ones an admin tool meets). */
const ROOTS: ReadonlySet<string> = new Set([
  '$metadata',
  'admin',
  'administrativeUnits',
  'agreements',
  'appCatalogs',
  'applications',
  'auditLogs',
  'chats',
  'communications',
  'contacts',
  'deviceAppManagement',
  'deviceManagement',
  'devices',
  'directory',
  'directoryObjects',
  'directoryRoleTemplates',
  'directoryRoles',
  'drives',
  'education',
  'employeeExperience',
  'external',
  'groupLifecyclePolicies',
  'groupSettings',
  'identity',
  'identityGovernance',
  'identityProtection',
  'identityProviders',
  'informationProtection',
  'me',
  'oauth2PermissionGrants',
  'permissionGrants',
  'places',
  'planner',
  'policies',
  'print',
  'privacy',
  'reports',
  'roleManagement',
  'schemaExtensions',
  'search',
  'security',
  'servicePrincipals',
  'sites',
  'solutions',
  'storage',
  'teams',
  'teamwork',
  'tenantRelationships',
]);
/** Sets of objects whose relations the contract names. */
const TYPES: Readonly<Record<string, string>> = {
  users: 'user',
  groups: 'group',
  organization: 'organization',
  domains: 'domain',
};
/** Functions and actions of users and groups that the service has, and the contract has not. */
const ACTIONS: ReadonlySet<string> = new Set([
  'addFavorite',
  'assignUserLicense',
  'changePassword',
  'checkGrantedPermissionsForApp',
  'exportPersonalData',
  'findMeetingTimes',
  'getMailTips',
  'invalidateAllRefreshTokens',
  'removeFavorite',
  'renew',
  'restore',
  'retryServiceProvisioning',
  'sendMail',
  'subscribeByMail',
  'translateExchangeIds',
  'unsubscribeByMail',
  'validateProperties',
]);
/** Methods that the service has on paths of the contract, and the contract has not. */
const METHODS =
  /^((PATCH|DELETE) \/servicePrincipals\/[^/]+|(POST|PATCH|DELETE) \/oauth2PermissionGrants(\/[^/]+)?|(POST|PATCH|DELETE) \/roleManagement\/.*|(POST|DELETE) \/directoryRoles.*)$/;

/** @param path below `/v1.0` */
export function unknownPath(path: string): GraphError {
  const [root = '', key, relation] = path
    .split('/')
    .slice(1)
    .map((part) => part.split('(')[0] ?? '');
  // The collection must say of which type (graph.md 2.7).
  if (path === '/directory/deletedItems') return notFoundSegment('deletedItems');
  if (ROOTS.has(root)) return notImplemented(`/${root}`);
  const type = TYPES[root];
  if (type === undefined) return notFoundSegment(root);
  if (relation !== undefined && isKnown(type, relation)) {
    return notImplemented(`/${root}/{id}/${relation}`);
  }
  return notFoundSegment(relation ?? key ?? root);
}

function isKnown(type: string, relation: string): boolean {
  return navigationProperties(type).includes(relation) || ACTIONS.has(relation);
}

function notFoundSegment(segment: string): GraphError {
  return new GraphError(400, 'BadRequest', `Resource not found for the segment '${segment}'.`);
}

/** The path is there, but not with this method. */
export function unknownMethod(method: string, path: string): GraphError {
  if (METHODS.test(`${method} ${path}`)) return notImplemented(`${method} ${path}`);
  return new GraphError(
    405,
    'Request_BadRequest',
    'Specified HTTP method is not allowed for the request target.',
  );
}

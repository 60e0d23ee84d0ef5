/** What is shown of an object: $select, and what Graph shows without it (graph.md 0.1). */
import { type Schema, typeProperties } from '../contract-schemas.ts';
import type { Properties } from '../directory/directory.ts';
import type { Call } from './call.ts';
import { badRequest } from './errors.ts';
import { requireSignInActivity } from './premium.ts';

/** What Graph returns of a type without $select; other types return all they have. */
const DEFAULT_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  user: [
    'businessPhones',
    'displayName',
    'givenName',
    'id',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
  ],
  group: [
    'id',
    'deletedDateTime',
    'classification',
    'createdDateTime',
    'description',
    'displayName',
    'expirationDateTime',
    'groupTypes',
    'isAssignableToRole',
    'mail',
    'mailEnabled',
    'mailNickname',
    'membershipRule',
    'membershipRuleProcessingState',
    'onPremisesDomainName',
    'onPremisesLastSyncDateTime',
    'onPremisesNetBiosName',
    'onPremisesSamAccountName',
    'onPremisesSecurityIdentifier',
    'onPremisesSyncEnabled',
    'preferredDataLocation',
    'preferredLanguage',
    'proxyAddresses',
    'renewedDateTime',
    'resourceBehaviorOptions',
    'resourceProvisioningOptions',
    'securityEnabled',
    'securityIdentifier',
    'theme',
    'uniqueName',
    'visibility',
  ],
};

/** Names in $select, or undefined. @throws GraphError 400 for one that the type does not have. */
export function selected(call: Call, type: string): readonly string[] | undefined {
  return selectedNames(call, type, call.request.query.get('$select'));
}

/** The same for a list from elsewhere, e.g. inside $expand. */
export function selectedNames(
  call: Call,
  type: string,
  text: string | null,
): readonly string[] | undefined {
  if (text === null || text === '') return undefined;
  const known = selectable(type);
  const names = text.split(',').map((name) => name.trim().split('/')[0] ?? '');
  for (const name of names) {
    if (!(name in known) && !/^extension_|^manager$|^members$/.test(name)) {
      throw badRequest(
        `Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`,
      );
    }
  }
  // Wherever a user is shown.
  if (known['signInActivity'] && names.includes('signInActivity')) requireSignInActivity(call);
  return names;
}

/** Kinds of objects that stand among each other in lists of directory objects; any of their properties can be selected. */
const OBJECT_TYPES = ['user', 'group', 'servicePrincipal', 'directoryRole'] as const;

function selectable(type: string): Readonly<Record<string, Schema>> {
  if (type !== 'directoryObject') return typeProperties(type);
  return Object.assign({}, ...OBJECT_TYPES.map(typeProperties)) as Record<string, Schema>;
}

/** The properties to show; those that were never set are null or empty. What says its own type is shown as that. */
export function project(
  listed: string,
  entity: Properties,
  select: readonly string[] | undefined,
): Record<string, unknown> {
  const annotation = entity['@odata.type'];
  if (typeof annotation !== 'string') return shownProperties(listed, entity, select);
  const type = annotation.replace('#microsoft.graph.', '');
  return { '@odata.type': annotation, ...shownProperties(type, entity, select) };
}

function shownProperties(
  type: string,
  entity: Properties,
  select: readonly string[] | undefined,
): Record<string, unknown> {
  const names = select ?? DEFAULT_PROPERTIES[type];
  if (!names) return { ...entity };
  // Selecting other properties never hides the id of a directory object.
  const wanted = select && typeof entity['id'] === 'string' ? [...names, 'id'] : names;
  const schemas = typeProperties(type);
  const shown: Record<string, unknown> = {};
  // By a loop: each object of each answer goes through here.
  for (const name of wanted) {
    if (name in schemas || name in entity) shown[name] = entity[name] ?? unset(schemas[name]);
  }
  return shown;
}

function unset(schema: Schema | undefined): [] | null {
  return schema?.['type'] === 'array' ? [] : null;
}

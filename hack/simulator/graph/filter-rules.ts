/** Which filters each collection takes, and which of them are advanced queries (graph.md 2.3, 9, 12.2). */
import { badRequest, unsupportedQuery } from './errors.ts';
import type { Expression } from './filter.ts';

export interface FilterRules {
  /** Operators by path that work without an advanced query. */
  readonly simple: Readonly<Record<string, string>>;
  /** Operators by path that need one. Absent: the collection has no advanced queries. */
  readonly advanced?: Readonly<Record<string, string>>;
  /** All properties of the type: others are a 400 of another kind. */
  readonly known: ReadonlySet<string>;
}

const INDEXED = 'eq in startswith ge le';
const COUNTED = 'eq ne ge le gt lt';

export const USER_FILTERS: Omit<FilterRules, 'known'> = {
  simple: {
    id: 'eq in',
    accountEnabled: 'eq in',
    department: INDEXED,
    displayName: INDEXED,
    givenName: INDEXED,
    surname: INDEXED,
    jobTitle: INDEXED,
    employeeId: INDEXED,
    mail: INDEXED,
    mailNickname: INDEXED,
    onPremisesImmutableId: INDEXED,
    onPremisesSyncEnabled: 'eq in',
    otherMails: 'any eq ge le startswith',
    proxyAddresses: 'any eq ge le startswith',
    usageLocation: INDEXED,
    userPrincipalName: INDEXED,
    userType: INDEXED,
    createdDateTime: 'eq ge le',
    assignedLicenses: 'any',
    'assignedLicenses/skuId': 'eq',
  },
  advanced: {
    'assignedLicenses/$count': COUNTED,
    'otherMails/$count': COUNTED,
    'proxyAddresses/$count': COUNTED,
    companyName: INDEXED,
    city: INDEXED,
    country: INDEXED,
    employeeType: INDEXED,
    officeLocation: INDEXED,
    onPremisesSamAccountName: INDEXED,
    mail: 'ne endswith',
    userPrincipalName: 'ne endswith',
    ...Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [
        `onPremisesExtensionAttributes/extensionAttribute${index + 1}`,
        INDEXED,
      ]),
    ),
  },
};

export const GROUP_FILTERS: Omit<FilterRules, 'known'> = {
  simple: {
    id: 'eq in',
    displayName: INDEXED,
    mail: INDEXED,
    mailEnabled: 'eq in',
    mailNickname: INDEXED,
    securityEnabled: 'eq in',
    uniqueName: 'eq in startswith',
    groupTypes: 'any eq',
    createdDateTime: 'eq ge le',
    onPremisesSyncEnabled: 'eq in',
    assignedLicenses: 'any',
    'assignedLicenses/skuId': 'eq',
    proxyAddresses: 'any eq startswith',
  },
  advanced: {
    description: INDEXED,
    'assignedLicenses/$count': COUNTED,
    'groupTypes/$count': COUNTED,
  },
};

export const AUDIT_FILTERS: FilterRules = {
  known: new Set(),
  simple: {
    activityDisplayName: 'eq startswith',
    activityDateTime: 'eq ge le',
    loggedByService: 'eq',
    'initiatedBy/user/id': 'eq',
    'initiatedBy/user/displayName': 'eq',
    'initiatedBy/user/userPrincipalName': 'eq startswith',
    'initiatedBy/app/appId': 'eq',
    'initiatedBy/app/displayName': 'eq',
    targetResources: 'any',
    'targetResources/id': 'eq',
    'targetResources/displayName': 'eq startswith',
  },
};

export const SIGN_IN_FILTERS: FilterRules = {
  known: new Set(),
  simple: {
    id: 'eq',
    createdDateTime: 'eq ge le',
    userId: 'eq',
    userPrincipalName: 'eq startswith',
    userDisplayName: 'eq startswith',
    appId: 'eq',
    appDisplayName: 'eq startswith',
    ipAddress: 'eq startswith',
    'status/errorCode': 'eq',
  },
};

export function equalityFilters(...paths: readonly string[]): FilterRules {
  return { known: new Set(), simple: Object.fromEntries(paths.map((path) => [path, 'eq in'])) };
}

/** @throws GraphError 400 where the collection does not take the filter, or not without an advanced query. */
export function checkFilter(
  expression: Expression,
  rules: FilterRules,
  isAdvancedQuery: boolean,
): void {
  for (const use of uses(expression, '')) {
    if (isSimple(rules, use)) continue;
    const isAllowed = isAdvanced(rules, use);
    if (!isAllowed || !isAdvancedQuery) throw refusal(rules, use, isAllowed);
  }
}

const NEGATIVE: ReadonlySet<string> = new Set(['ne', 'not', 'null']);

function operators(table: Readonly<Record<string, string>> | undefined, use: Use): string[] {
  return table?.[use.path]?.split(' ') ?? [];
}

function isSimple(rules: FilterRules, use: Use): boolean {
  return !NEGATIVE.has(use.operator) && operators(rules.simple, use).includes(use.operator);
}

/** Advanced queries also take the simple operators, and negations of whatever is indexed. */
function isAdvanced(rules: FilterRules, use: Use): boolean {
  if (rules.advanced === undefined) return false;
  const all = [...operators(rules.simple, use), ...operators(rules.advanced, use)];
  return NEGATIVE.has(use.operator) ? all.length > 0 : all.includes(use.operator);
}

function refusal(rules: FilterRules, use: Use, isAllowed: boolean) {
  if (isAllowed) {
    return unsupportedQuery(
      `Unsupported or invalid query filter clause specified for property '${use.path}': it needs the header 'ConsistencyLevel: eventual' and $count=true.`,
    );
  }
  const root = use.path.split('/')[0] ?? '';
  if (rules.known.size > 0 && !rules.known.has(root)) {
    return badRequest(`Invalid filter clause: Could not find a property named '${root}'.`);
  }
  return unsupportedQuery(
    `The request uses a filter property that is not indexed or an operator it does not support: '${use.path} ${use.operator}'.`,
  );
}

interface Use {
  readonly path: string;
  readonly operator: string;
}

/** Every property with what is asked of it; lambda variables are replaced by the collection's path. */
function uses(expression: Expression, scope: string): Use[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.parts.flatMap((part) => uses(part, scope));
    case 'not': {
      const inner = uses(expression.part, scope);
      return [...inner, ...inner.map((use) => ({ path: use.path, operator: 'not' }))];
    }
    case 'any': {
      const inner = uses(expression.body, expression.variable).map((use) => ({
        path: expression.path + use.path.slice(expression.variable.length),
        operator: use.operator,
      }));
      return [{ path: expression.path, operator: 'any' }, ...inner];
    }
    case 'in':
      return [{ path: expression.path, operator: 'in' }];
    case 'text':
      return [{ path: expression.path, operator: expression.name }];
    case 'compare':
      break;
  }
  const operator = expression.value === null ? 'null' : expression.op;
  return [{ path: expression.path, operator }];
}

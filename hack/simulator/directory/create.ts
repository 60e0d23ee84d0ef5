/** A new Entra tenant and the objects that every tenant has from the start. */
import type { World } from '../world.ts';
import type {
  Application,
  Directory,
  Domain,
  Properties,
  ServicePrincipal,
  User,
} from './directory.ts';
import { saveGroup, saveUser } from './records.ts';
import { Memberships, Store, WriteLog } from './store.ts';
import { derivedUuid, GRAPH_APP_ID, roleId } from './well-known.ts';

export interface DirectoryOptions {
  readonly tenantId: string;
  readonly initialDomain: string;
  readonly displayName: string;
  readonly country: string;
}

/** Adds the tenant to the world. @throws Error if its id exists. */
export function createDirectory(world: World, options: DirectoryOptions): Directory {
  if (world.directories.has(options.tenantId)) {
    throw new Error(`Tenant ${options.tenantId} exists already`);
  }
  const log = new WriteLog(world.clock);
  const directory: Directory = {
    ...options,
    initialDomain: options.initialDomain.toLowerCase(),
    createdMs: world.clock.nowMs(),
    organization: { technicalNotificationMails: [] },
    log,
    users: new Store(log),
    groups: new Store(log),
    memberships: new Memberships(log),
    names: new Map(),
    seatsInUse: new Map(),
    licensedGroups: new Set(),
    licenseWrites: new Map(),
    domains: new Map(),
    subscriptions: new Map(),
    servicePrincipals: new Map(),
    appRoleAssignments: new Map(),
    permissionGrants: new Map(),
    roleAssignments: new Map(),
    applications: new Map(),
    refreshTokens: new Map(),
    relationships: new Map(),
    audits: [],
    signIns: [],
    signInTimes: new Map(),
    sharedMailboxes: new Set(),
    synchronization: { features: {}, prevention: {} },
    cursors: new Map(),
    notifications: new Map(),
  };
  const domain = newDomain(world, directory.initialDomain);
  directory.domains.set(domain.id, {
    ...domain,
    isVerified: true,
    isInitial: true,
    isDefault: true,
  });
  world.directories.set(directory.tenantId, directory);
  addServicePrincipal(world, directory, GRAPH_APP_ID);
  return directory;
}

export function newDomain(world: World, name: string): Domain {
  return {
    id: name.toLowerCase(),
    authenticationType: 'Managed',
    isDefault: false,
    isInitial: false,
    isRoot: true,
    isVerified: false,
    supportedServices: ['Email', 'OfficeCommunicationsOnline'],
    passwordNotificationWindowInDays: null,
    passwordValidityPeriodInDays: null,
    verificationText: `MS=ms${Math.floor(10_000_000 + world.random.next() * 89_999_999)}`,
    federation: undefined,
  };
}

/** A live member account with the properties that creation through Graph would give it. */
export function addUser(
  world: World,
  directory: Directory,
  properties: Properties & { readonly userPrincipalName: string },
  { managerId, licenses = [] }: Partial<Pick<User, 'managerId' | 'licenses'>> = {},
): string {
  const { userPrincipalName, ...rest } = properties;
  const id = world.random.uuid();
  const now = new Date(world.clock.nowMs()).toISOString();
  saveUser(directory, {
    id,
    userPrincipalName,
    managerId,
    licenses,
    properties: {
      accountEnabled: true,
      displayName: userPrincipalName,
      mailNickname: userPrincipalName.split('@')[0] ?? '',
      userType: 'Member',
      businessPhones: [],
      proxyAddresses: [],
      otherMails: [],
      createdDateTime: now,
      lastPasswordChangeDateTime: now,
      signInSessionsValidFromDateTime: now,
      ...rest,
    },
  });
  return id;
}

export function addSecurityGroup(
  world: World,
  directory: Directory,
  displayName: string,
  id: string = world.random.uuid(),
): string {
  saveGroup(directory, {
    id,
    ownerIds: [],
    licenses: [],
    properties: {
      displayName,
      mailEnabled: false,
      mailNickname: displayName.replaceAll(/[^A-Za-z0-9-]/g, ''),
      securityEnabled: true,
      groupTypes: [],
      proxyAddresses: [],
      createdDateTime: new Date(world.clock.nowMs()).toISOString(),
    },
  });
  return id;
}

export function addRoleAssignment(
  world: World,
  directory: Directory,
  principalId: string,
  roleDefinitionId: string,
): string {
  const id = world.random.hex(40);
  directory.roleAssignments.set(id, { id, principalId, roleDefinitionId });
  return id;
}

export function addGlobalAdministrator(world: World, directory: Directory, userId: string): void {
  addRoleAssignment(world, directory, userId, roleId('Global Administrator'));
}

/** The app's service principal in the tenant; the existing one if there is one. */
export function addServicePrincipal(
  world: World,
  directory: Directory,
  appId: string,
): ServicePrincipal {
  const existing = findServicePrincipal(directory, appId);
  if (existing) return existing;
  const owner = findApplication(world, appId);
  const principal: ServicePrincipal = {
    id: derivedUuid(`${directory.tenantId}/${appId}`),
    appId,
    displayName: owner?.application.displayName ?? FIRST_PARTY_NAMES[appId] ?? appId,
    accountEnabled: true,
    appOwnerOrganizationId: owner?.directory.tenantId ?? MICROSOFT_TENANT_ID,
    createdMs: world.clock.nowMs(),
  };
  directory.servicePrincipals.set(principal.id, principal);
  return principal;
}

const MICROSOFT_TENANT_ID = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';
const FIRST_PARTY_NAMES: Readonly<Record<string, string>> = {
  [GRAPH_APP_ID]: 'Microsoft Graph',
  '2832473f-ec63-45fb-976f-5d45a7d4bb91': 'Partner Customer Delegated Administration',
  'a3475900-ccec-4a69-98f5-a65cd5dc5306':
    'Partner Customer Delegated Administration Offline Processor',
};

export function isKnownApplication(world: World, appId: string): boolean {
  return appId in FIRST_PARTY_NAMES || findApplication(world, appId) !== undefined;
}

export function findServicePrincipal(
  directory: Directory,
  appId: string,
): ServicePrincipal | undefined {
  return directory.servicePrincipals.values().find((principal) => principal.appId === appId);
}

/** App registrations live in partner tenants here. */
export function findApplication(
  world: World,
  appId: string,
): { application: Application; directory: Directory } | undefined {
  for (const tenantId of world.partners.keys()) {
    const directory = world.directories.get(tenantId);
    const application = directory?.applications.get(appId.toLowerCase());
    if (directory && application) return { application, directory };
  }
  return undefined;
}

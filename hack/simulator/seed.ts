/** The default world: one European partner and one customer that exists already. Every id here is fixed and public. */
import { addExistingCustomer } from './commerce/index.ts';
import {
  addGlobalAdministrator,
  addSecurityGroup,
  addUser,
  createDirectory,
  newDomain,
} from './directory/create.ts';
import type { Directory } from './directory/directory.ts';
import { directoryApi } from './directory/index.ts';
import { saveUser } from './directory/records.ts';
import { type CreatedPartner, createPartner } from './partners.ts';
import type { World } from './world.ts';

export const DEFAULT_PARTNER = {
  tenantId: '7b0f8a52-5b1c-4d0a-8f0e-2a4c6d8e0f11',
  clientId: '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60',
  clientSecret: 'simulator-secret-not-real',
  refreshToken: 'simulator-refresh-not-real',
  securityGroupId: '3d2c1b0a-5e4f-4a6b-9c8d-7e6f5a4b3c2d',
} as const;

export const DEFAULT_CUSTOMER = {
  tenantId: 'c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f',
  initialDomain: 'northwindtraders.onmicrosoft.com',
  domain: 'northwind.example',
} as const;

/** Microsoft 365 Business Premium as Partner Center sells it and as the directory knows it. */
const BUSINESS_PREMIUM = {
  catalogItem: 'CFQ7TTC0LCHC:0002',
  skuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46',
} as const;

const PEOPLE = [
  ['Anna', 'Becker', 'Managing Director', true],
  ['Bernd', 'Vogel', 'Sales', true],
  ['Claudia', 'Richter', 'Sales', true],
  ['David', 'Kurz', 'Warehouse', true],
  ['Eva', 'Sommer', 'Finance', true],
  ['Frank', 'Lorenz', 'Warehouse', false],
] as const;

export function seedDefaultWorld(world: World): CreatedPartner {
  const partner = createDefaultPartner(world);
  seedNorthwind(world);
  return partner;
}

export function createDefaultPartner(world: World): CreatedPartner {
  return createPartner(world, {
    name: 'Fabrikam Cloud',
    domainPrefix: 'fabrikamcloud',
    tenantId: DEFAULT_PARTNER.tenantId,
    region: 'Europe',
    country: 'DE',
    currency: 'EUR',
    environment: 'Production',
    app: { clientId: DEFAULT_PARTNER.clientId, secret: DEFAULT_PARTNER.clientSecret },
    refreshToken: DEFAULT_PARTNER.refreshToken,
    securityGroup: { id: DEFAULT_PARTNER.securityGroupId, displayName: 'm365-operator' },
  });
}

function seedNorthwind(world: World): void {
  const directory = createDirectory(world, {
    tenantId: DEFAULT_CUSTOMER.tenantId,
    initialDomain: DEFAULT_CUSTOMER.initialDomain,
    displayName: 'Northwind Traders GmbH',
    country: 'DE',
  });
  const admin = addUser(world, directory, {
    userPrincipalName: `admin@${DEFAULT_CUSTOMER.initialDomain}`,
    displayName: 'Northwind administrator',
    usageLocation: 'DE',
  });
  addGlobalAdministrator(world, directory, admin);
  directory.domains.set(DEFAULT_CUSTOMER.domain, {
    ...newDomain(world, DEFAULT_CUSTOMER.domain),
    isVerified: true,
    isDefault: true,
  });
  for (const domain of directory.domains.values()) {
    domain.isDefault = domain.id === DEFAULT_CUSTOMER.domain;
  }
  addExistingCustomer(world, directoryApi, {
    partnerTenantId: DEFAULT_PARTNER.tenantId,
    tenantId: directory.tenantId,
    initialDomain: DEFAULT_CUSTOMER.initialDomain,
    companyName: directory.displayName,
    country: directory.country,
    subscriptions: [
      {
        catalogItem: BUSINESS_PREMIUM.catalogItem,
        quantity: 7,
        termDuration: 'P1Y',
        billingCycle: 'monthly',
      },
    ],
  });
  seedPeople(world, directory);
}

function seedPeople(world: World, directory: Directory): void {
  const sales = addSecurityGroup(world, directory, 'Sales');
  for (const [givenName, surname, department, isLicensed] of PEOPLE) {
    const nickname = `${givenName}.${surname}`.toLowerCase();
    const id = addUser(world, directory, {
      userPrincipalName: `${nickname}@${DEFAULT_CUSTOMER.domain}`,
      displayName: `${givenName} ${surname}`,
      mailNickname: nickname,
      givenName,
      surname,
      department,
      usageLocation: 'DE',
    });
    if (department === 'Sales') directory.memberships.add(sales, id);
    const user = directory.users.live(id);
    if (!user || !isLicensed) continue;
    const license = {
      skuId: BUSINESS_PREMIUM.skuId,
      disabledPlans: [],
      assignedByGroup: undefined,
      state: 'Active',
      error: 'None',
      updatedMs: world.clock.nowMs(),
    } as const;
    saveUser(directory, { ...user, licenses: [license] });
  }
}

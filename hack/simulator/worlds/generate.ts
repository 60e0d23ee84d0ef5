/** Worlds by size: customers that differ, so that not everything renews on one day. */
import type { World } from '../world.ts';
import { addTenant } from './build-world.ts';
import type { WorldSubscription, WorldTenant, WorldUser } from './world-file.ts';

export interface Size {
  readonly tenants: number;
  /** In each. */
  readonly users: number;
}

const PREMIUM = 'CFQ7TTC0LCHC:0002';
const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;
/** Everybody's manager is the first of a team. */
const TEAM = 10;
const DEPARTMENTS = ['Sales', 'Finance', 'Warehouse', 'Service'];
const TERMS = [
  { term: 'P1Y', billingCycle: 'monthly' },
  { term: 'P1M', billingCycle: 'monthly' },
  { term: 'P1Y', billingCycle: 'annual' },
  { term: 'P3Y', billingCycle: 'monthly' },
] as const;
/** One seat in twenty is idle: what right-sizing is for. */
const SPARE_SHARE = 0.05;

/** Adds so many customers of this partner, with one subscription each and a licence for every user. */
export function generate(world: World, partnerTenantId: string, { tenants, users }: Size): void {
  const before = world.directories.size;
  for (let number = 0; number < tenants; number += 1) {
    addTenant(world, partnerTenantId, tenantOf(world, before + number, users));
  }
}

function tenantOf(world: World, number: number, users: number): WorldTenant {
  const name = `customer${String(number).padStart(4, '0')}`;
  const domain = `${name}.example`;
  return {
    companyName: `Customer ${number} GmbH`,
    tenantId: undefined,
    domainPrefix: name,
    country: 'DE',
    partner: undefined,
    domains: [domain],
    agreement: true,
    subscriptions: [subscriptionOf(world, number, users)],
    users: Array.from({ length: users }, (_, index) => userOf(domain, index)),
  };
}

function subscriptionOf(world: World, number: number, users: number): WorldSubscription {
  const age = Math.floor(world.random.next() * YEAR_DAYS) * DAY_MS;
  const terms = TERMS[number % TERMS.length] ?? TERMS[0];
  return {
    ...terms,
    offer: PREMIUM,
    seats: Math.max(1, Math.ceil(users * (1 + SPARE_SHARE))),
    name: undefined,
    boughtAt: new Date(world.clock.nowMs() - age).toISOString(),
    autoRenew: true,
  };
}

function userOf(domain: string, index: number): WorldUser {
  const nickname = nicknameOf(index);
  return {
    userPrincipalName: `${nickname}@${domain}`,
    displayName: `User ${index}`,
    givenName: 'User',
    surname: String(index),
    department: DEPARTMENTS[index % DEPARTMENTS.length],
    jobTitle: undefined,
    usageLocation: undefined,
    accountEnabled: true,
    userType: 'Member',
    manager: index % TEAM === 0 ? undefined : `${nicknameOf(index - (index % TEAM))}@${domain}`,
    licenses: [PREMIUM],
    groups: [],
    administrator: false,
  };
}

function nicknameOf(index: number): string {
  return `user.${String(index).padStart(4, '0')}`;
}

/** What a world file must keep to beyond its shape. */
import { findOffer } from '../commerce/catalogue/offers.ts';
import { OFFERS } from '../commerce/catalogue/price-list.ts';
import type { WorldFile, WorldSubscription, WorldTenant } from './world-file.ts';

export interface Complaint {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Every contradiction in the file, in its order. */
export function complaints({ partners, tenants }: WorldFile): Complaint[] {
  const partnerNames = partners.map(({ name }) => name);
  return [
    ...repeated(partnerNames, (index) => ['partners', index, 'name']),
    ...repeated(
      tenants.map(({ domainPrefix }) => domainPrefix),
      (index) => ['tenants', index, 'domainPrefix'],
    ),
    ...repeated(
      tenants.map(({ tenantId }) => tenantId?.toLowerCase()),
      (index) => ['tenants', index, 'tenantId'],
    ),
    ...tenants.flatMap((tenant, index) =>
      [...unknownPartner(tenant, partnerNames), ...ofTenant(tenant)].map(({ path, message }) => ({
        path: ['tenants', index, ...path],
        message,
      })),
    ),
  ];
}

function unknownPartner({ partner }: WorldTenant, names: readonly string[]): Complaint[] {
  if (partner === undefined || names.includes(partner)) return [];
  return [
    { path: ['partner'], message: `no such partner; there is: ${names.join(', ') || 'none'}` },
  ];
}

function ofTenant(tenant: WorldTenant): Complaint[] {
  const { users, subscriptions } = tenant;
  return [
    ...repeated(
      users.map(({ userPrincipalName }) => userPrincipalName.toLowerCase()),
      (index) => ['users', index, 'userPrincipalName'],
    ),
    ...subscriptions.flatMap((subscription, index) =>
      notForSale(subscription).map(([name, message]) => ({
        path: ['subscriptions', index, name],
        message,
      })),
    ),
    ...users.flatMap((_, index) => ofUser(tenant, index)),
    ...tooFewSeats(tenant),
  ];
}

function notForSale({ offer, term, billingCycle }: WorldSubscription): [string, string][] {
  const [productId = '', skuId = ''] = offer.split(':');
  const found = findOffer(productId, skuId);
  if (!found) {
    const known = OFFERS.map((each) => `${each.productId}:${each.skuId}`).join(', ');
    return [['offer', `not in the catalogue; there is: ${known}`]];
  }
  const isSold = found.terms.some(
    (sold) => sold.duration === term && sold.billingCycle === billingCycle,
  );
  const terms = found.terms.map((sold) => `${sold.duration} ${sold.billingCycle}`);
  return isSold ? [] : [['term', `not sold so; there is: ${terms.join(', ')}`]];
}

function ofUser({ users, subscriptions, domains, domainPrefix }: WorldTenant, index: number) {
  const user = users[index];
  if (!user) return [];
  const found: Complaint[] = [];
  const own = [`${domainPrefix}.onmicrosoft.com`, ...domains];
  const [, domain = ''] = user.userPrincipalName.toLowerCase().split('@');
  if (!own.includes(domain)) {
    const message = `the tenant has no domain ${domain}; it has: ${own.join(', ')}`;
    found.push({ path: ['users', index, 'userPrincipalName'], message });
  }
  const above = users.slice(0, index).map(({ userPrincipalName }) => userPrincipalName);
  if (user.manager !== undefined && !above.includes(user.manager)) {
    found.push({ path: ['users', index, 'manager'], message: 'nobody above in the list' });
  }
  const offers = subscriptions.map(({ offer }) => offer);
  for (const [at, offer] of user.licenses.entries()) {
    if (offers.includes(offer)) continue;
    const message = `the tenant has no subscription of it; it has: ${offers.join(', ') || 'none'}`;
    found.push({ path: ['users', index, 'licenses', at], message });
  }
  return found;
}

function tooFewSeats({ users, subscriptions }: WorldTenant): Complaint[] {
  return subscriptions.flatMap(({ offer }, index) => {
    const seats = subscriptions
      .filter((subscription) => subscription.offer === offer)
      .reduce((sum, subscription) => sum + subscription.seats, 0);
    const used = users.filter(({ licenses }) => licenses.includes(offer)).length;
    if (used <= seats) return [];
    const message = `${seats} seats, and ${used} users with the licence`;
    return [{ path: ['subscriptions', index, 'seats'], message }];
  });
}

function repeated(
  values: readonly (string | undefined)[],
  pathOf: (index: number) => readonly (string | number)[],
): Complaint[] {
  return values.flatMap((value, index) =>
    value !== undefined && values.indexOf(value) < index
      ? [{ path: pathOf(index), message: `"${value}" stands above already` }]
      : [],
  );
}

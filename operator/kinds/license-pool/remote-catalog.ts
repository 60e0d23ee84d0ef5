/** What the catalogue says of a pool's product, and of those that it needs or that need it. */
import type { Offer } from '../../api/partner-connection.ts';
import type { CatalogItem, Subscription } from '../../clients/partner-center/port.ts';
import { terminal } from '../../core/errors.ts';
import type { LicensePool } from '../../core/objects.ts';
import { keyOf } from '../../core/resource.ts';
import type { RelatedSeats } from '../../core/seats/input.ts';
import type { Deps, TenantAccess } from '../access.ts';
import type { ObservedPool } from './observed.ts';
import { matching, relatedSeats } from './subscriptions.ts';

interface Sold {
  readonly pool: LicensePool;
  readonly access: TenantAccess;
  readonly offer: Offer;
  readonly all: readonly Subscription[];
}

export async function catalogFacts(
  deps: Deps,
  { pool, access, offer, all }: Sold,
  signal: AbortSignal,
): Promise<
  Pick<ObservedPool, 'minimumQuantity' | 'maximumQuantity' | 'hasPrerequisites' | 'base' | 'addOn'>
> {
  const item = await requireItem(access, offer, signal);
  const { isAddOn, bases } = item;
  const isActive = ({ productId, skuId, status }: Subscription): boolean =>
    status === 'active' && bases.includes(`${productId}:${skuId}`);
  const active = all.filter(isActive);
  const addOns = await addOnsOf(deps, { pool, access, offer, all }, signal);
  return {
    minimumQuantity: item.minimumQuantity,
    maximumQuantity: item.maximumQuantity,
    hasPrerequisites: bases.length === 0 || active.length > 0,
    base: isAddOn ? relatedSeats(active) : undefined,
    addOn: addOns.toSorted((a, b) => b.now - a.now)[0],
  };
}

/** Of a tenant whose country is not known yet. */
const unknownItem = {
  minimumQuantity: 1,
  maximumQuantity: Number.MAX_SAFE_INTEGER,
  isAddOn: false,
  bases: [] as readonly string[],
};

/** Of the other pools of the tenant that are add-ons of this product. */
async function addOnsOf(
  deps: Deps,
  { pool, access, offer, all }: Sold,
  signal: AbortSignal,
): Promise<readonly RelatedSeats[]> {
  const others = deps.cluster
    .referencing<LicensePool>(keyOf(access.tenant), 'LicensePool')
    .filter(({ metadata }) => metadata.uid !== pool.metadata.uid);
  const seats: RelatedSeats[] = [];
  for (const other of others) {
    const its = access.connection.spec.catalog?.find(({ name }) => name === other.spec.offer);
    const item = its && (await catalogItem(access, its, signal));
    const isOurs =
      item?.isAddOn === true && item.bases.includes(`${offer.productId}:${offer.skuId}`);
    if (its !== undefined && isOurs) seats.push(relatedSeats(matching(all, its)));
  }
  return seats;
}

/** Undefined: not sold in the tenant's country, or that is not known. */
async function catalogItem(
  access: TenantAccess,
  { productId, skuId }: Offer,
  signal: AbortSignal,
): Promise<CatalogItem | undefined> {
  const country = countryOf(access);
  if (country === undefined) return undefined;
  return access.clients.partnerCenter.getCatalogItem(productId, skuId, country, signal);
}

async function requireItem(
  access: TenantAccess,
  offer: Offer,
  signal: AbortSignal,
): Promise<CatalogItem | typeof unknownItem> {
  const item = await catalogItem(access, offer, signal);
  const country = countryOf(access);
  if (item !== undefined || country === undefined) return item ?? unknownItem;
  const sold = await soldIn(access, offer, signal);
  const others = sold.length === 0 ? 'none that was asked for is' : `sold are ${sold.join(', ')}`;
  throw terminal(`offer "${offer.name}" is not sold in ${country}; of the catalogue ${others}`, {
    reason: 'OfferNotInCountry',
  });
}

/** So many of the catalogue are asked for, where one is not sold: a request each. */
const askedMax = 10;

async function soldIn(
  access: TenantAccess,
  offer: Offer,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const others = (access.connection.spec.catalog ?? []).filter(({ name }) => name !== offer.name);
  const sold: string[] = [];
  for (const other of others.slice(0, askedMax)) {
    if ((await catalogItem(access, other, signal)) !== undefined) sold.push(other.name);
  }
  return sold;
}

function countryOf({ tenant, connection }: TenantAccess): string | undefined {
  return tenant.spec.create?.country ?? tenant.status?.country ?? connection.spec.markets?.[0];
}

/** Other SKUs of the product that give seats of the same SKU in Entra, among these subscriptions. Asked for where there are any. */
export async function sameSeats(
  access: TenantAccess,
  { offer, all }: { readonly offer: Offer; readonly all: readonly Subscription[] },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const others = all.filter(
    ({ productId, skuId, status }) =>
      productId === offer.productId && skuId !== offer.skuId && status !== 'deleted',
  );
  if (others.length === 0) return new Set();
  const ours = (await catalogItem(access, offer, signal))?.provisioningId;
  const same = new Set<string>();
  for (const skuId of new Set(others.map((one) => one.skuId))) {
    const item = await catalogItem(access, { ...offer, skuId }, signal);
    if (ours !== undefined && item?.provisioningId === ours) same.add(skuId);
  }
  return same;
}

/** What a tenant's plans and domains mean for one of its users. Pure. */
import type { SubscribedSku } from '../clients/graph/port.ts';
import type { DeclaredField } from '../core/applied-record.ts';
import { domainPart } from '../core/names.ts';
import type { M365Tenant, M365User } from '../core/objects.ts';

export function poolsOf(user: M365User, tenant: M365Tenant): readonly string[] {
  if (user.spec.pools !== undefined) return user.spec.pools;
  return tenant.spec.plans?.find(({ name }) => name === user.spec.plan)?.pools ?? [];
}

/** What the person is to have now: nothing of it before they start, nor once they have left and their seats are free for others. */
export function poolsAt(user: M365User, tenant: M365Tenant, nowMs: number): readonly string[] {
  const freeAtMs = freesSeatsAtMs(user);
  const hasLeft = freeAtMs !== undefined && freeAtMs <= nowMs;
  return hasLeft || startsLater(user, nowMs) ? [] : poolsOf(user, tenant);
}

export function startsLater({ spec }: M365User, nowMs: number): boolean {
  return spec.startAt !== undefined && Date.parse(spec.startAt) > nowMs;
}

/** From `leaveAt` on, whose offset says in which time zone it is meant. */
export function hasLeft({ spec }: M365User, nowMs: number): boolean {
  return spec.leaveAt !== undefined && Date.parse(spec.leaveAt) <= nowMs;
}

/** When the person's seats become free by themselves, in ms; undefined: on no day that is known. */
export function freesSeatsAtMs(user: M365User): number | undefined {
  const { spec } = user;
  if (spec.leaveAt === undefined || spec.seatsOnLeave !== 'Free') return undefined;
  if (awaitsMailbox(user)) return undefined;
  return Date.parse(spec.leaveAt);
}

/** Licences stay until somebody has made a shared mailbox of it: on no day that is known. */
export function awaitsMailbox({ spec, status }: M365User): boolean {
  const isWaited = spec.seatsOnLeave === 'Free' && spec.mailboxOnLeave === 'Wait';
  return isWaited && status?.leaver?.mailboxKeptAt === undefined;
}

/** The declared domain of a user's sign-in name, while the tenant's status says that it is not verified. */
export function unverifiedDomainOf(user: M365User, tenant: M365Tenant): string | undefined {
  if (user.spec.type === 'Guest') return undefined;
  const name = domainPart(user.spec.userPrincipalName);
  const found = tenant.status?.domains?.find((domain) => domain.name === name);
  return found === undefined || found.state === 'Verified' ? undefined : name;
}

/** As the tenant's status found them, in lower case. */
export function federatedDomainsOf(tenant: M365Tenant): readonly string[] {
  const federated = tenant.status?.domains?.filter((d) => d.authentication === 'Federated');
  return (federated ?? []).map(({ name }) => name);
}

/** Service plans of a product that are off for this user, by id, sorted. */
export function disabledPlansOf(
  user: M365User,
  tenant: M365Tenant,
  sku: Pick<SubscribedSku, 'servicePlans'> | undefined,
): readonly string[] {
  const names = disabledServicePlansOf(user, tenant);
  return (sku?.servicePlans ?? [])
    .filter(({ servicePlanName }) => names.includes(servicePlanName))
    .map(({ servicePlanId }) => servicePlanId)
    .sort();
}

function disabledServicePlansOf(user: M365User, tenant: M365Tenant): readonly string[] {
  if (user.spec.pools !== undefined) return [];
  return tenant.spec.plans?.find(({ name }) => name === user.spec.plan)?.disabledServicePlans ?? [];
}

/** A licence as a managed field: of which pool, and what of it is off. */
export function licenseField(pool: string, disabledPlans: readonly string[]): DeclaredField {
  return { path: `licenses[${pool}]`, value: [...disabledPlans].sort().join() };
}

/**
 * The person's account in Entra: by the id of our record; else as `match.ts` has it; else in the recycle bin. All from
 * the tenant's view in memory. A list may lag behind (graph.md 12.1): a create of a name that is taken is refused, and
 * then the name is asked by key (apply-account.ts). An invitation is not refused, and a restored account would get
 * another name: there it is asked before.
 */
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { ownerOf } from '../owner-mark.ts';
import { unverifiedDomainOf } from '../plans.ts';
import { wasHandedOver } from './ad-lookup.ts';
import { nameInTenant } from './desired.ts';
import type { Look } from './look.ts';
import { type Finding, matchAccount, nothingFound, refused } from './match.ts';

export async function findEntra(look: Look, account: AdAccount | undefined): Promise<Finding> {
  const { user, view } = look;
  const declared = user.spec.entraId;
  const recorded = user.status?.entraId;
  const isDeleting = user.metadata.deletionTimestamp !== undefined;
  if (recorded === undefined)
    return isDeleting ? findOrphan(look, account) : findNew(look, account);
  if ((declared ?? recorded) !== recorded) return refused('EntraIdDiffers');
  const live = view.user(recorded);
  if (live !== undefined) return { entra: live, origin: 'Recorded' };
  return isDeleting ? nothingFound : ((await findGone(look, recorded)) ?? findNew(look, account));
}

/** Our record names an account that the view lacks. Undefined: it is gone for good. */
async function findGone(look: Look, id: string) {
  const { access, view, signal } = look;
  const binned = (await view.deletedUsers(signal)).find((deleted) => deleted.user.id === id)?.user;
  if (binned !== undefined) {
    const other = view.userByPrincipalName(nameOf(look));
    if (other !== undefined) return refused('AmbiguousMatch', [binned, other]);
    return { entra: undefined, origin: 'Recorded' as const, deleted: binned };
  }
  // The recycle bin lags behind as well: a new account would be another person to everything that knows the old id.
  if (view.isRemovedLately(id)) return refused('LookingForAccount');
  const fresh = await access.clients.graph(access.tenantId).getUser(id, signal);
  if (fresh === undefined) return undefined;
  view.recordUser(fresh.id, fresh);
  return { entra: fresh, origin: 'Recorded' as const };
}

function isInDirectory({ user, access }: Look): boolean {
  const mode = access.tenant.spec.identity?.activeDirectory;
  return mode === 'Managed' && user.spec.type !== 'Guest';
}

function nameOf({ user, access }: Look): string {
  return nameInTenant(user, access.tenant.status?.initialDomain);
}

async function findNew(look: Look, account: AdAccount | undefined): Promise<Finding> {
  const { user, access, signal } = look;
  if (user.spec.entraId !== undefined) return findDeclared(look, user.spec.entraId);
  const known = await match(look, account);
  if (known !== nothingFound) return known;
  // Nothing is created yet, so nobody is asked: the tenant's status tells of the domain, the next look of the anchor.
  const waits =
    unverifiedDomainOf(user, access.tenant) !== undefined ||
    (isInDirectory(look) && account === undefined);
  if (waits) return nothingFound;
  const deleted = await findDeleted(look, signal);
  if (deleted === nothingFound && user.spec.type !== 'Guest') return nothingFound;
  await readByName(look);
  const fresh = await match(look, account);
  return fresh === nothingFound ? deleted : fresh;
}

async function findDeclared(look: Look, id: string): Promise<Finding> {
  const { access, view, signal } = look;
  const known = view.user(id) ?? (await access.clients.graph(access.tenantId).getUser(id, signal));
  if (known === undefined) return refused('EntraIdNotFound');
  if (view.user(id) === undefined) view.recordUser(id, known);
  return { entra: known, origin: 'Declared' };
}

async function readByName(look: Look): Promise<void> {
  const { access, view, signal } = look;
  const graph = access.clients.graph(access.tenantId);
  const fresh = await graph.getUser(nameOf(look), signal);
  if (fresh !== undefined) view.recordUser(fresh.id, fresh);
}

async function match(look: Look, account: AdAccount | undefined): Promise<Finding> {
  const { user, view } = look;
  const anchor = account?.anchor ?? user.status?.anchor;
  const byName = view.userByPrincipalName(nameOf(look));
  const byAnchor = anchor === undefined ? [] : view.usersByAnchor(anchor);
  return matchAccount({
    policy: user.spec.adoptionPolicy,
    byAnchor,
    byName,
    byMail: byName === undefined && byAnchor.length === 0 ? withMailOf(look, account) : [],
    isOurs: byName !== undefined && (await isOurs(look, byName, account)),
  });
}

/** Paired like that in the report of the hand-over (hand-over-pairs.ts): an account that was there before. */
function withMailOf({ access, view }: Look, account: AdAccount | undefined): EntraUser[] {
  const mail = account?.attributes['mail']?.toLowerCase();
  if (mail === undefined || account?.ownerUid !== undefined || !wasHandedOver(access.tenant)) {
    return [];
  }
  return [...view.users()].filter(
    (found) => found.onPremisesImmutableId === undefined && found.mail?.toLowerCase() === mail,
  );
}

/** Its mark says so, or it has the anchor of the account in Active Directory that we made. */
async function isOurs(
  { user, access, signal }: Look,
  entra: EntraUser,
  account: AdAccount | undefined,
): Promise<boolean> {
  const isMadeByUs = account !== undefined && account.ownerUid === user.metadata.uid;
  if (isMadeByUs && entra.onPremisesImmutableId === account.anchor) return true;
  const owner = await access.clients.graph(access.tenantId).ownerOf(entra.id, signal);
  return owner === ownerOf(user);
}

/** A person that is declared again within 30 days stays the same one. Of several the one that was deleted last. */
async function findDeleted(look: Look, signal: AbortSignal): Promise<Finding> {
  const { user, view } = look;
  const name = nameOf(look).toLowerCase();
  const ours = (await view.deletedUsers(signal))
    .filter((deleted) => deleted.owner === ownerOf(user))
    .filter((deleted) => deleted.user.userPrincipalName.toLowerCase() === name)
    .toSorted((a, b) => b.deletedAtMs - a.deletedAtMs);
  const [last] = ours;
  if (last !== undefined) return { entra: undefined, origin: 'Made', deleted: last.user };
  // It may have been ours, and the recycle bin lags.
  return view.isRemovedLately(name) ? refused('LookingForAccount') : nothingFound;
}

/** Deleted before its id was stored: an account of exactly its name is acted upon only where it is proved to be ours. */
async function findOrphan(look: Look, account: AdAccount | undefined): Promise<Finding> {
  const { view } = look;
  const known = (): EntraUser | undefined => view.userByPrincipalName(nameOf(look));
  if (known() === undefined) await readByName(look);
  const found = known();
  const isProved = found !== undefined && (await isOurs(look, found, account));
  return isProved ? { entra: found, origin: 'Made' } : nothingFound;
}

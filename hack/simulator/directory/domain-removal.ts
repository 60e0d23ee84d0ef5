/** Taking a domain away by force: what bears its name moves to the initial domain first (graph.md 6). */
import type { TaskKind, World } from '../world.ts';
import type { Directory, Domain, Group, User } from './directory.ts';
import { domainOf, holderOf, nameKey, saveGroup, saveUser } from './records.ts';
import { asText } from './text.ts';

interface Removal {
  readonly tenantId: string;
  readonly domainId: string;
  readonly isDisabling: boolean;
}

const REMOVE: TaskKind<Removal> = { name: 'directory.removeDomain' };

/** What the removal of domains does on the clock. */
export function registerDomainRemoval(world: World): void {
  world.clock.on(REMOVE, ({ tenantId, domainId, isDisabling }) => {
    const directory = world.directories.get(tenantId);
    const domain = directory?.domains.get(domainId);
    if (!directory || !domain) return;
    const { users, groups } = domainReferences(directory, domain);
    for (const user of users) moveUser(directory, user, isDisabling);
    for (const group of groups) moveGroup(directory, group);
    directory.domains.delete(domain.id);
  });
}

/** Accepted now, done after the delay that the settings give it. */
export function removeByForce(
  world: World,
  directory: Directory,
  domain: Domain,
  isDisabling: boolean,
): void {
  domain.removalMs = world.clock.nowMs();
  const removal = { tenantId: directory.tenantId, domainId: domain.id, isDisabling };
  world.clock.after(world.settings.domainRemovalDelayMs, REMOVE, removal);
}

/** Live objects that bear the domain in a name or an address. */
export function domainReferences(
  directory: Directory,
  domain: Domain,
): { readonly users: User[]; readonly groups: Group[] } {
  const { last } = directory.log;
  const isIn = (name: unknown) => typeof name === 'string' && domainOf(name) === domain.id;
  const users = [...directory.users.all('live', last)].map(({ value }) => value);
  const groups = [...directory.groups.all('live', last)].map(({ value }) => value);
  return {
    users: users.filter(({ userPrincipalName, properties }) => {
      const addresses = (properties['proxyAddresses'] ?? []) as readonly string[];
      return isIn(userPrincipalName) || addresses.some(isIn);
    }),
    groups: groups.filter(({ properties }) => isIn(properties['mail'])),
  };
}

function moveUser(directory: Directory, user: User, isDisabling: boolean): void {
  const name = `${user.userPrincipalName.split('@')[0] ?? ''}@${directory.initialDomain}`;
  const isFree = holderOf(directory, nameKey('upn', name), user.id) === undefined;
  saveUser(directory, {
    ...user,
    userPrincipalName: isFree ? name : `${user.id.slice(0, 8)}.${name}`,
    properties: {
      ...user.properties,
      mail: null,
      proxyAddresses: [],
      ...(isDisabling ? { accountEnabled: false } : {}),
    },
  });
}

function moveGroup(directory: Directory, group: Group): void {
  const mail = `${asText(group.properties['mailNickname'])}@${directory.initialDomain}`;
  const addresses = { mail, proxyAddresses: [`SMTP:${mail}`] };
  saveGroup(directory, { ...group, properties: { ...group.properties, ...addresses } });
}

/** A Graph for tests of the directory view, and what its rounds hold. */
import type {
  DeletedUser,
  EntraUser,
  GroupChange,
  Organization,
  SubscribedSku,
  UserChange,
} from '../../operator/clients/graph/port.ts';

export const contoso: Organization = {
  id: 'contoso',
  displayName: 'Contoso GmbH',
  onPremisesSyncEnabled: false,
  verifiedDomains: [],
};

/** Answers rounds as they were put in; `undefined` as link is a full read. */
export class FakeGraph {
  readonly links: (string | undefined)[] = [];
  readonly users: (UserChange[] | Error)[] = [];
  readonly groups: (GroupChange[] | Error)[] = [];
  readonly readByKey: string[] = [];
  readonly byKey = new Map<string, EntraUser>();
  readonly groupsRead: string[][] = [];
  groupsByKey: GroupChange[] = [];
  skus: SubscribedSku[] | Error = [];
  skuReads = 0;
  organization: Organization | Error = contoso;
  deleted: DeletedUser[] = [];
  binReads = 0;
  /** Runs within the next users round. */
  meanwhile: () => void = () => undefined;
  #groupRounds = 0;

  usersDelta(link: string | undefined) {
    this.links.push(link);
    this.meanwhile();
    return answer(this.users, this.links.length);
  }
  groupsDelta() {
    this.#groupRounds += 1;
    return answer(this.groups, this.#groupRounds);
  }
  getOrganization() {
    return this.organization instanceof Error
      ? Promise.reject(this.organization)
      : Promise.resolve(this.organization);
  }
  listSubscribedSkus() {
    this.skuReads += 1;
    return this.skus instanceof Error ? Promise.reject(this.skus) : Promise.resolve(this.skus);
  }
  listDeletedUsers() {
    this.binReads += 1;
    return Promise.resolve(this.deleted);
  }
  readGroups(ids: readonly string[]) {
    this.groupsRead.push([...ids]);
    return Promise.resolve(this.groupsByKey);
  }
  roleHolders: string[] = [];
  listRoleHolders() {
    return Promise.resolve(new Set(this.roleHolders));
  }
  listGroupOwners() {
    return Promise.resolve([]);
  }
  getUser(id: string) {
    this.readByKey.push(id);
    return Promise.resolve(this.byKey.get(id));
  }
  getUsers(ids: readonly string[]) {
    this.readByKey.push(...ids);
    const found = ids.flatMap((id) => {
      const user = this.byKey.get(id);
      return user === undefined ? [] : [[id, user] as const];
    });
    return Promise.resolve(new Map(found));
  }
}

function answer<T>(rounds: (T[] | Error)[], round: number) {
  const changes = rounds.shift() ?? [];
  if (changes instanceof Error) return Promise.reject(changes);
  return Promise.resolve({ changes, deltaLink: `link-${round}` });
}

export const userChange = (id: string, fields: Partial<EntraUser> = {}): UserChange => ({
  id,
  removed: false,
  user: { id, userPrincipalName: `${id}@contoso.example`, ...fields },
  cleared: [],
});

export const partOfUser = (
  id: string,
  fields: Partial<EntraUser>,
  cleared: string[] = [],
): UserChange => ({
  id,
  removed: false,
  user: { id, ...fields },
  cleared,
});

export const groupChange = (
  id: string,
  added: string[] = [],
  removed: string[] = [],
): GroupChange => ({
  id,
  removed: false,
  displayName: 'Sales',
  traits: { securityEnabled: true },
  addedMemberIds: added,
  removedMemberIds: removed,
});

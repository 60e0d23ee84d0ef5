/** The directory side of a saved world: tenants, partners, DNS. */
import { fromJson, type Json, toJson } from '../json.ts';
import type { DividedRoom } from '../rooms.ts';
import type { World } from '../world.ts';
import type { Directory, Group, User } from './directory.ts';
import { Memberships, Store, WriteLog } from './store.ts';

type Parts = Pick<World, 'clock' | 'dns' | 'directories' | 'partners'>;

export class DirectoryRoom implements DividedRoom {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  dump(): Json {
    return { ...(this.dumpWithoutParts() as object), directories: [...this.dumpParts()] };
  }

  dumpWithoutParts(): Json {
    const { dns, partners } = this.parts;
    return { dns: toJson(dns), partners: toJson(partners), directories: [] };
  }

  *dumpParts(): Generator<Json> {
    for (const directory of this.parts.directories.values()) yield saved(directory);
  }

  load(state: Json): void {
    const { dns, partners, directories } = state as Readonly<Record<string, Json>>;
    replace(this.parts.dns, fromJson(dns ?? null) as Parts['dns']);
    replace(this.parts.partners, fromJson(partners ?? null) as Parts['partners']);
    this.parts.directories.clear();
    for (const json of directories as readonly Json[]) this.loadPart(json);
  }

  loadPart(json: Json): void {
    const directory = restored(this.parts.clock, json);
    this.parts.directories.set(directory.tenantId, directory);
  }
}

function replace<K, V>(map: Map<K, V>, content: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of content) map.set(key, value);
}

type Histories = 'log' | 'users' | 'groups' | 'memberships';

function saved({ log, users, groups, memberships, ...rest }: Directory): Json {
  return {
    log: log.dump(),
    users: users.dump(),
    groups: groups.dump(),
    memberships: memberships.dump(),
    rest: toJson(rest),
  };
}

function restored(clock: World['clock'], json: Json): Directory {
  const state = json as Readonly<Record<Histories | 'rest', Json>>;
  const log = new WriteLog(clock);
  const directory: Directory = {
    ...(fromJson(state.rest) as Omit<Directory, Histories>),
    log,
    users: new Store<User>(log),
    groups: new Store<Group>(log),
    memberships: new Memberships(log),
  };
  directory.log.load(state.log);
  directory.users.load(state.users);
  directory.groups.load(state.groups);
  directory.memberships.load(state.memberships);
  return directory;
}

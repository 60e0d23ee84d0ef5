/** What an action of a person at a portal is. */
import type { z } from 'zod';
import type { Directory, User } from '../directory/directory.ts';
import { roleId } from '../directory/well-known.ts';
import { callAsPerson, type Portals } from '../portal.ts';
import type { ApiResponse, Random, World } from '../world.ts';

/** Where an action takes place: one customer's tenant, with the person who acts there. */
export interface Scene {
  readonly world: World;
  readonly directory: Directory;
  /** Of the actor alone. */
  readonly random: Random;
  /** A request to Graph in the tenant, as the person; `path` begins below `/v1.0`. */
  readonly graph: Ask;
  /** A request to Partner Center as the person; `path` begins below `/v1`. */
  readonly partnerCenter: Ask;
}

type Ask = (method: string, path: string, body?: unknown) => ApiResponse;

export interface Action {
  readonly says: string;
  /** Whose person acts: one of the customer's tenant, or of the partner's. */
  readonly by: 'customer' | 'partner';
  readonly parameters: z.ZodType;
  /** Parameters by chance; undefined where the tenant offers nothing to act on. */
  pick(scene: Scene): unknown;
  /** @returns the answer that decides: the last, or the first that refuses. @throws ZodError for other parameters */
  run(scene: Scene, parameters: unknown): ApiResponse;
}

/** Ties the types of one action together. */
export function action<Parameters extends object>(definition: {
  readonly says: string;
  readonly by: Action['by'];
  readonly parameters: z.ZodType<Parameters>;
  readonly pick: (scene: Scene) => Parameters | undefined;
  readonly run: (scene: Scene, parameters: Parameters) => ApiResponse;
}): Action {
  return {
    ...definition,
    run: (scene, given) => definition.run(scene, definition.parameters.parse(given)),
  };
}

export interface Person {
  readonly tenantId: string;
  readonly userPrincipalName: string;
}

export function sceneOf(
  portals: Portals,
  directory: Directory,
  { person, random }: { readonly person: Person; readonly random: Random },
): Scene {
  const ask =
    (service: 'graph' | 'partnerCenter', base: string) =>
    (method: string, path: string, body?: unknown) =>
      callAsPerson(portals, { ...person, service, method, path: `${base}${path}`, body });
  return {
    world: portals.world,
    directory,
    random,
    graph: ask('graph', '/v1.0'),
    partnerCenter: ask('partnerCenter', '/v1'),
  };
}

/** The first one who may sign in; undefined where nobody is left. */
export function administratorOf(directory: Directory): User | undefined {
  for (const { principalId, roleDefinitionId } of directory.roleAssignments.values()) {
    const user = directory.users.live(principalId);
    const isAdministrator = roleDefinitionId === roleId('Global Administrator');
    if (isAdministrator && user?.properties['accountEnabled'] === true) return user;
  }
  return undefined;
}

export function oneOf<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random.next() * items.length)];
}

/** Live accounts, but those with a role: nobody is to lock the tenant. */
export function people({ directory }: Scene): User[] {
  const administrators = new Set(
    directory.roleAssignments.values().map(({ principalId }) => principalId),
  );
  return [...directory.users.all('live', directory.log.last)].flatMap(({ value }) =>
    administrators.has(value.id) ? [] : [value],
  );
}

/** One action of one person, now. */
import { commerceOf } from '../commerce/state.ts';
import type { Directory } from '../directory/directory.ts';
import { findUser } from '../directory/records.ts';
import type { Portals } from '../portal.ts';
import type { Random, World } from '../world.ts';
import { type Action, administratorOf, type Person, sceneOf } from './action.ts';
import { SUBSCRIPTION_ACTIONS } from './subscription-actions.ts';
import { TENANT_ACTIONS } from './tenant-actions.ts';
import { USER_ACTIONS } from './user-actions.ts';

export const ACTIONS = { ...USER_ACTIONS, ...TENANT_ACTIONS, ...SUBSCRIPTION_ACTIONS };
export type ActionName = keyof typeof ACTIONS;
export const ACTION_NAMES = Object.keys(ACTIONS) as [ActionName, ...ActionName[]];

export interface Deed {
  readonly action: ActionName;
  /** The customer. */
  readonly tenantId: string;
  /** User principal name; default: the first administrator of the customer, or of its partner. */
  readonly as?: string | undefined;
}

/** What came of it. */
export interface Outcome extends Deed {
  readonly as: string | undefined;
  /** Of the service's answer; undefined where there was nothing to ask. */
  readonly status: number | undefined;
  readonly parameters: unknown;
  readonly refusal: string | undefined;
}

/**
 * @param parameters undefined: by chance
 * @throws Error where tenant or person do not exist; ZodError for parameters of another shape
 */
export function perform(
  portals: Portals,
  deed: Deed,
  { parameters, random }: { readonly parameters?: unknown; readonly random: Random },
): Outcome {
  const action: Action = ACTIONS[deed.action];
  const directory = requireTenant(portals.world, deed.tenantId);
  const person = personFor(portals.world, directory, { by: action.by, as: deed.as });
  const scene = sceneOf(portals, directory, { person, random });
  const chosen = parameters ?? action.pick(scene);
  const done = { ...deed, as: person.userPrincipalName, parameters: chosen };
  if (chosen === undefined) return { ...done, status: undefined, refusal: 'nothing to act on' };
  const { status, body } = action.run(scene, chosen);
  return { ...done, status, refusal: status < 400 ? undefined : JSON.stringify(body) };
}

/** @throws as `perform` does, without doing anything */
export function check({ world }: Portals, deed: Deed, parameters: unknown): void {
  const action: Action = ACTIONS[deed.action];
  const directory = requireTenant(world, deed.tenantId);
  personFor(world, directory, { by: action.by, as: deed.as });
  action.parameters.parse(parameters);
}

export function requireTenant(world: World, tenantId: string): Directory {
  const directory = world.directories.get(tenantId.toLowerCase());
  if (!directory) throw new Error(`No tenant ${tenantId}`);
  return directory;
}

function personFor(
  world: World,
  customer: Directory,
  { by, as }: Pick<Action, 'by'> & Pick<Deed, 'as'>,
): Person {
  const homes = by === 'customer' ? [customer] : partnersOf(world, customer);
  for (const home of homes) {
    const found = as === undefined ? administratorOf(home) : userIn(home, as);
    if (found) return { tenantId: home.tenantId, userPrincipalName: found.userPrincipalName };
  }
  const place = `${by === 'customer' ? 'tenant' : 'partner of tenant'} ${customer.tenantId}`;
  throw new Error(`No ${as ?? 'administrator'} in the ${place}`);
}

function userIn(directory: Directory, userPrincipalName: string) {
  return findUser(directory, userPrincipalName, directory.log.last)?.value;
}

function partnersOf(world: World, customer: Directory): Directory[] {
  const relationships = commerceOf(world).customers.get(customer.tenantId)?.relationships.values();
  return [...(relationships ?? [])].flatMap(({ ended, partnerTenantId }) => {
    const directory = ended ? undefined : world.directories.get(partnerTenantId);
    return directory ? [directory] : [];
  });
}

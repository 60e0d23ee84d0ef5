/** What the forms do. Each returns what to tell; it throws an Error with what to tell where it cannot. */
import { type ActionName, perform, requireTenant } from '../actors/perform.ts';
import { ClockMove, type ClockMoves } from '../clock-moves.ts';
import { commerceOf } from '../commerce/state.ts';
import { Fault } from '../faults/fault.ts';
import type { Portals } from '../portal.ts';

export type FormData = URLSearchParams;

function given(form: FormData, name: string): string {
  const value = form.get(name)?.trim() ?? '';
  if (value === '') throw new Error(`"${name}" is missing`);
  return value;
}

const PROPERTIES: ReadonlySet<string> = new Set(['department', 'jobTitle', 'displayName']);

export function changeUser(portals: Portals, tenantId: string, form: FormData): string {
  const user = given(form, 'user');
  const deed = given(form, 'deed');
  if (!PROPERTIES.has(deed)) return act(portals, tenantId, deed as ActionName, { user });
  const changes = { [deed]: given(form, 'value') };
  return act(portals, tenantId, 'changeUser', { user, changes });
}

export function changeSeats(portals: Portals, tenantId: string, form: FormData): string {
  const subscriptionId = given(form, 'subscriptionId');
  const wanted = Number(given(form, 'quantity'));
  const subscription = commerceOf(portals.world).subscriptions.get(subscriptionId);
  if (!subscription) throw new Error(`There is no subscription ${subscriptionId}`);
  if (!Number.isInteger(wanted) || wanted < 1) throw new Error('Seats are a whole number from 1');
  const more = wanted - subscription.quantity;
  if (more === 0) return `It has ${wanted} seats.`;
  const action = more > 0 ? 'addSeats' : 'dropSeats';
  return act(portals, tenantId, action, { subscriptionId, seats: Math.abs(more) });
}

/** The services refuse as they refuse everybody; the person reads their answer. */
function act(portals: Portals, tenantId: string, action: ActionName, parameters: object): string {
  const directory = requireTenant(portals.world, tenantId);
  const { random } = portals.world.rooms.actors;
  const deed = { action, tenantId: directory.tenantId };
  const { as, status, refusal } = perform(portals, deed, { parameters, random });
  if (refusal !== undefined) throw new Error(`Refused with ${status}: ${refusal}`);
  return `Done, as ${as}.`;
}

const NUMBERS: ReadonlySet<string> = new Set(['times', 'probability', 'status', 'delayMs']);

export function turnFaultOn({ world }: Portals, form: FormData): string {
  const members = [...form]
    .filter(([, value]) => value.trim() !== '')
    .map(([name, value]) => [name, NUMBERS.has(name) ? Number(value) : value.trim()]);
  const id = world.rooms.faults.add(Fault.parse(Object.fromEntries(members)));
  return `Fault ${id} is on.`;
}

export function turnFaultOff({ world }: Portals, id: string): string {
  if (!world.rooms.faults.remove(Number(id))) throw new Error(`There is no fault ${id}`);
  return `Fault ${id} is off.`;
}

export async function moveClock(moves: ClockMoves, form: FormData): Promise<string> {
  await moves.go(ClockMove.parse(Object.fromEntries(form)));
  return `It is ${moves.state().now} now.`;
}

/**
 * A world, saved and loaded. Each room brings its own state; a room without one has no place here.
 *
 * Not saved: the key that signs access tokens. They live an hour of real time; one of before a load is answered with
 * 401 by another run, as an expired one is. Secrets and refresh tokens are part of the directory and go on working.
 */
import type { Json } from './json.ts';
import type { World } from './world.ts';

/** A part of the world that can be saved. */
export interface Room {
  dump(): Json;
  /** Replaces what is there. */
  load(state: Json): void;
}

/** Raised with every change of a room's state that older saved worlds do not fit. */
const FORMAT = 4;

export function dumpWorld(world: World): Json {
  const rooms = Object.entries(world.rooms).map(([name, room]) => [name, room.dump()] as const);
  return { format: FORMAT, rooms: Object.fromEntries(rooms) };
}

/** Makes `world` the one that was saved. @throws Error where the format is another one */
export function loadWorld(world: World, saved: Json): void {
  const { format, rooms } = saved as { readonly format: number; readonly rooms: SavedRooms };
  if (format !== FORMAT) throw new Error(`A saved world of format ${format}; this is ${FORMAT}`);
  for (const [name, room] of Object.entries(world.rooms)) room.load(rooms[name] ?? null);
}

type SavedRooms = Readonly<Record<string, Json>>;

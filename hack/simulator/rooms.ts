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

/** A room whose state has parts, each worth a line of its own in a file. */
export interface DividedRoom extends Room {
  dumpParts(): Iterable<Json>;
  /** The whole of it, without its parts. */
  dumpWithoutParts(): Json;
  /** Adds one to what `load` has loaded. */
  loadPart(part: Json): void;
}

/** Raised with every change of a room's state that older saved worlds do not fit. */
export const FORMAT = 4;

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

/** A room, or a part of one that came before. */
export type Piece =
  | { readonly room: string; readonly state: Json }
  | { readonly partOf: string; readonly state: Json };

/** The same as `dumpWorld`, piece by piece. */
export function* dumpPieces(world: World): Generator<Piece> {
  for (const [name, room] of Object.entries(world.rooms)) {
    if (!isDivided(room)) {
      yield { room: name, state: room.dump() };
      continue;
    }
    yield { room: name, state: room.dumpWithoutParts() };
    for (const part of room.dumpParts()) yield { partOf: name, state: part };
  }
}

/** @throws Error, before anything is loaded, where a room is missing or unknown */
export function loadPieces(world: World, pieces: readonly Piece[]): void {
  const rooms: Readonly<Record<string, Room>> = world.rooms;
  const given = pieces.flatMap((piece) => ('room' in piece ? [piece.room] : []));
  const wrong = Object.keys(rooms).filter((name) => !given.includes(name));
  const unknown = pieces.map(nameOf).filter((name) => rooms[name] === undefined);
  if (wrong.length > 0) throw new Error(`The saved world has no room ${wrong.join(', ')}`);
  if (unknown.length > 0) throw new Error(`There is no room ${unknown.join(', ')}`);
  for (const piece of pieces) {
    const room = rooms[nameOf(piece)];
    if ('room' in piece) room?.load(piece.state);
    else if (room && isDivided(room)) room.loadPart(piece.state);
  }
}

function nameOf(piece: Piece): string {
  return 'room' in piece ? piece.room : piece.partOf;
}

function isDivided(room: Room): room is DividedRoom {
  return 'dumpParts' in room;
}

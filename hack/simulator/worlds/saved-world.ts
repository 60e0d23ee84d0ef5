/**
 * A saved world as a file: lines of JSON, so that neither a large world nor its file ever has to be one text. The first
 * line tells the format, the last how many there are; between them a line for each room, and one for each tenant.
 */
import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Json } from '../json.ts';
import { dumpPieces, FORMAT, loadPieces, type Piece } from '../rooms.ts';
import type { World } from '../world.ts';

const MARK = 'm365-operator simulator';

export function isSavedWorld(text: string): boolean {
  return text.startsWith(`{"world":"${MARK}"`);
}

/** The world as it is at the first line; to be taken in one go, or it changes on the way. */
export function* savedWorld(world: World): Generator<string> {
  yield `${JSON.stringify({ world: MARK, format: FORMAT })}\n`;
  let count = 0;
  for (const piece of dumpPieces(world)) {
    count += 1;
    yield `${JSON.stringify(piece)}\n`;
  }
  yield `${JSON.stringify({ pieces: count })}\n`;
}

/**
 * Makes `world` the one that was saved.
 * @throws Error with the line, before anything is changed, where the text is no whole saved world of this format
 */
export function loadSavedWorld(world: World, text: string): void {
  const [head, ...rest] = text.trimEnd().split('\n').map(parsed);
  const { world: mark, format } = (head ?? {}) as Readonly<Record<string, string | number>>;
  if (mark !== MARK) throw new Error('line 1: this is no saved world');
  if (format !== FORMAT) {
    throw new Error(`line 1: a saved world of format ${format}; this is ${FORMAT}`);
  }
  const end = rest.pop() as { readonly pieces?: number } | undefined;
  if (end?.pieces !== rest.length) {
    throw new Error(`line ${rest.length + 2}: the saved world is cut off here`);
  }
  loadPieces(world, rest as unknown as readonly Piece[]);
}

function parsed(line: string, index: number): Json {
  try {
    return JSON.parse(line) as Json;
  } catch (error) {
    throw new Error(`line ${index + 1}: ${(error as Error).message}`, { cause: error });
  }
}

/** Whole or not at all: the file that was there stays until the new one is complete. */
export function saveWorldFile(world: World, file: string): void {
  const draft = `${file}.part`;
  const handle = openSync(draft, 'w', 0o600);
  for (const line of savedWorld(world)) writeSync(handle, line);
  closeSync(handle);
  renameSync(draft, file);
}

/** @throws Error where the file cannot be read */
export function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}

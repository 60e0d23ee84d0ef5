import { createWorld } from '../create-world.ts';
import { dumpWorld, loadWorld } from '../rooms.ts';
import type { World } from '../world.ts';
import { buildWorld } from './build-world.ts';
import { readWorldFile } from './read-world-file.ts';
import { isSavedWorld, loadSavedWorld } from './saved-world.ts';

/**
 * Replaces the world: by a saved one, which goes on where it stood, or by one that a world file describes, under the
 * settings of now.
 * @param name for messages
 * @throws Error with the lines of what is wrong; then nothing is changed
 */
export function openWorld(world: World, text: string, name: string): void {
  if (isSavedWorld(text)) {
    loadSavedWorld(world, text);
    return;
  }
  const file = readWorldFile(text, name);
  const { startAt } = file;
  const settings = { ...world.settings };
  const time = startAt === undefined ? {} : { startAt };
  const empty = createWorld({ ...time, settings, frozen: true });
  loadWorld(world, dumpWorld(empty));
  empty.clock.stop();
  buildWorld(world, file);
}

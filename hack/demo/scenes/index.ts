/** All scenes by the name that `--scene` takes; the first is played where none is named. */
import type { Scene } from '../scene.ts';
import { identity } from './identity.ts';
import { seats } from './seats/index.ts';
import { tenant } from './tenant.ts';

export const scenes: Readonly<Record<string, Scene>> = { tenant, seats, identity };

/** @throws Error for a scene that there is not, with those that there are */
export function sceneOf(name: string): Scene {
  const scene = Object.hasOwn(scenes, name) ? scenes[name] : undefined;
  if (scene !== undefined) return scene;
  const list = Object.entries(scenes).map(([known, { tells }]) => `  ${known.padEnd(8)} ${tells}`);
  throw new Error([`there is no scene "${name}"; there are`, ...list].join('\n'));
}

/**
 * `npm run demo`: all the set-up, then a scene on a real API server, the simulated Microsoft cloud and a real domain
 * controller. `-- --scene <name>` picks one (demo/scenes); `-- --keep` leaves it running to play with, until Ctrl-C.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, startStage } from '../stage/index.ts';
import { type Audience, chapter, type Scene } from './scene.ts';
import { sceneOf } from './scenes/index.ts';
import { Screen } from './table.ts';

const folder = join(root, '.demo');
const started = performance.now();
const audience: Audience = { screen: new Screen(), elapsedMs: () => performance.now() - started };
const { screen } = audience;

interface Wish {
  readonly scene: Scene;
  readonly keeps: boolean;
}

/** Undefined, and told why, where it asks for what there is not. */
function wishOf(args: readonly string[]): Wish | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        scene: { type: 'string', default: 'tenant' },
        keep: { type: 'boolean', default: false },
      },
    });
    return { scene: sceneOf(values.scene), keeps: values.keep };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
    return undefined;
  }
}

function progress(line: string): void {
  screen.say(`  ${line}`);
}

async function untilInterrupted(): Promise<void> {
  screen.say('\nIt all keeps running. Ctrl-C ends it.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

async function perform({ scene, keeps }: Wish): Promise<void> {
  const parts = ['Kubernetes API server', 'simulated Microsoft cloud'];
  if (scene.stage.withoutDirectory !== true) parts.push('domain controller');
  chapter(audience, `Setting up: ${parts.join(', ')}`);
  await rm(folder, { recursive: true, force: true });
  const stage = await startStage({ folder, progress, ...scene.stage });
  try {
    if (stage.directoryNote !== undefined) screen.say(`  ${stage.directoryNote}`);
    const atTheEnd = () => (keeps ? untilInterrupted() : Promise.resolve());
    const isFine = await scene.play(stage, audience, atTheEnd);
    const seconds = Math.round(audience.elapsedMs() / 1000);
    screen.say(`\n${isFine ? 'Done' : 'Not all of it came true'} in ${seconds} s.`);
    process.exitCode = isFine ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

const wish = wishOf(process.argv.slice(2));
if (wish !== undefined) await perform(wish);

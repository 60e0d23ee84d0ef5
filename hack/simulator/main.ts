/**
 * `npm run simulator`: the simulated cloud until SIGTERM or Ctrl-C.
 * `-- --world FILE`: a world file, or a world that was saved, instead of the default one (`empty`: nothing).
 * `-- --save FILE`: saves the world when it stops, so that it goes on tomorrow.
 */
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { connectionManifests } from './connection-manifest.ts';
import { type Simulator, startSimulator } from './index.ts';
import { saveWorldFile, textOf } from './worlds/saved-world.ts';

function options() {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      name: { type: 'string', multiple: true, default: [] },
      'login-port': { type: 'string', default: '0' },
      'graph-port': { type: 'string', default: '0' },
      'partner-center-port': { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      certificates: { type: 'string' },
      world: { type: 'string', default: 'default' },
      save: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'start-at': { type: 'string' },
    },
  });
  return values;
}

async function start(): Promise<Simulator> {
  const values = options();
  const { save } = values;
  // Told now, not when a day's rehearsal is to be kept.
  if (save !== undefined) accessSync(dirname(save), constants.W_OK);
  const simulator = await startSimulator({
    host: values.host,
    names: values.name,
    ports: {
      login: Number(values['login-port']),
      graph: Number(values['graph-port']),
      partnerCenter: Number(values['partner-center-port']),
      control: Number(values['control-port']),
    },
    ...(values.certificates === undefined ? {} : { certificateFolder: values.certificates }),
    ...(values['start-at'] === undefined ? {} : { startAt: values['start-at'] }),
    seed: Number(values.seed),
    world:
      values.world === 'default' || values.world === 'empty'
        ? values.world
        : { text: textOf(values.world), name: values.world },
  });
  endOnSignal(simulator, save);
  return simulator;
}

function endOnSignal(simulator: Simulator, save: string | undefined): void {
  let isEnding = false;
  // Ctrl-C comes twice: from the terminal, and from the script that started this. The second must not cut off the save.
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    try {
      if (save !== undefined) saveWorldFile(simulator.world, save);
    } catch (error) {
      fail(error);
    }
    void simulator.stop().then(() => process.exit());
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function tell(simulator: Simulator): void {
  console.log(`The simulated Microsoft cloud is up. Nothing here is real and nothing costs money.

  login           ${simulator.urls.login}
  graph           ${simulator.urls.graph}
  partner center  ${simulator.urls.partnerCenter}
  control         ${simulator.urls.control}   (a page for people; hack/simulator/control.ts lists its calls)
  certificates    ${simulator.caFile}

export NODE_EXTRA_CA_CERTS=${simulator.caFile}
export M365_LOGIN_URL=${simulator.urls.login}
export M365_GRAPH_URL=${simulator.urls.graph}
export M365_PARTNER_CENTER_URL=${simulator.urls.partnerCenter}
export M365_SIMULATOR_CONTROL_URL=${simulator.urls.control}

kubectl apply -f - <<'EOF'
${connectionManifests(simulator.world)}EOF
`);
}

await start().then(tell, fail);

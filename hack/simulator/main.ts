/**
 * `npm run simulator`: the simulated cloud until SIGTERM or Ctrl-C.
 * `-- --world FILE`: a world file, or a world that was saved, instead of the default one (`empty`: nothing).
 * `-- --save FILE`: saves the world when it stops, so that it goes on tomorrow.
 */
import { parseArgs } from 'node:util';
import { connectionManifests } from './connection-manifest.ts';
import { startSimulator } from './index.ts';
import { saveWorldFile, textOf } from './worlds/saved-world.ts';

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

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    if (values.save !== undefined) saveWorldFile(simulator.world, values.save);
    void simulator.stop().then(() => process.exit(0));
  });
}

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

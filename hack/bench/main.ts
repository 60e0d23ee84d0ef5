/**
 * `npm run bench -- [name] [--json] [--save]`: the one home of benchmarks. Prints a table for people, or one JSON object a
 * row: `{name, value, unit, goal, better, ok, of}`. `--save` keeps the rows, the machine and the commit in `results/`.
 */
import { table } from '../demo/table.ts';
import { benchEdits } from './edits.ts';
import { benchEntra } from './entra.ts';
import { benchIdentity } from './identity.ts';
import { benchPeer } from './peer.ts';
import { saveResults } from './results.ts';
import type { Row } from './row.ts';
import { benchScale } from './scale.ts';
import { benchSeats } from './seats.ts';
import { benchSimulator } from './simulator.ts';
import { benchSync } from './sync.ts';
import { benchTransport } from './transport.ts';
import { benchUsers } from './users.ts';

const benches: Readonly<
  Record<string, (progress: (line: string) => void) => Promise<readonly Row[]>>
> = {
  users: benchUsers,
  entra: benchEntra,
  seats: benchSeats,
  identity: benchIdentity,
  scale: benchScale,
  edits: benchEdits,
  peer: benchPeer,
  transport: benchTransport,
  sync: benchSync,
  simulator: benchSimulator,
};

const isJson = process.argv.includes('--json');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(
    `there is no benchmark ${unknown.join(', ')}; there is: ${Object.keys(benches).join(', ')}`,
  );
  process.exit(2);
}

for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const rows = await bench((line) => console.error(`  ${line}`));
  if (process.argv.includes('--save')) await saveResults(name, rows);
  if (isJson) for (const figure of rows) console.log(JSON.stringify(figure));
  else console.log(readable(name, rows));
}

function readable(name: string, rows: readonly Row[]): string {
  const cells = rows.map((figure) => [
    figure.ok ? '✓' : '✗',
    figure.name,
    `${figure.value} ${figure.unit}`,
    `${figure.better === 'lower' ? '≤' : '≥'} ${figure.goal}`,
    figure.of,
  ]);
  return `${name}\n${table(['', 'figure', 'value', 'goal', 'of'], cells)}`;
}

/** What examples/ promises, on a real API server: the good ones are taken, each bad one is refused for its reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { kinds } from '../../operator/api/index.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';

const root = join(import.meta.dirname, '..', '..');
const invalid = join(root, 'examples', 'invalid');

let api: ControlPlane;

beforeAll(async () => {
  api = await startControlPlane();
  await api.kubectl(['apply', '--server-side', '--filename', join(root, 'crds'), '--recursive']);
  await api.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await api.kubectl(['apply', '--filename', join(root, 'examples/quickstart/00-namespaces.yaml')]);
}, 600_000);

afterAll(async () => {
  await api.stop();
}, 60_000);

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

interface Stored {
  readonly metadata: Manifest['metadata'] & { readonly resourceVersion: string };
  readonly spec: unknown;
}

/** What kubectl said when the API server refused; throws where it was taken. */
async function refusal(args: readonly string[], yaml: string): Promise<string> {
  try {
    await api.kubectl([...args, '--filename', '-'], yaml);
  } catch (error) {
    return String(error);
  }
  throw new Error(`it was accepted:\n${yaml}`);
}

async function stored({ kind, metadata }: Manifest): Promise<Stored | undefined> {
  const { plural = '' } = kinds.find((one) => one.kind === kind) ?? {};
  const found = await api.client.list<Stored>(plural);
  return found.find(
    (one) => one.metadata.name === metadata.name && one.metadata.namespace === metadata.namespace,
  );
}

const serverSide = ['apply', '--server-side', '--force-conflicts'];

describe('examples', () => {
  const folder = join(root, 'examples', 'quickstart');

  it('of the quickstart: what was applied differs in nothing when applied again', async () => {
    await api.kubectl(['apply', '--filename', folder]);
    const generations = (): Promise<string> =>
      api.kubectl([
        'get',
        'm365',
        '--all-namespaces',
        '--output=jsonpath={range .items[*]}{.metadata.name} {.metadata.generation}{"\\n"}{end}',
      ]);
    const before = await generations();
    expect(before.trim().split('\n').length).toBeGreaterThan(10);
    await api.kubectl(['apply', '--filename', folder]);
    expect(await generations()).toBe(before);
    expect(await api.kubectl(['diff', '--filename', folder])).toBe('');
  });

  const files = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !name.startsWith('invalid'),
  );

  it.each(files)('%s is taken', async (name) => {
    const yaml = readFileSync(join(root, 'examples', name), 'utf8');
    await api.kubectl([...serverSide, '--dry-run=server', '--filename', '-'], yaml);
    const said = await api.kubectl(['apply', '--filename', '-'], yaml);
    expect(said.trim().split('\n')).toHaveLength(parseAllDocuments(yaml).length);
  });
});

describe('examples/invalid', () => {
  const files = readdirSync(invalid).map((name) => {
    const text = readFileSync(join(invalid, name), 'utf8');
    const expected = /^# expect: (.+)\n/.exec(text)?.[1] ?? '';
    return { name, text, expected, isChange: /^# The first document is accepted/m.test(text) };
  });
  const bad = files.filter(({ isChange }) => !isChange);
  const changes = files.filter(({ isChange }) => isChange);

  it('each say what refuses them', () => {
    expect(files.filter(({ expected }) => expected === '')).toEqual([]);
  });

  it.each(bad)('$name is refused: $expected', async ({ text, expected }) => {
    const [said] = await Promise.all([refusal(['apply'], text), refusal(serverSide, text)]);
    expect(said).toContain(expected);
    expect(await stored(parse(text) as Manifest)).toBeUndefined();
  });

  it.each(changes)('$name is refused as a change: $expected', async ({ text, expected }) => {
    const [before = '', after = ''] = text.split(/^---$/m);
    await api.kubectl(['apply', '--filename', '-'], before);
    const manifest = parse(before) as Manifest;
    const first = await stored(manifest);
    expect(first).toBeDefined();
    const ways = [refusal(['apply'], after), refusal(serverSide, after)];
    for (const said of await Promise.all(ways)) expect(said).toContain(expected);
    expect(await stored(manifest)).toEqual(first);
    const { name, namespace } = manifest.metadata;
    await api.kubectl(['delete', manifest.kind, name, '--namespace', namespace]);
  });
});

describe('the API server', () => {
  it.each(kinds.map(({ kind, plural, description }) => ({ kind, plural, description })))(
    'explains $kind',
    async ({ plural, description }) => {
      const said = await api.kubectl(['explain', plural]);
      expect(words(said)).toContain(words(description));
      expect(await api.kubectl(['explain', `${plural}.spec`])).toMatch(/FIELDS:/);
      expect(await api.kubectl(['explain', `${plural}.status.conditions`])).toMatch(/reason/);
    },
  );

  it('lists all kinds by their category, and none that is not ours', async () => {
    const said = await api.kubectl(['api-resources', '--categories=m365', '--output=name']);
    const names = said
      .trim()
      .split('\n')
      .sort((a, b) => a.localeCompare(b));
    const ours = kinds.map(({ plural }) => `${plural}.m365-operator.io`);
    expect(names).toEqual(ours.sort((a, b) => a.localeCompare(b)));
  });

  it('says -1 until the operator has looked, so that kstatus waits', async () => {
    const path = '--output=jsonpath={.status.observedGeneration}';
    const where = ['--namespace', 'contoso', path];
    expect(await api.kubectl(['get', 'm365tenant', 'contoso', ...where])).toBe('-1');
  });
});

function words(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

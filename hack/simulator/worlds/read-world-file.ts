/** Reading a world file: YAML or JSON. What is wrong is told with its line and with what is allowed there. */
import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Complaint, complaints } from './rules.ts';
import { WorldFile } from './world-file.ts';

type Path = readonly PropertyKey[];
type Parsed = ReturnType<typeof parseDocument>;

/** @throws Error with one line for each thing that is wrong: `file:line: where: what` */
export function readWorldFile(text: string, file: string): WorldFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors.map(({ pos, message }) => {
    return `${file}:${lines.linePos(pos[0]).line}: ${message.split('\n')[0]}`;
  });
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const tell = ({ path, message }: { readonly path: Path; readonly message: string }) =>
    `${file}:${lineOf(document, lines, path)}: ${nameOf(path)}: ${message}`;
  const parsed = WorldFile.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw new Error(parsed.error.issues.flatMap(told).map(tell).join('\n'));
  const wrong: readonly Complaint[] = complaints(parsed.data);
  if (wrong.length > 0) throw new Error(wrong.map(tell).join('\n'));
  return parsed.data;
}

/** Unknown members one by one, each with its own line; everything else as zod says it. */
function told(issue: z.core.$ZodIssue): { path: Path; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  const allowed = membersAt(WorldFile, issue.path).join(', ');
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    message: `not known here; allowed: ${allowed}`,
  }));
}

interface Inner {
  readonly shape?: Readonly<Record<string, Inner>>;
  readonly element?: Inner;
  readonly def?: { readonly innerType?: Inner };
}

/** Names of the members that the schema has at this place. */
function membersAt(schema: unknown, path: Path): string[] {
  let place = bare(schema as Inner);
  for (const step of path) {
    place = bare(typeof step === 'number' ? place?.element : place?.shape?.[String(step)]);
  }
  return Object.keys(place?.shape ?? {});
}

/** Without default, optional and the like around it. */
function bare(schema: Inner | undefined): Inner | undefined {
  const inner = schema?.def?.innerType;
  return inner === undefined ? schema : bare(inner);
}

/** Of the member itself, or of what is nearest around it. */
function lineOf(document: Parsed, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const start = startOf(document, path.slice(0, length));
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

/** Where the member's name stands, or the item of a list; undefined where it is not there. */
function startOf(document: Parsed, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => String(isNode(key) ? key.toJSON() : key) === last);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const item = document.getIn([...path], true);
  return isNode(item) ? item.range?.[0] : undefined;
}

/** `tenants[0].users[1].manager` */
function nameOf(path: Path): string {
  if (path.length === 0) return 'the file';
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** `status.lastApplied`: which declared values have been in force, as fingerprints: what differs from one is the work of others. */
import { shortFingerprint } from './hash.ts';

/** A managed field and its declared value, in whatever form tells it from others. */
export interface DeclaredField {
  readonly path: string;
  readonly value: string;
}

const digits = 8;
/** As many as status takes (api/drift.ts). */
const recordMax = 512;

/** Eight digits for each field: status of ten thousand people stays small, and two values of one field are told apart. */
function fingerprintOf({ path, value }: DeclaredField): string {
  return shortFingerprint(`${path}\n${value}`);
}

/** The declared fields whose value, as it is declared now, has been in force. `record`: `status.lastApplied`. */
export function appliedPaths(
  record: string,
  fields: readonly DeclaredField[],
): ReadonlySet<string> {
  const applied = new Set<string>();
  if (record === '') return applied;
  for (const field of fields) if (isIn(record, fingerprintOf(field))) applied.add(field.path);
  return applied;
}

/** Not where it only begins in the middle of another one. */
function isIn(record: string, one: string): boolean {
  let at = record.indexOf(one);
  while (at % digits > 0) at = record.indexOf(one, at + 1);
  return at !== -1;
}

/** The same as `appliedRecord(settled)`. `applied`: paths of `before`; mostly nothing is new, and then nothing is computed. */
export function nextRecord(
  before: string,
  applied: ReadonlySet<string>,
  settled: readonly DeclaredField[],
): string | undefined {
  const isSame =
    settled.length * digits === before.length &&
    settled.length === applied.size &&
    settled.every(({ path }) => applied.has(path));
  return isSame && before !== '' ? before : appliedRecord(settled);
}

/** `status.lastApplied` of these fields. */
export function appliedRecord(fields: readonly DeclaredField[]): string | undefined {
  const all = [...new Set(fields.map(fingerprintOf))].sort();
  return all.length === 0 ? undefined : all.slice(0, recordMax).join('');
}

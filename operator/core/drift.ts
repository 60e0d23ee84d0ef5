/**
 * What is done about differences between what is declared and what is there. Pure, and the same for every kind:
 * a kind's plan says what differs, and writes only what may be written.
 *
 * | the declared value            | the field                                  | shown     | written |
 * | ----------------------------- | ------------------------------------------ | --------- | ------- |
 * | any                           | has the accepted value, before its end     | no        | no      |
 * | any                           | Ignore                                     | no        | no      |
 * | was never in force            | any other: it is our own, to be set now    | no        | yes     |
 * | … and nothing may be changed  | any other (managementPolicies)             | yes       | no      |
 * | was in force                  | Adopt                                      | no        | no      |
 * | was in force                  | Report                                     | yes       | no      |
 * | was in force                  | Correct                                    | yes       | yes     |
 * | was in force                  | Correct, set back three times in an hour   | Contended | no      |
 *
 * Contended ends when the other writer has not changed the field for an hour, when the declared value changes, and
 * when a look is asked for (`reconcile-requested-at`).
 */
import type { DriftEntry } from '../api/common.ts';
import type { AcceptedDrift, CorrectionRecord, DriftPolicy, DriftRules } from '../api/drift.ts';
import { condition } from './conditions.ts';
import { annotations, type Next } from './plan.ts';
import type { CommonSpec, CommonStatus, Condition, Resource } from './resource.ts';

/** What status remembers. */
export interface DriftRecord {
  readonly drift?: readonly DriftEntry[] | undefined;
  readonly corrections?: readonly CorrectionRecord[] | undefined;
}

interface DriftSpec extends CommonSpec {
  readonly acceptedDrift?: readonly AcceptedDrift[] | undefined;
  readonly driftPolicy?: DriftPolicy | undefined;
}

export interface DriftContext {
  readonly resource: Resource<DriftSpec, CommonStatus & DriftRecord>;
  /** `spec.drift` of the tenant. */
  readonly rules: DriftRules;
  /** The declared value of the field was in force once: the difference is the work of others. */
  readonly isApplied: (path: string) => boolean;
  readonly nowMs: number;
}

export interface Judgement {
  /** To be shown, bounded as status takes it. */
  readonly drift: readonly DriftEntry[];
  /** Paths that must not be written. */
  readonly leave: ReadonlySet<string>;
  /** Paths whose value is accepted: they count as settled. */
  readonly accepted: ReadonlySet<string>;
  readonly corrections: CorrectionRecord[] | undefined;
  /** When something of this ends by time alone. */
  readonly lookAtMs: number | undefined;
}

export const nothingLeft: ReadonlySet<string> = new Set();

const nothingDiffers: Judgement = {
  drift: [],
  leave: nothingLeft,
  accepted: nothingLeft,
  corrections: undefined,
  lookAtMs: undefined,
};

const hourMs = 60 * 60_000;
/** So many within an hour are a fight, which the operator does not take part in. */
const correctionsMax = 3;
/** As much as status takes (api/common.ts, api/drift.ts). */
const entriesMax = 20;
const pathMax = 253;

interface Judged {
  readonly entry: DriftEntry;
  readonly isShown: boolean;
  readonly isLeft: boolean;
  readonly isAccepted?: boolean;
  /** Set back by us, where it may be. */
  readonly isCorrected?: boolean;
  readonly endMs?: number;
  readonly correction?: CorrectionRecord;
}

/** `found`: everything that differs, each path once. */
export function judge(found: readonly DriftEntry[], context: DriftContext): Judgement {
  // Nearly every look of nearly everybody ends here.
  if (found.length === 0 && context.resource.status?.corrections === undefined)
    return nothingDiffers;
  const kept = recentCorrections(context);
  let room = entriesMax;
  const judged = found.map((entry): Judged => {
    const one = judgeOne(entry, context);
    if (one.isShown) room -= 1;
    // What finds no room in status cannot be counted either.
    return one.isCorrected === true && room >= 0 ? counted(one, kept, context) : one;
  });
  const corrections = correctionsOf(judged, kept, context);
  const ends = [
    ...judged.flatMap(({ endMs = Number.NaN }) => endMs),
    ...corrections.map(endOf),
  ].filter((ms) => ms > context.nowMs);
  const pathsOf = (which: (one: Judged) => boolean | undefined): ReadonlySet<string> =>
    new Set(judged.filter((one) => which(one) === true).map(({ entry }) => entry.path));
  return {
    drift: judged
      .filter(({ isShown }) => isShown)
      .slice(0, entriesMax)
      .map(({ entry }) => ({ ...entry, path: boundedPath(entry.path) })),
    leave: pathsOf(({ isLeft }) => isLeft),
    accepted: pathsOf(({ isAccepted }) => isAccepted),
    corrections: corrections.length === 0 ? undefined : corrections,
    lookAtMs: ends.length === 0 ? undefined : Math.min(...ends),
  };
}

function judgeOne(entry: DriftEntry, context: DriftContext): Judged {
  const { resource, rules, isApplied } = context;
  const endMs = acceptedUntil(entry, context);
  if (endMs !== undefined) return { entry, isShown: false, isLeft: true, isAccepted: true, endMs };
  const policy = resource.spec.driftPolicy ?? policyOf(rules, resource.kind, entry.path);
  if (policy === 'Ignore') return { entry, isShown: false, isLeft: true };
  if (!isApplied(entry.path)) return { entry, isShown: !mayChange(resource), isLeft: false };
  if (policy === 'Adopt') return { entry, isShown: false, isLeft: true };
  if (policy === 'Report') return { entry, isShown: true, isLeft: true };
  return { entry, isShown: true, isLeft: false, isCorrected: mayChange(resource) };
}

/** Undefined: this value is not accepted, or not any more. */
function acceptedUntil(entry: DriftEntry, { resource, nowMs }: DriftContext): number | undefined {
  const path = boundedPath(entry.path);
  const found = resource.spec.acceptedDrift?.find(
    ({ field, value }) => field === path && value === entry.actual,
  );
  const endMs = Date.parse(found?.until ?? '');
  return endMs > nowMs ? endMs : undefined;
}

function mayChange({ spec }: Resource<CommonSpec>): boolean {
  return spec.managementPolicies?.includes('Update') !== false;
}

/** `path`: e.g. `groups[Sales]` of the field `groups`, `domains[a.example].federation.issuerUri` of `domains.federation`. */
export function policyOf(rules: DriftRules, kind: string, path: string): DriftPolicy {
  const field = path.replace(/\[.*?\](?=$|[.])/g, '');
  const isNamed = (name: string): boolean => field === name || field.startsWith(`${name}.`);
  const rule = rules?.rules?.find(
    ({ kinds, fields }) =>
      (kinds === undefined || kinds.some((one) => one === kind)) && fields.some(isNamed),
  );
  return rule?.policy ?? rules?.default ?? 'Correct';
}

/** One more correction where the field is newly found changed; hands off where there were too many. */
function counted(
  one: Judged,
  kept: ReadonlyMap<string, CorrectionRecord>,
  { resource, nowMs }: DriftContext,
): Judged {
  const path = boundedPath(one.entry.path);
  const before = resource.status?.drift?.find((entry) => entry.path === path);
  const { times, handsOffUntil }: CorrectionRecord = kept.get(path) ?? { path, times: [] };
  // It is still the same change, which is being set back.
  if (before !== undefined && before.type !== 'Contended') {
    return times.length === 0 ? one : { ...one, correction: { path, times } };
  }
  if (times.length < correctionsMax && handsOffUntil === undefined) {
    const now = new Date(nowMs).toISOString();
    return { ...one, correction: { path, times: [...times, now] } };
  }
  return leftToOther(
    one,
    { path, times, handsOffUntil },
    { isSame: before?.actual === one.entry.actual, nowMs },
  );
}

/** `isSame`: its other writer has not changed it since the last look. */
function leftToOther(
  one: Judged,
  { path, times, handsOffUntil }: CorrectionRecord,
  { isSame, nowMs }: { readonly isSame: boolean; readonly nowMs: number },
): Judged {
  const until = isSame ? handsOffUntil : undefined;
  return {
    ...one,
    entry: { ...one.entry, type: 'Contended' },
    isLeft: true,
    correction: { path, times, handsOffUntil: until ?? new Date(nowMs + hourMs).toISOString() },
  };
}

/** Those that still say something; none where a look is asked for, which begins anew. */
function recentCorrections({
  resource,
  nowMs,
}: DriftContext): ReadonlyMap<string, CorrectionRecord> {
  const { metadata, status } = resource;
  const requested = metadata.annotations?.[annotations.reconcileRequestedAt];
  const isRequested = requested !== undefined && requested !== status?.lastHandledReconcileAt;
  const held = (status?.corrections ?? []).filter(
    ({ handsOffUntil }) => !(isRequested && handsOffUntil !== undefined),
  );
  return new Map(held.filter((one) => endOf(one) > nowMs).map((one) => [one.path, one]));
}

function endOf({ times, handsOffUntil }: CorrectionRecord): number {
  return handsOffUntil === undefined
    ? Date.parse(times.at(-1) ?? '') + hourMs
    : Date.parse(handsOffUntil);
}

/** Of a field that differs now: as judged. Of one in order: what is still within the hour, and no more. */
function correctionsOf(
  judged: readonly Judged[],
  kept: ReadonlyMap<string, CorrectionRecord>,
  { nowMs }: DriftContext,
): CorrectionRecord[] {
  const differing = new Set(judged.map(({ entry }) => boundedPath(entry.path)));
  const inOrder = [...kept.values()]
    .filter(({ path }) => !differing.has(path))
    .map(({ path, times }) => ({ path, times }))
    .filter((one) => endOf(one) > nowMs);
  const now = judged.flatMap(({ correction }) => (correction === undefined ? [] : [correction]));
  return [...now, ...inOrder]
    .slice(0, entriesMax)
    .sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

/** The middle is left out: what tells two paths apart may stand at either end. */
export function boundedPath(path: string): string {
  if (path.length <= pathMax) return path;
  const half = Math.floor((pathMax - 1) / 2);
  return `${path.slice(0, half)}…${path.slice(-half)}`;
}

/** Abnormal-true: none where nothing is shown. */
export function driftedCondition(
  drift: readonly DriftEntry[],
  resource: Resource<CommonSpec>,
): readonly Condition[] {
  if (drift.length === 0) return [];
  const contended = drift.filter(({ type }) => type === 'Contended');
  const what = mayChange(resource) ? 'changed outside' : 'differs from what is declared';
  const message = `${what}: ${namesOf(drift)}`;
  if (contended.length === 0) return [condition('Drifted', 'True', 'FieldsDiffer', message)];
  const left = `left to another writer after three corrections within an hour: ${contended.map(withWriter).join(', ')}`;
  return [condition('Drifted', 'True', 'Contended', `${message}; ${left}`)];
}

/** As far as the audit log has told. */
function withWriter({ path, changedBy }: DriftEntry): string {
  return changedBy === undefined ? path : `${path} (${changedBy})`;
}

function namesOf(drift: readonly DriftEntry[]): string {
  return drift.map(({ path }) => path).join(', ');
}

/** The sooner of both. */
export function lookAgain(
  next: Next,
  lookAtMs: number | undefined,
  nowMs: number,
  reason = 'Drift',
): Next {
  if (lookAtMs === undefined) return next;
  const delayMs = Math.max(0, lookAtMs - nowMs);
  if (next.look === 'after' && next.delayMs <= delayMs) return next;
  return { look: 'after', delayMs, reason };
}

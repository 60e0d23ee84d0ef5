/**
 * Who was changed within the window of the guard against mass changes, as the tenant's status keeps it for a restart. Pure.
 *
 * | people beyond five, who are about to be changed | status.massChangeWindow                         |
 * | ----------------------------------------------- | ----------------------------------------------- |
 * | some, not stored yet                            | one wave more; waves that are over go           |
 * | none                                            | as it is; nothing once all of its waves are over |
 */
import type { MassChangeWave } from '../api/mass-change.ts';
import type { M365Tenant } from '../core/objects.ts';
import { guardOf } from './mass-change.ts';

/** As much as status takes (api/mass-change.ts). */
const wavesMax = 50;
const peopleMax = 1_000;

function isRecent(tenant: M365Tenant, nowMs: number): (wave: MassChangeWave) => boolean {
  const oldestMs = nowMs - guardOf(tenant).windowMinutes * 60_000;
  return ({ at }) => Date.parse(at) >= oldestMs;
}

/** Marks of people whose change was stored within the window. */
export function storedMarks(tenant: M365Tenant, nowMs: number): readonly string[] {
  const stored = tenant.status?.massChangeWindow ?? [];
  return stored.filter(isRecent(tenant, nowMs)).flatMap(({ people }) => people);
}

/** What the tenant's status is to say; `fresh`: marks that do not stand there yet. */
export function nextWindow(
  tenant: M365Tenant,
  fresh: readonly string[],
  nowMs: number,
): MassChangeWave[] | undefined {
  const stored = tenant.status?.massChangeWindow ?? [];
  const recent = stored.filter(isRecent(tenant, nowMs));
  if (fresh.length === 0) return recent.length === 0 ? undefined : stored;
  const wave = { at: new Date(nowMs).toISOString(), people: fresh.slice(0, peopleMax) };
  return bounded([...recent, wave]);
}

/** The two oldest become one, which counts as long as the younger of them. */
function bounded(waves: MassChangeWave[]): MassChangeWave[] {
  const [first, second, ...others] = waves;
  if (waves.length <= wavesMax || first === undefined || second === undefined) return waves;
  const people = [...second.people, ...first.people].slice(0, peopleMax);
  return [{ at: second.at, people }, ...others];
}

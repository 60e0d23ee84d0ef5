/** Who changed what of a tenant's groups and domains. Pure. */
import type { DriftEntry } from '../../api/common.ts';
import type { OutsideChange } from '../../clients/graph/audit-port.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { domainDrift } from './domains.ts';
import type { ObservedTenant } from './observed.ts';

const bracketed = /^(groups|domains)\[(.*?)\](?=$|[.])/;

/** By the newest change that the audit log tells of this group or domain; else as it was told before. */
export function attributed(
  drift: readonly DriftEntry[],
  changes: readonly OutsideChange[],
  before: readonly DriftEntry[] | undefined,
): readonly DriftEntry[] {
  const newest = [...changes].sort((a, b) => b.at.localeCompare(a.at));
  return drift.map((entry) => {
    const found = newest.find((change) => isAbout(entry, change));
    if (found !== undefined) {
      return { ...entry, changedBy: found.author.name.slice(0, 256), changedAt: found.at };
    }
    const then = before?.find(({ path, actual }) => path === entry.path && actual === entry.actual);
    if (then?.changedBy === undefined) return entry;
    return { ...entry, changedBy: then.changedBy, changedAt: then.changedAt };
  });
}

function isAbout({ path }: DriftEntry, { id, groups = [], activity }: OutsideChange): boolean {
  const [, what, name = ''] = bracketed.exec(path) ?? [];
  if (what === 'domains') return id === name;
  const isGroup = groups.some((group) => group.toLowerCase() === name.toLowerCase());
  return isGroup && /member/i.test(activity) === /\.(members|exclusive)$/.test(path);
}

/** What delta does not tell of: groups of ours that are gone, domains that are not as declared any more. */
export function lostOf(tenant: M365Tenant, observed: ObservedTenant): readonly string[] {
  const missing = new Set(
    (observed.groups ?? []).filter(({ id }) => id === undefined).map(({ name }) => name),
  );
  const groups = (tenant.status?.groups ?? []).filter(({ name }) => missing.has(name));
  const domains = domainDrift(tenant, observed).map(({ path }) => bracketed.exec(path)?.[2] ?? '');
  return [...groups.map(({ id }) => id), ...new Set(domains)];
}

/** Whose changes are of interest: those of members who are missing or too many, and of what is lost. */
export function idsOf(tenant: M365Tenant, observed: ObservedTenant): readonly string[] {
  const members = (observed.groups ?? []).flatMap(({ missingMembers, surplusMembers }) =>
    [...missingMembers, ...surplusMembers].map(({ id }) => id),
  );
  return [...new Set([...members, ...lostOf(tenant, observed)])];
}

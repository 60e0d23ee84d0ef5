/** What others changed of a tenant, and what is done about it. Pure; the rules are core/drift.ts's. */
import type { Federation } from '../../clients/graph/federation-port.ts';
import { type Judgement, judge } from '../../core/drift.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { groupsAsLeft } from './declared-groups.ts';
import { directoryGroupDrift, inActiveDirectory } from './directory-group-step.ts';
import { domainDrift } from './domains.ts';
import { wantedFederation } from './federation.ts';
import { groupDrift, inEntra } from './group-step.ts';
import type { ObservedTenant } from './observed.ts';

/** All parts tell only of what was as declared before: all of it is the work of others. */
export function judgeTenant(
  tenant: M365Tenant,
  observed: ObservedTenant,
  nowMs: number,
): Judgement {
  const found = [
    ...domainDrift(tenant, observed),
    ...groupDrift(tenant, observed),
    ...directoryGroupDrift(tenant, observed),
  ];
  const rules = tenant.spec.drift;
  return judge(found, { resource: tenant, rules, isApplied: () => true, nowMs });
}

/** What was observed, with all that is to be left looking as if it were as declared: no step touches it. */
export function asLeft(
  tenant: M365Tenant,
  observed: ObservedTenant,
  leave: ReadonlySet<string>,
): ObservedTenant {
  if (leave.size === 0) return observed;
  const { groups, directoryGroups, federations } = observed;
  return {
    ...observed,
    groups: groupsAsLeft(inEntra, groups, leave),
    directoryGroups: groupsAsLeft(inActiveDirectory, directoryGroups, leave),
    federations: federations && federationsAsLeft(tenant, federations, leave),
  };
}

type Federations = NonNullable<ObservedTenant['federations']>;

function federationsAsLeft(
  { spec }: M365Tenant,
  federations: Federations,
  leave: ReadonlySet<string>,
): Federations {
  const entries = Object.entries(federations).map(([name, found]) => {
    const declared = spec.domains?.find((domain) => domain.name === name);
    const wanted = declared === undefined ? undefined : wantedFederation(declared);
    const left = Object.entries(wanted ?? {}).filter(([field]) =>
      leave.has(`domains[${name}].federation.${field}`),
    );
    return [name, { ...found, ...(Object.fromEntries(left) as Partial<Federation>) }] as const;
  });
  return Object.fromEntries(entries);
}

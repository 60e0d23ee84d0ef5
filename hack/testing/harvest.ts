/** Holders of a licence for tests of harvest: somebody who has used it yesterday, half a year after the account was made. */
import type { HarvestSpec } from '../../operator/api/harvest.ts';
import type { AccountFacts } from '../../operator/clients/graph/activity-port.ts';
import type { HarvestSight, Holder } from '../../operator/kinds/license-pool/harvest.ts';

const dayMs = 24 * 60 * 60_000;
export const harvestNowMs = Date.UTC(2026, 5, 15, 10);

export function daysAgo(days: number): number {
  return harvestNowMs - days * dayMs;
}

export function accountFacts(overrides: Partial<AccountFacts> = {}): AccountFacts {
  return {
    id: 'mia',
    createdMs: daysAgo(180),
    owner: undefined,
    lastSignInMs: daysAgo(1),
    ...overrides,
  };
}

export function holder({
  facts,
  ...overrides
}: Partial<Omit<Holder, 'facts'>> & {
  readonly facts?: Partial<AccountFacts> | null;
} = {}): Holder {
  const id = overrides.id ?? 'mia';
  return {
    id,
    userPrincipalName: `${id}@contoso.example`,
    isEnabled: true,
    isSynced: false,
    isInherited: false,
    isSpared: false,
    claim: 'None',
    isLeftBehind: false,
    facts: facts === null ? undefined : accountFacts({ id, ...facts }),
    ...overrides,
  };
}

export function sight(
  holders: readonly Holder[],
  overrides: Partial<HarvestSight> = {},
): HarvestSight {
  return {
    holders,
    signIns: 'Available',
    isRead: true,
    goOnMs: undefined,
    block: undefined,
    ...overrides,
  };
}

export function harvestSpec(overrides: Partial<HarvestSpec> = {}): HarvestSpec {
  return { mode: 'Auto', inactiveDays: 90, graceDays: 14, maxPerDay: 5, ...overrides };
}

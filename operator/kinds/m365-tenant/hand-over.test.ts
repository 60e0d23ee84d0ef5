import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ids, nowMs, tenant, withConditions } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedTenant } from '../../../hack/testing/observed.ts';
import { expectSoundPlan, readyOf } from '../../../hack/testing/plan-checks.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { annotations } from '../../core/plan.ts';
import { directoryModeOf } from '../directory-mode.ts';
import type { ObservedHandOver, Protection } from './hand-over.ts';
import { type EntraSide, pairAccounts } from './hand-over-pairs.ts';
import type { ObservedTenant } from './observed.ts';
import { planTenant } from './plan.ts';

const customersOU = 'OU=Customers,DC=corp,DC=example';
const anchored = adAccount({ anchor: 'anchor-1', userPrincipalName: 'mia@contoso.example' });
const named = adAccount({
  objectGuid: 'guid-2',
  anchor: 'anchor-2',
  userPrincipalName: 'max@contoso.example',
});
const mia = entraUser({
  userPrincipalName: 'mia@contoso.example',
  onPremisesImmutableId: 'anchor-1',
  onPremisesSyncEnabled: true,
});
const max = entraUser({
  id: ids.manager,
  userPrincipalName: 'max@contoso.example',
  onPremisesImmutableId: undefined,
});

const taking = (status: M365Tenant['status'] = {}, confirm?: string): M365Tenant =>
  tenant({
    metadata: confirm === undefined ? {} : { annotations: { [annotations.confirm]: confirm } },
    spec: {
      identity: { activeDirectory: 'Managed', passwords: 'Both', handOver: 'Guided' },
    },
    status: { tenantId: ids.tenant, ...status },
  });

const handOver = (
  users: readonly EntraSide[] = [mia, max],
  protection: readonly (readonly [string, Protection])[] = [],
): ObservedHandOver => ({
  pairing: pairAccounts([anchored, named], users),
  protection: new Map(protection),
});

const seen = (
  isSyncOn: boolean,
  syncedAccounts: number,
  found: ObservedHandOver | undefined = handOver(),
): ObservedTenant =>
  observedTenant({
    customersOU,
    organization: { ...observedTenant().organization!, onPremisesSyncEnabled: isSyncOn },
    directory: { ...observedTenant().directory!, syncedAccounts },
    handOver: found,
  });

const plan = (resource: M365Tenant, observed: ObservedTenant) => {
  const planned = planTenant(resource, observed, nowMs);
  expectSoundPlan(resource, planned);
  return planned;
};

const report = plan(taking(), seen(true, 1)).status.handOver?.report ?? '';
const confirmed = taking({}, report);

describe('a guided hand-over from a sync server', () => {
  const rows = [
    ['not read yet', taking(), { ...seen(true, 1), handOver: undefined }, 'HandOverObserving'],
    ['read', taking(), seen(true, 1), 'HandOverNotConfirmed'],
    ['another report confirmed', taking({}, 'handover-0'), seen(true, 1), 'HandOverNotConfirmed'],
    ['confirmed, sync on', confirmed, seen(true, 1), 'HandOverSyncActive'],
    ['confirmed, accounts still synced', confirmed, seen(false, 1), 'HandOverSwitching'],
    ['sync off, not confirmed', taking(), seen(false, 0), 'HandOverNotConfirmed'],
    ['confirmed, off', confirmed, seen(false, 0), 'OrganizationalUnitMissing'],
  ] as const;
  it.each(rows)('%s: %s', (_, resource, observed, reason) => {
    const planned = plan(resource, observed);
    expect(readyOf(planned)).toBe(`False ${reason}`);
    const isWritten = planned.actions.some(({ system }) => system === 'ActiveDirectory');
    expect(isWritten).toBe(reason === 'OrganizationalUnitMissing');
    expect(planned.status.handOver?.done ?? false).toBe(isWritten);
  });

  it('tells in numbers and names what was found, and how far it has come', () => {
    expect(plan(taking(), seen(true, 1)).status.handOver).toEqual({
      report,
      confirmed: false,
      done: false,
      percent: 50,
      matched: 2,
      matchedByAnchor: 1,
      matchedByName: 1,
      matchedByMail: 0,
      onlyActiveDirectory: 0,
      onlyEntra: 0,
      ambiguous: 0,
      anchorsDiffer: 0,
      skipped: 0,
      findings: undefined,
    });
    const off = { ...mia, onPremisesSyncEnabled: false };
    const later = plan(confirmed, seen(false, 0, handOver([off, max]))).status.handOver;
    expect(later).toMatchObject({ percent: 100, done: true, confirmed: true });
  });

  it('names who is skipped, and why; once the tenant is off, who is still synced', () => {
    const found = handOver(
      [
        mia,
        max,
        entraUser({ id: 'x', userPrincipalName: 'x@y.example', onPremisesImmutableId: 'z' }),
      ],
      [[max.id, 'PrivilegedAccount']],
    );
    const { handOver: status } = plan(taking(), seen(false, 1, found)).status;
    expect(status).toMatchObject({ matched: 1, skipped: 1, onlyEntra: 1 });
    expect(status?.findings).toEqual([
      { account: 'max@contoso.example', finding: 'PrivilegedAccount' },
      { account: 'mia@contoso.example', finding: 'StillSynced' },
      { account: 'x@y.example', finding: 'OnlyEntra' },
    ]);
  });

  it('needs another confirmation where somebody else is paired by name, not where anchors come and go', () => {
    const nameOf = (found: ObservedHandOver) =>
      plan(taking(), seen(true, 1, found)).status.handOver?.report;
    const other = { ...max, id: 'other' };
    expect(nameOf(handOver([mia, other]))).not.toBe(report);
    expect(nameOf(handOver([max]))).toBe(report);
    const before = plan(confirmed, seen(true, 1)).status.handOver;
    const kept = plan(taking({ handOver: before }), seen(true, 1));
    expect(kept.status.handOver?.confirmed).toBe(true);
    const lost = plan(taking({ handOver: before }), seen(true, 1, handOver([mia, other])));
    expect(lost.status.handOver?.confirmed).toBe(false);
  });

  it('that is done stays so, and a sync server that comes back is fenced off again', () => {
    const done = plan(confirmed, seen(false, 0)).status.handOver;
    const resource = taking({ handOver: done });
    const after = plan(resource, { ...seen(true, 0), handOver: undefined });
    expect(readyOf(after)).toBe('False DirectorySyncActive');
    expect(after.status.handOver).toEqual(done);
  });

  it('holds fifty findings at most', () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      adAccount({
        objectGuid: `guid-${index}`,
        anchor: `anchor-${index}`,
        userPrincipalName: `p${index}@contoso.example`,
      }),
    );
    const found = { pairing: pairAccounts(many, []), protection: new Map<string, Protection>() };
    const { handOver: status } = plan(taking(), seen(true, 1, found)).status;
    expect(status).toMatchObject({ onlyActiveDirectory: 60 });
    expect(status?.findings).toHaveLength(50);
  });
});

describe('the fence', () => {
  it('keeps every tenant with a sync server out of two directories', () => {
    fc.assert(
      fc.property(
        fc.record({
          isGuided: fc.boolean(),
          isConfirmed: fc.boolean(),
          wasDone: fc.boolean(),
          isSyncOn: fc.boolean(),
          synced: fc.integer({ min: 0, max: 2 }),
          isRead: fc.boolean(),
        }),
        ({ isGuided, isConfirmed, wasDone, isSyncOn, synced, isRead }) => {
          const done = { ...plan(confirmed, seen(false, 0)).status.handOver!, done: wasDone };
          const base = taking(wasDone ? { handOver: done } : {}, isConfirmed ? report : undefined);
          const identity = { activeDirectory: 'Managed', passwords: 'Both' } as const;
          const resource = isGuided ? base : { ...base, spec: { ...base.spec, identity } };
          const observed = seen(isSyncOn, synced, isRead && isGuided ? handOver() : undefined);
          const { actions, conditions } = plan(resource, observed);
          const isFenced = isSyncOn || synced > 0;
          if (!isFenced) return;
          expect(actions.filter(({ system }) => system === 'ActiveDirectory')).toEqual([]);
          expect(directoryModeOf(withConditions(resource, conditions))).toBe('EntraConnect');
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** What others take from an account in Active Directory that no declaration holds. */
import { describe, expect, it } from 'vitest';
import { ids, nowMs, readyCondition, user, withConditions } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { planUser } from './plan.ts';

const root = 'OU=contoso,OU=Customers,DC=corp,DC=example';
const { anchor } = adAccount();
const other = 'b3RoZXI=';

const seen = (account: Partial<AdAccount>, entra: Partial<EntraUser> = {}) =>
  observedUser({
    directoryMode: 'Managed',
    organizationalUnit: root,
    samAccountName: 'mia',
    entra: entraUser({ onPremisesImmutableId: anchor, ...entra }),
    activeDirectory: adAccount(account),
  });

const settled = (() => {
  const made = {
    objectGuid: ids.account,
    entraId: ids.user,
    anchor,
    createdByOperator: { activeDirectory: true, entra: true },
  };
  const { status } = planUser(user({ status: made }), seen({}), nowMs);
  return withConditions(user({ status: { ...made, ...status } }), [readyCondition()]);
})();

const planned = (account: Partial<AdAccount>, entra: Partial<EntraUser> = {}) =>
  planUser(settled, seen(account, entra), nowMs);

describe('an account that was deleted and brought back', () => {
  it('gets its mark again, with a password before it is enabled', () => {
    const bare = { ownerUid: undefined, enabled: false, lacksPassword: true as const };
    const { actions, status } = planned({ ...bare, userPrincipalName: undefined, attributes: {} });
    expect(actions).toMatchObject([
      { name: 'ReportDrift' },
      { name: 'RestoreAdAccount', lost: { ownerUid: 'uid-mia' }, needsPassword: true },
      {
        name: 'UpdateAdAccount',
        patch: { enabled: true, attributes: { displayName: 'Mia Muster' } },
      },
    ]);
    expect(status.createdByOperator).toEqual({ activeDirectory: true, entra: true });
    expect(status.drift?.map(({ path }) => path)).toEqual([
      'activeDirectory.enabled',
      'activeDirectory.userPrincipalName',
      'activeDirectory.displayName',
    ]);
  });

  it('that has all it had, needs nothing', () => {
    expect(planned({}).actions).toEqual([]);
  });

  it.each<[string, Partial<AdAccount>, boolean]>([
    ['is ours, and is marked', { ownerUid: undefined }, true],
    ['is of somebody else', { ownerUid: 'uid-noah' }, false],
    ['is another one than on record', { ownerUid: undefined, objectGuid: ids.group }, false],
  ])('%s', (_, account, isMarked) => {
    const { actions, status } = planned(account);
    expect(actions.map(({ name }) => name)).toEqual(isMarked ? ['RestoreAdAccount'] : []);
    expect(actions).not.toContainEqual(expect.objectContaining({ needsPassword: true }));
    expect(status.createdByOperator?.activeDirectory).toBe(isMarked);
  });
});

describe('an anchor', () => {
  it.each<[string, Partial<EntraUser>]>([
    ['and Entra has the right one', {}],
    ['and Entra has none yet', { onPremisesImmutableId: undefined }],
  ])('that others changed is set back, %s: Entra never gets the other one', (_, entra) => {
    const { actions, status } = planned({ anchor: other }, entra);
    expect(status.drift).toMatchObject([
      { path: 'activeDirectory.anchor', declared: anchor, actual: other, changedBy: 'unknown' },
      ...(entra.onPremisesImmutableId === undefined && 'onPremisesImmutableId' in entra
        ? [{ path: 'onPremisesImmutableId', declared: anchor }]
        : []),
    ]);
    expect(actions).toContainEqual(
      expect.objectContaining({ name: 'RestoreAdAccount', lost: { anchor } }),
    );
    expect(JSON.stringify(actions)).not.toContain(other);
    expect(status.anchor).toBe(anchor);
  });

  it('that Entra has too is nothing to set back: nobody knows which one is right', () => {
    const { actions, conditions } = planned({}, { onPremisesImmutableId: other });
    expect(actions).toEqual([]);
    expect(conditions).toContainEqual(expect.objectContaining({ reason: 'AnchorDiffers' }));
  });
});

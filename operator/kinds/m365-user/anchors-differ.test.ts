import { describe, expect, it } from 'vitest';
import { adAccount, entraUser, nowMs, observedUser, user } from '../../../hack/testing/build.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import { planUser } from './plan.ts';

const planned = (entra: Partial<EntraUser>, enabled = false) =>
  planUser(
    user({ spec: { enabled, jobTitle: 'Engineer' } }),
    observedUser({
      directoryMode: 'Managed',
      activeDirectory: adAccount({ attributes: { displayName: 'Mia Muster', title: 'Engineer' } }),
      entra: entraUser({ onPremisesImmutableId: 'b3RoZXI=', ...entra }),
    }),
    nowMs,
  );

describe('a person whose accounts have different anchors', () => {
  it.each<[string, Partial<EntraUser>, readonly string[]]>([
    ['open', {}, ['UpdateAdAccount', 'UpdateEntraUser', 'RevokeSessions']],
    ['blocked', { accountEnabled: false }, ['UpdateAdAccount', 'RevokeSessions']],
    ['synced', { onPremisesSyncEnabled: true }, ['UpdateAdAccount']],
  ])('and who must not sign in is blocked on both sides: %s in Entra', (_, entra, expected) => {
    const { actions, conditions } = planned(entra);
    expect(actions.map(({ name }) => name)).toEqual(expected);
    const written = actions.flatMap((action) =>
      action.name === 'UpdateEntraUser' ? [action.patch] : [],
    );
    expect(written).toEqual(
      expected.includes('UpdateEntraUser') ? [{ accountEnabled: false }] : [],
    );
    const { reason } = conditions.find(({ type }) => type === 'EntraSynced')!;
    expect(reason).toBe('AnchorDiffers');
  });

  it('is left as it is in Entra, else', () => {
    expect(planned({}, true).actions).toEqual([]);
    expect(planned({ accountEnabled: false }, true).actions).toEqual([]);
  });
});

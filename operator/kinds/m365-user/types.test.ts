import { describe, expect, it } from 'vitest';
import { nowMs, user } from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf } from '../../../hack/testing/plan-checks.ts';
import { nameInTenant } from './desired.ts';
import { planUser } from './plan.ts';

const guest = user({
  spec: { type: 'Guest', userPrincipalName: 'bob@partner.example', department: 'Sales' },
});
const guestName = 'bob_partner.example#EXT#@contoso.onmicrosoft.com';

describe('a guest', () => {
  it('is known by another name than at home', () => {
    expect(nameInTenant(guest, 'contoso.onmicrosoft.com')).toBe(guestName);
    expect(nameInTenant(user(), 'contoso.onmicrosoft.com')).toBe('mia@contoso.example');
  });

  it('is invited, not created, whatever domains there are', () => {
    const plan = planUser(guest, observedUser({ entra: undefined }), nowMs);
    expect(actionNames(plan)).toEqual(['InviteGuest']);
    expect(readyOf(plan)).toBe('False GuestMissing');
  });

  it('has its fields set, and keeps the name that Entra gave it', () => {
    const entra = entraUser({ userPrincipalName: guestName });
    const plan = planUser(guest, observedUser({ entra }), nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateEntraUser', patch: { department: 'Sales' } },
    ]);
    expect(JSON.stringify(plan.actions)).not.toContain('bob');
  });
});

describe.each(['Room', 'Shared'] as const)('a mailbox of type %s', (type) => {
  const room = user({ spec: { type } });

  it('is blocked, whatever enabled says', () => {
    const plan = planUser(room, observedUser(), nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateEntraUser', patch: { accountEnabled: false } },
      { name: 'RevokeSessions' },
    ]);
  });

  it('is as declared when it is blocked', () => {
    const blocked = user({ spec: { type }, status: { sessionsRevoked: true } });
    const plan = planUser(
      blocked,
      observedUser({ entra: entraUser({ accountEnabled: false }) }),
      nowMs,
    );
    expect([actionNames(plan), readyOf(plan)]).toEqual([[], 'True Disabled']);
  });
});

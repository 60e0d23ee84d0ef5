import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleted, ids, nowMs, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import { annotations } from '../../core/plan.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';
import { isListed } from './safeguards.ts';

const status = {
  entraId: ids.user,
  objectGuid: ids.account,
  createdByOperator: { entra: true, activeDirectory: true },
};
const wanted = user({
  status,
  metadata: { annotations: { [annotations.rotatePasswordAt]: 'now' } },
  spec: {
    enabled: false,
    userPrincipalName: 'new@contoso.example',
    mobilePhone: '+49 1',
    department: 'Sales',
    initialPassword: { secretName: 'mia' },
  },
});

const account = (more: Partial<ObservedUser> = {}) =>
  observedUser({
    directoryMode: 'Managed',
    activeDirectory: adAccount(),
    entra: entraUser({ onPremisesImmutableId: adAccount().anchor }),
    ...more,
  });

describe('a break-glass account', () => {
  it('is not touched, and nothing of it is recorded', () => {
    const plan = planUser(wanted, account({ protection: 'ProtectedAccount' }), nowMs);
    expect(plan).toMatchObject({ actions: [], status: {}, next: { look: 'onChange' } });
    expect(readyOf(plan)).toBe('False ProtectedAccount');
    expect(shown(plan, 'Stalled')).toBe('True ProtectedAccount');
  });

  it.each(['Disable', 'SoftDelete', 'Purge'] as const)(
    'is kept where its M365User is deleted: %s',
    (deletionPolicy) => {
      const leaving = deleted(user({ status, spec: { deletionPolicy } }));
      const plan = planUser(leaving, account({ protection: 'ProtectedAccount' }), nowMs);
      expect([plan.actions, plan.released]).toEqual([[], true]);
    },
  );

  it('is known by id and by name, of whatever letter case, declared or found', () => {
    const listed = (...names: string[]) => isListed(names, user(), entraUser());
    expect(listed('MIA@contoso.example')).toBe(true);
    expect(listed(ids.user)).toBe(true);
    expect(listed('mia@contoso.example.org', ids.manager)).toBe(false);
    expect(isListed([ids.user], user({ spec: { entraId: ids.user } }), undefined)).toBe(true);
    expect(isListed(undefined, user(), entraUser())).toBe(false);
  });
});

describe("an administrator's account", () => {
  const ofAdministrator = account({ protection: 'PrivilegedAccount' });

  it('keeps name, sign-in, password and telephone; the rest is done', () => {
    const plan = planUser(wanted, ofAdministrator, nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateAdAccount', patch: { attributes: { department: 'Sales' } } },
      { name: 'UpdateEntraUser', patch: { department: 'Sales' }, needsPassword: false },
    ]);
    expect(JSON.stringify(plan.actions)).not.toMatch(/mobile|accountEnabled|new@/);
    expect(readyOf(plan)).toBe('False PrivilegedAccount');
    expect(shown(plan, 'Stalled')).toBe('True PrivilegedAccount');
  });

  it('that others deleted is not brought back', () => {
    const gone = account({
      protection: 'PrivilegedAccount',
      entra: undefined,
      origin: 'Recorded',
      deleted: entraUser(),
    });
    const plan = planUser(user({ status }), gone, nowMs);
    expect(actionNames(plan)).not.toContain('RestoreEntraUser');
    expect(readyOf(plan)).toBe('False PrivilegedAccount');
  });

  it('is as others where nothing of the kind is asked', () => {
    const plan = planUser(user({ status }), ofAdministrator, nowMs);
    expect(readyOf(plan)).toBe('True Provisioned');
    expect(shown(plan, 'Stalled')).toBeUndefined();
  });

  it.each(['Disable', 'SoftDelete'] as const)(
    'is not taken away with its M365User: %s',
    (deletionPolicy) => {
      const leaving = deleted(user({ status, spec: { deletionPolicy } }));
      const plan = planUser(leaving, ofAdministrator, nowMs);
      expect([actionNames(plan), plan.released]).toEqual([[], false]);
      expect(readyOf(plan)).toBe('False PrivilegedAccount');
      const kept = deleted(user({ status, spec: { deletionPolicy: 'Retain' } }));
      expect(planUser(kept, ofAdministrator, nowMs).released).toBe(true);
    },
  );

  it('never gets a sensitive change, whatever is declared', () => {
    const text = fc.option(fc.constantFrom('a', 'b'), { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({ mobilePhone: text, department: text, jobTitle: text, enabled: fc.boolean() }),
        fc.constantFrom('mia@contoso.example', 'eve@contoso.example'),
        fc.boolean(),
        (spec, userPrincipalName, isDeleting) => {
          const declared = user({
            status,
            spec: { ...spec, userPrincipalName, deletionPolicy: 'Purge' },
          });
          const plan = planUser(isDeleting ? deleted(declared) : declared, ofAdministrator, nowMs);
          expect(plan.actions.filter(({ verb }) => verb === 'delete')).toEqual([]);
          for (const action of plan.actions) {
            if (!('patch' in action)) continue;
            const names = Object.keys({
              ...action.patch,
              ...('attributes' in action.patch ? action.patch.attributes : {}),
            });
            expect(
              names.filter((n) =>
                [
                  'accountEnabled',
                  'enabled',
                  'mobilePhone',
                  'mobile',
                  'userPrincipalName',
                ].includes(n),
              ),
            ).toEqual([]);
          }
        },
      ),
    );
  });
});

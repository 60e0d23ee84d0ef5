/** The table of blocking.ts. */
import { describe, expect, it } from 'vitest';
import { deleted, ids, nowMs, user } from '../../../hack/testing/build.ts';
import { accountsRecord, anchor, type Spec } from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { planUser } from './plan.ts';

/** Differs in name, department, place and group on either side, and is open. */
const open = observedUser({
  directoryMode: 'Managed',
  organizationalUnit: 'OU=Sales,OU=contoso,OU=Customers,DC=corp,DC=example',
  activeDirectory: adAccount(),
  entra: entraUser({ onPremisesImmutableId: anchor, userPrincipalName: 'mia@adfs.example' }),
  federatedDomains: ['adfs.example'],
  directoryGroups: [{ name: 'desktop', id: undefined, isMember: false }],
});
const spec: Spec = {
  userPrincipalName: 'mia.lund@contoso.example',
  department: 'Sales',
  activeDirectory: { organizationalUnit: 'OU=Sales' },
};
const planned = (more: Spec = {}) =>
  planUser(user({ spec: { ...spec, ...more }, status: accountsRecord }), open, nowMs).actions.map(
    (action) => ({
      name: action.name,
      isUrgent: action.isUrgent === true,
      ...('patch' in action ? { fields: Object.keys(action.patch) } : {}),
    }),
  );
const entraFields = ['department', 'userPrincipalName'];

describe('who must not sign in', () => {
  it('is blocked first, in both directories, by writes of their own', () => {
    expect(planned({ enabled: false })).toEqual([
      { name: 'UpdateAdAccount', isUrgent: true, fields: ['enabled'] },
      { name: 'UpdateEntraUser', isUrgent: true, fields: ['accountEnabled'] },
      { name: 'RevokeSessions', isUrgent: true },
      { name: 'MoveAdAccount', isUrgent: false },
      { name: 'UpdateAdAccount', isUrgent: false, fields: ['userPrincipalName', 'attributes'] },
      { name: 'JoinAdGroup', isUrgent: false },
      { name: 'UpdateEntraUser', isUrgent: false, fields: entraFields },
    ]);
  });

  it('keeps what the other write needs, and says what it changes', () => {
    const { actions } = planUser(
      user({ spec: { ...spec, enabled: false }, status: accountsRecord }),
      open,
      nowMs,
    );
    expect(actions.at(-1)).toMatchObject({
      needsPassword: true,
      summary: 'changed department, userPrincipalName in Entra ID',
    });
    expect(actions.at(4)?.summary).toMatch(/^changed userPrincipalName, department in /);
  });

  it('and whose M365User is deleted is blocked in the one where the other refuses', () => {
    const gone = deleted(user({ spec: { deletionPolicy: 'Disable' }, status: accountsRecord }));
    expect(planUser(gone, open, nowMs).actions).toMatchObject([
      { name: 'UpdateAdAccount', isUrgent: true, objectGuid: ids.account },
      { name: 'UpdateEntraUser', isUrgent: true, id: ids.user },
      { name: 'RevokeSessions', isUrgent: true },
    ]);
  });
});

it('who may sign in gets all of a directory in one write', () => {
  expect(planned().filter(({ fields }) => fields !== undefined)).toEqual([
    { name: 'UpdateAdAccount', isUrgent: false, fields: ['userPrincipalName', 'attributes'] },
    { name: 'UpdateEntraUser', isUrgent: false, fields: entraFields },
  ]);
});

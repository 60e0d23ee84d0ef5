import { describe, expect, it } from 'vitest';
import { nowMs, readyCondition, user, withConditions } from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { directoryAttributes, entraProfile } from './desired.ts';
import { planUser } from './plan.ts';

const address = {
  streetAddress: 'Marktplatz 1',
  city: 'Köln',
  state: 'NRW',
  postalCode: '50667',
  country: 'Germany',
};
const spec = {
  ...address,
  businessPhone: '+49 221 1',
  employeeType: 'Contractor',
  mailNickname: 'mia.m',
  mail: 'Mia.Muster@contoso.example',
  otherMails: ['z@private.example', 'a@private.example'],
  passwordPolicies: ['DisableStrongPassword' as const, 'DisablePasswordExpiration' as const],
};
const declared = user({ spec });
const profile = {
  ...address,
  businessPhones: ['+49 221 1'],
  employeeType: 'Contractor',
  mailNickname: 'mia.m',
  mail: 'Mia.Muster@contoso.example',
  otherMails: ['a@private.example', 'z@private.example'],
  passwordPolicies: 'DisablePasswordExpiration, DisableStrongPassword',
};

describe('the profile of a person', () => {
  it('is written by the names of each directory', () => {
    expect(entraProfile(declared)).toMatchObject(profile);
    expect(directoryAttributes(declared)).toEqual({
      displayName: 'Mia Muster',
      telephoneNumber: '+49 221 1',
      mail: 'Mia.Muster@contoso.example',
      streetAddress: 'Marktplatz 1',
      l: 'Köln',
      st: 'NRW',
      postalCode: '50667',
      co: 'Germany',
      employeeType: 'Contractor',
    });
  });

  it('is written once, in one change, and then differs in nothing', () => {
    const plan = planUser(declared, observedUser(), nowMs);
    expect(plan.actions).toMatchObject([{ name: 'UpdateEntraUser', patch: profile }]);
    expect(planUser(declared, observedUser({ entra: entraUser(profile) }), nowMs).actions).toEqual(
      [],
    );
  });

  it('has an address that Exchange writes in other letter case', () => {
    const entra = entraUser({ ...profile, mail: 'mia.muster@contoso.example' });
    expect(planUser(declared, observedUser({ entra }), nowMs).actions).toEqual([]);
    const other = entraUser({ ...profile, mail: 'mia@contoso.example' });
    expect(planUser(declared, observedUser({ entra: other }), nowMs).actions).toMatchObject([
      { patch: { mail: 'Mia.Muster@contoso.example' } },
    ]);
  });

  it('is left alone as far as nothing is declared', () => {
    const full = observedUser({ entra: entraUser(profile) });
    expect(planUser(user(), full, nowMs).actions).toEqual([]);
  });

  it('can be emptied where it is a list', () => {
    const empty = user({ spec: { otherMails: [], passwordPolicies: [] } });
    const plan = planUser(empty, observedUser({ entra: entraUser(profile) }), nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'UpdateEntraUser', patch: { otherMails: [], passwordPolicies: 'None' } },
    ]);
    expect(planUser(empty, observedUser(), nowMs).actions).toEqual([]);
  });

  it('shows a change by others under the name in spec', () => {
    const before = withConditions(declared, [readyCondition()]);
    const changed = entraUser({ ...profile, businessPhones: ['+49 1'] });
    const plan = planUser(before, observedUser({ entra: changed }), nowMs);
    expect(plan.status.drift).toMatchObject([
      { path: 'businessPhone', type: 'Different', declared: '["+49 221 1"]', actual: '["+49 1"]' },
    ]);
  });
});

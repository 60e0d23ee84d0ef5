import { describe, expect, it } from 'vitest';
import { connection, deleted } from '../../../hack/testing/build.ts';
import { expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import { terminal, wait } from '../../core/errors.ts';
import { type ObservedConnection, planConnection } from './plan.ts';

const minute = 60_000;
const fine: ObservedConnection = {
  tenants: 3,
  credentials: { ok: true, value: { expireOn: '2027-01-01' } },
  appAccess: { ok: true, value: { customers: 12 } },
  userAccess: { ok: true, value: { isMfaCompliant: true } },
  catalog: { ok: true, value: { found: 1, missing: [] } },
  directory: { ok: true, value: { defaultNamingContext: 'DC=corp,DC=example' } },
  clockOffsetMs: 0,
};
const broken = (reason: string) => ({ ok: false as const, error: wait('it says why', { reason }) });
const final = (reason: string) => ({
  ok: false as const,
  error: terminal('it says why', { reason }),
});
const only = (credentials: ObservedConnection['credentials']): ObservedConnection => ({
  tenants: 3,
  credentials,
});

describe('a PartnerConnection', () => {
  it.each([
    ['Secret missing', only(broken('SecretNotFound')), 'False SecretNotFound', 15_000, {}],
    [
      'Secret broken',
      only(final('SecretKeyMissing')),
      'False SecretKeyMissing',
      15_000,
      { CredentialsReady: 'False SecretKeyMissing', Stalled: 'True SecretKeyMissing' },
    ],
    [
      'app-only token refused',
      { ...fine, appAccess: final('ClientSecretExpired') },
      'False ClientSecretExpired',
      minute,
      { AppAccess: 'False ClientSecretExpired', Stalled: 'True ClientSecretExpired' },
    ],
    [
      'Partner Center refuses',
      { ...fine, appAccess: broken('PermissionDenied') },
      'False PermissionDenied',
      minute,
      { AppAccess: 'False PermissionDenied', UserAccess: 'True TokenAccepted' },
    ],
    [
      'app + user token refused',
      { ...fine, userAccess: final('RefreshTokenExpired') },
      'False RefreshTokenExpired',
      minute,
      { UserAccess: 'False RefreshTokenExpired', Stalled: 'True RefreshTokenExpired' },
    ],
    [
      'app + user token without MFA',
      { ...fine, userAccess: { ok: true as const, value: { isMfaCompliant: false } } },
      'False MfaRequired',
      minute,
      { UserAccess: 'False MfaRequired' },
    ],
    [
      'an offer is not in the catalogue',
      { ...fine, catalog: { ok: true as const, value: { found: 1, missing: ['e5', 'p2'] } } },
      'True Connected',
      5 * minute,
      { CatalogReady: 'False OfferNotFound' },
    ],
    [
      'the catalogue cannot be read',
      { ...fine, catalog: broken('Throttled') },
      'True Connected',
      5 * minute,
      { CatalogReady: 'False Throttled' },
    ],
    [
      'Active Directory not reachable',
      { ...fine, directory: broken('ConnectionFailed') },
      'False ConnectionFailed',
      minute,
      { DirectoryReady: 'False ConnectionFailed' },
    ],
    [
      'commerce clock ahead by over a minute',
      { ...fine, clockOffsetMs: minute + 1 },
      'True Connected',
      5 * minute,
      { ClockInSync: 'False ClockDiffers' },
    ],
    [
      'commerce clock behind by over a minute',
      { ...fine, clockOffsetMs: -minute - 1 },
      'True Connected',
      5 * minute,
      { ClockInSync: 'False ClockDiffers' },
    ],
    [
      'all well',
      fine,
      'True Connected',
      5 * minute,
      {
        CredentialsReady: 'True CredentialsFound',
        AppAccess: 'True TokenAccepted',
        UserAccess: 'True TokenAccepted',
        CatalogReady: 'True OffersFound',
        DirectoryReady: 'True Connected',
        ClockInSync: undefined,
        Stalled: undefined,
      },
    ],
    [
      'no Active Directory is declared',
      { ...fine, directory: undefined as never },
      'True Connected',
      5 * minute,
      { DirectoryReady: undefined },
    ],
  ] as const)('%s', (_, observed, ready, delayMs, conditions) => {
    const resource = connection();
    const plan = planConnection(resource, observed);
    expect(readyOf(plan)).toBe(ready);
    expect(plan.next).toMatchObject({ look: 'after', delayMs });
    expect(plan.actions).toEqual([]);
    expect(plan.released).toBe(false);
    for (const [type, wanted] of Object.entries(conditions)) {
      expect(shown(plan, type), type).toBe(wanted);
    }
    expectSoundPlan(resource, plan);
  });

  it('shows what was found', () => {
    expect(planConnection(connection(), fine).status).toEqual({
      markets: 45,
      tenants: 3,
      customers: 12,
      catalogOffers: 1,
      credentialsExpireOn: '2027-01-01',
      defaultNamingContext: 'DC=corp,DC=example',
    });
    const own = connection({ spec: { markets: ['DE', 'AT'] } });
    expect(planConnection(own, fine).status.markets).toBe(2);
  });

  it('keeps what it knew while it cannot look', () => {
    const { status } = planConnection(connection(), only(broken('SecretNotFound')));
    expect(Object.keys(status)).toEqual(['markets', 'tenants', 'credentialsExpireOn']);
  });

  it('names every offer that is missing', () => {
    const catalog = { ok: true as const, value: { found: 0, missing: ['e5', 'p2'] } };
    const plan = planConnection(connection(), { ...fine, catalog });
    const found = plan.conditions.find(({ type }) => type === 'CatalogReady');
    expect(found?.message).toContain('"e5", "p2"');
  });

  it('deleted, tenants still use it: stays', () => {
    const resource = deleted(connection());
    const plan = planConnection(resource, fine);
    expect(readyOf(plan)).toBe('False InUse');
    expect(plan).toMatchObject({ released: false, next: { look: 'after', delayMs: 10_000 } });
    expectSoundPlan(resource, plan);
  });

  it('deleted, unused: released, also without credentials', () => {
    const resource = deleted(connection());
    const plan = planConnection(resource, { ...only(broken('SecretNotFound')), tenants: 0 });
    expect(plan).toMatchObject({ released: true, next: { look: 'onChange' } });
    expectSoundPlan(resource, plan);
  });
});

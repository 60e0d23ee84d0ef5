import { describe, expect, it } from 'vitest';
import { tenant } from '../../../hack/testing/build.ts';
import { entraUser } from '../../../hack/testing/observed.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import { readDirectory } from './remote-domains.ts';

const counts: Readonly<Record<string, number>> = {
  'contoso.example': 1,
  'sales.contoso.example': 2,
  'own.contoso.example': 4,
};

const view = {
  userCount: 7,
  lastFullReadMs: 0,
  users: () => [entraUser({ onPremisesSyncEnabled: true }), entraUser()],
  usersWithoutAnchor: (domain: string) => counts[domain] ?? 0,
} as unknown as DirectoryView;

const federation = {
  passiveSignInUri: 'https://sts.corp.example/adfs/ls/',
  signingCertificate: 'A'.repeat(120),
  protocol: 'WsFed',
  multiFactorAuthentication: 'AcceptIfDoneByFederatedIdp',
} as const;

describe('what is read of the directory for a tenant', () => {
  it('counts who has no anchor in a domain that becomes Federated, and in those that follow it', () => {
    const domain = (name: string, isRoot: boolean) =>
      ({ name, isRoot, isVerified: true, isDefault: false, authentication: 'Managed' }) as const;
    const domains = [
      domain('contoso.example', true),
      domain('sales.contoso.example', false),
      domain('own.contoso.example', true),
    ];
    const declared = { name: 'contoso.example', authentication: 'Federated' as const, federation };
    const { withoutAnchor } = readDirectory(tenant({ spec: { domains: [declared] } }), view, {
      domains,
      federations: {},
    });
    expect(withoutAnchor).toEqual({ 'contoso.example': 3 });
  });

  it.each([
    ['Managed', 1],
    ['EntraConnect', 0],
    ['None', 0],
  ] as const)('counts synced accounts where both directories are written: %s', (mode, synced) => {
    const identity = { activeDirectory: mode, passwords: 'Both' } as const;
    const { syncedAccounts } = readDirectory(tenant({ spec: { identity } }), view, {});
    expect(syncedAccounts).toBe(synced);
  });
});

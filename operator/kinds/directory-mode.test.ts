import { describe, expect, it } from 'vitest';
import { ids, readyCondition, tenant, withConditions } from '../../hack/testing/build.ts';
import { directoryModeOf } from './directory-mode.ts';

const declaring = (activeDirectory: 'None' | 'Managed' | 'EntraConnect') =>
  tenant({ spec: { identity: { activeDirectory, passwords: 'Both' } } });

const shows = (status: 'True' | 'False', reason: string) =>
  [{ ...readyCondition(), type: 'ActiveDirectoryReady', status, reason }] as const;

describe('the directory mode of a tenant', () => {
  it.each([
    ['Managed', 'False', 'DirectorySyncActive', 'EntraConnect'],
    ['Managed', 'False', 'UpnSuffixMissing', 'Managed'],
    ['Managed', 'True', 'OrganizationalUnitReady', 'Managed'],
    ['None', 'False', 'DirectorySyncActive', 'None'],
    ['EntraConnect', 'True', 'OrganizationalUnitReady', 'EntraConnect'],
  ] as const)('%s, ActiveDirectoryReady %s %s: %s', (declared, status, reason, mode) => {
    const resource = withConditions(declaring(declared), shows(status, reason));
    expect(directoryModeOf(resource)).toBe(mode);
  });

  it('is as declared before the first look, and None where nothing is', () => {
    expect(directoryModeOf(declaring('Managed'))).toBe('Managed');
    expect(directoryModeOf(tenant({ status: { tenantId: ids.tenant } }))).toBe('None');
  });
});

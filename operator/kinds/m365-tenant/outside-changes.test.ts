import { describe, expect, it } from 'vitest';
import { tenant } from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import type { DriftEntry } from '../../api/common.ts';
import type { OutsideChange } from '../../clients/graph/audit-port.ts';
import { attributed, idsOf, lostOf } from './outside-changes.ts';

const change = (more: Partial<OutsideChange> = {}): OutsideChange => ({
  id: 'u1',
  auditId: 'a1',
  at: '2026-03-02T10:00:00Z',
  activity: 'Remove member from group',
  author: { type: 'User', id: 'eve', name: 'eve@contoso.example' },
  groups: ['Sales'],
  fields: [],
  ...more,
});
const later = { at: '2026-03-02T11:00:00Z', author: { type: 'User', id: 'x', name: 'x' } } as const;
const deleted = change({ id: 'g1', activity: 'Delete group' });
const federated = change({ id: 'a.example', groups: [], activity: 'Set federation settings' });
const drift = (path: string): DriftEntry => ({ path, type: 'Different', actual: 'now' });

describe('drift of a tenant', () => {
  const eve = 'eve@contoso.example';
  it.each([
    ['groups[Sales].members', [change()], eve],
    ['groups[Sales].exclusive', [change()], eve],
    ['groups[Sales].members', [change(), change(later)], 'x'],
    ['groups[Sales].members', [change({ groups: ['Other'] })], undefined],
    ['groups[Sales].members', [deleted], undefined],
    ['groups[Sales]', [deleted], eve],
    ['groups[Sales]', [change()], undefined],
    ['domains[a.example].federation.issuerUri', [federated], eve],
    ['domains[b.example].federation.issuerUri', [federated], undefined],
  ] as const)('of %s is by who did it', (path, changes, by) => {
    expect(attributed([drift(path)], changes, undefined)[0]?.changedBy).toBe(by);
  });

  it('keeps who it was told to be by after a restart, while the value is the same', () => {
    const path = 'groups[Sales].members';
    const before = attributed([drift(path)], [change()], undefined);
    expect(attributed([drift(path)], [], before)).toEqual(before);
    const other = { ...drift(path), actual: 'another' };
    expect(attributed([other], [], before)).toEqual([other]);
  });
});

describe('whom the audit log is asked about', () => {
  const group = {
    name: 'Sales',
    id: 'g1',
    found: 1,
    hasOtherType: false,
    hasWritableMembers: true,
    declaresMembers: true,
    missingMembers: [{ id: 'u1', name: 'ella' }],
    surplusMembers: [{ id: 'u2', name: 'mia' }],
    unknownMembers: [],
  };
  const resource = tenant({ status: { groups: [{ name: 'Sales', id: 'g1' }] } });

  it('is who is missing or too many; and nobody where all is as declared', () => {
    expect(idsOf(resource, observedTenant({ groups: [group] }))).toEqual(['u1', 'u2']);
    expect(idsOf(resource, observedTenant())).toEqual([]);
  });

  it('is a group that is gone, by the id that it had', () => {
    const gone = { ...group, id: undefined, found: 0, missingMembers: [], surplusMembers: [] };
    expect(lostOf(resource, observedTenant({ groups: [gone] }))).toEqual(['g1']);
    expect(lostOf(tenant(), observedTenant({ groups: [gone] }))).toEqual([]);
  });

  it('is a domain that is not as declared any more', () => {
    const domains = [{ name: 'a.example', authentication: 'Managed' as const }];
    const found = {
      name: 'a.example',
      isVerified: true,
      isDefault: false,
      isRoot: true,
      isInitial: false,
    };
    const observed = observedTenant({ domains: [{ ...found, authentication: 'Federated' }] });
    expect(lostOf(tenant({ spec: { domains } }), observed)).toEqual(['a.example']);
  });
});

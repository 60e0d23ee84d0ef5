import { describe, expect, it } from 'vitest';
import { ids, tenant, user } from '../../hack/testing/build.ts';
import type { OutsideChange } from '../clients/graph/audit-port.ts';
import type { Resource } from '../core/resource.ts';
import { tellOutsideChange } from './outside-changes.ts';

const change: OutsideChange = {
  id: 'u1',
  auditId: 'a1',
  at: '2026-03-02T10:00:00Z',
  activity: 'Add member to group',
  author: { type: 'User', id: 'eve', name: 'eve@contoso.example' },
  groups: ['Payroll'],
  fields: [],
};

/** Of each kind that was told: event, audit line, count and wake. */
function told(one: OutsideChange, objects: readonly Resource[]): readonly string[] {
  const all: string[] = [];
  tellOutsideChange(
    {
      cluster: {
        list: <R>(kind: string) => objects.filter((o) => o.kind === kind) as R[],
        referencing: <R>(_: string, kind: string) => objects.filter((o) => o.kind === kind) as R[],
      },
      events: { record: ({ kind }, { note }) => all.push(`${kind} event ${note}`) },
      audit: { write: ({ resource }) => void all.push(`${resource.kind} line`) },
      count: ({ kind, author_type }) => all.push(`${kind} count ${author_type}`),
      wake: (key) => all.push(`wake ${key}`),
      isTold: () => true,
    },
    ids.tenant,
    one,
  );
  return all;
}

describe('a change by others', () => {
  const groups = [{ name: 'Payroll', type: 'Security' as const }];
  const ours = tenant({ spec: { groups }, status: { tenantId: ids.tenant } });
  const ella = user({ metadata: { name: 'ella' }, status: { entraId: 'u1' } });
  const note = 'Add member to group by eve@contoso.example at 2026-03-02T10:00:00Z';
  const all = (kind: string, key: string) => [
    `${kind} event ${note}`,
    `${kind} line`,
    `${kind} count User`,
    `wake ${key}`,
  ];

  it('to a group of the tenant is told of the tenant, whoever the member is', () => {
    expect(told(change, [ours])).toEqual(all('M365Tenant', 'M365Tenant/acme/contoso'));
  });

  it('is told of the person too', () => {
    expect(told(change, [ours, ella])).toEqual([
      ...all('M365User', 'M365User/acme/ella'),
      ...all('M365Tenant', 'M365Tenant/acme/contoso'),
    ]);
  });

  it('to a group that nobody declares is told of the person only', () => {
    const other = { ...change, groups: ['Other'] };
    expect(told(other, [ours, ella])).toEqual(all('M365User', 'M365User/acme/ella'));
    expect(told(other, [ours])).toEqual([]);
  });

  it('to a declared domain is told of the tenant, and to another of nobody', () => {
    const domains = [{ name: 'a.example' }];
    const having = tenant({ spec: { domains }, status: { tenantId: ids.tenant } });
    const federated = { ...change, id: 'a.example', groups: [] };
    expect(told(federated, [having])).toHaveLength(4);
    expect(told({ ...federated, id: 'b.example' }, [having])).toEqual([]);
  });

  it('of another tenant is told of nobody here', () => {
    const elsewhere = tenant({ spec: { groups }, status: { tenantId: ids.partner } });
    expect(told(change, [elsewhere, ella])).toEqual([]);
  });
});

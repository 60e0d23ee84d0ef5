import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ids, nowMs, tenant } from '../../../hack/testing/build.ts';
import {
  access,
  assignment,
  noMassChanges,
  observedTenant,
  relationship,
} from '../../../hack/testing/observed.ts';
import { expectSoundPlan, readyOf } from '../../../hack/testing/plan-checks.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { missingPermissions } from '../../core/permissions.ts';
import type { TenantAction } from './actions.ts';
import type { ObservedTenant } from './observed.ts';
import { planTenant } from './plan.ts';

const precheck = {
  isCountrySold: true,
  isDomainTaken: false,
  addressProblem: undefined,
  address: { status: 'VerifiedShippable', message: undefined, suggestions: [] },
};

const missing = missingPermissions([]);

const nothingYet = {
  pollMs: 60_000,
  partnerTenantId: ids.partner,
  managedUsers: 0,
  massChanges: noMassChanges,
  managedPools: 0,
};

const noCustomer: ObservedTenant = { ...nothingYet, customer: undefined, precheck };

const customersOU = 'OU=Customers,DC=corp,DC=example';

const withDomains = tenant({
  spec: {
    domains: [
      { name: 'contoso.example', authentication: 'Managed', default: true },
      { name: 'contoso.test', authentication: 'Federated' },
    ],
  },
});

const domain = (name: string, more = {}) => ({
  name,
  isVerified: true,
  isDefault: false,
  isRoot: true,
  authentication: 'Managed' as const,
  ...more,
});

describe('the way of a new tenant', () => {
  /** What each action changes outside; the model of Microsoft is as small as that. */
  // oxlint-disable-next-line eslint/complexity -- one case for each action
  function applied(
    action: TenantAction,
    [resource, observed]: readonly [M365Tenant, ObservedTenant],
  ): readonly [M365Tenant, ObservedTenant] {
    const learn = (status: M365Tenant['status']): M365Tenant => ({
      ...resource,
      status: { ...resource.status, ...status },
    });
    const seen = (more: Partial<ObservedTenant>) => [resource, { ...observed, ...more }] as const;
    const way = (more: Parameters<typeof access>[0]) =>
      seen({ access: { ...access(), ...observed.access, ...more } });
    const whole = observedTenant();
    switch (action.name) {
      case 'RecordIntent':
        return [learn({ intent: { requestId: ids.user } }), observed];
      case 'CreateCustomer':
        expect(resource.status?.intent).toBeDefined();
        return [
          learn({ tenantId: ids.tenant, intent: undefined }),
          {
            ...observed,
            customer: whole.customer,
            precheck: undefined,
            access: access({ missing, hasServicePrincipal: false, relationship }),
          },
        ];
      case 'ConfirmAgreement':
        return seen({ agreement: whole.agreement });
      case 'RequestRelationship':
        return way({ relationship });
      case 'AssignAccess':
        return way({ assignment });
      case 'ConsentApplication':
        expect(observed.access?.assignment?.status).toBe('active');
        return way({ hasServicePrincipal: true });
      case 'GrantPermissions':
        return seen({
          access: { ...observed.access!, missing: [] },
          organization: whole.organization,
          domains: [],
        });
      case 'RemoveAccess':
        return way({ assignment: undefined });
      case 'EnsureOrganizationalUnit':
        return [learn({ organizationalUnit: `OU=${action.ouName},${action.parent}` }), observed];
      case 'EnsureIsolation':
        return [learn({ isolationGroup: action.group }), observed];
      case 'EnsureUpnSuffixes':
        return [
          learn({ upnSuffixes: [...(resource.status?.upnSuffixes ?? []), ...action.suffixes] }),
          observed,
        ];
      case 'AddDomain':
        return seen({
          domains: [...(observed.domains ?? []), domain(action.domain, { isVerified: false })],
        });
      case 'VerifyDomain':
      case 'SetDefaultDomain': {
        const change = action.name === 'VerifyDomain' ? { isVerified: true } : { isDefault: true };
        return seen({
          domains: (observed.domains ?? []).map((d) =>
            d.name === action.domain ? { ...d, ...change } : d,
          ),
        });
      }
      case 'CreateGroup':
      case 'AddGroupMember':
      case 'RemoveGroupMember':
        return seen({ groups: [] });
      case 'PublishDnsRecords':
        return [learn({ publishedRecords: action.fingerprint }), observed];
      case 'CreateFederation':
        return seen({ federations: { [action.domain]: { id: 'f', ...action.federation } } });
      case 'RemoveFederation':
        return seen({ federations: {} });
      case 'UpdateFederation': {
        const before = observed.federations?.[action.domain];
        return before === undefined
          ? [resource, observed]
          : seen({ federations: { [action.domain]: { ...before, ...action.patch } } });
      }
    }
  }

  /** The model knows the group all along: what observe learns is not what is tested here. */
  function withGroup([resource, observed]: readonly [M365Tenant, ObservedTenant]) {
    const known = { ...access(), ...observed.access, securityGroupId: ids.group };
    return [
      resource,
      observed.access === undefined ? observed : { ...observed, access: known },
    ] as const;
  }

  it('ends where it was declared to end, from wherever it was broken off, each step once', () => {
    const names = ['contoso.example', 'contoso.test', 'fabrikam.example'];
    fc.assert(
      fc.property(
        fc.subarray(names),
        fc.boolean(),
        fc.infiniteStream(fc.boolean()),
        (declared, isManaged, crashes) => {
          const resource = tenant({
            spec: {
              domains: declared.map((name, i) => ({
                name,
                authentication: 'Managed' as const,
                default: i === 0,
              })),
              identity: { activeDirectory: isManaged ? 'Managed' : 'None', passwords: 'Both' },
            },
          });
          let world: readonly [M365Tenant, ObservedTenant] = [
            resource,
            { ...noCustomer, customersOU, access: access({ missing, securityGroupId: ids.group }) },
          ];
          let created = 0;
          for (let round = 0; ; round += 1) {
            expect(round).toBeLessThan(60);
            const plan = planTenant(...world, nowMs);
            expect(planTenant(...world, nowMs)).toEqual(plan);
            expectSoundPlan(world[0], plan);
            if (plan.actions.length === 0) break;
            for (const action of plan.actions) {
              world = withGroup(applied(action, world));
              if (action.name === 'CreateCustomer') created += 1;
              if (crashes.next().value) break;
            }
          }
          expect(readyOf(planTenant(...world, nowMs))).toBe('True Provisioned');
          expect(created).toBe(1);
          expect(world[1].access?.assignment).toBeUndefined();
          expect(world[1].domains?.map(({ name }) => name)).toEqual(
            declared.length > 0 ? declared : [],
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('plans the same whatever order Microsoft lists domains in', () => {
    const all = [
      domain('contoso.example', { isVerified: false }),
      domain('contoso.test', { isVerified: false }),
      domain('other.example'),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3 }), (domains) => {
        const plan = planTenant(withDomains, observedTenant({ domains }), nowMs);
        expect(plan).toEqual(planTenant(withDomains, observedTenant({ domains: all }), nowMs));
        expect(JSON.stringify(plan)).not.toContain('other.example');
      }),
    );
  });
});

/** The steps of plan.ts's table, each judging one condition. Pure. */

import { condition } from '../../core/conditions.ts';
import { fingerprint } from '../../core/hash.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { MissingPermission } from '../../core/permissions.ts';
import type { Condition } from '../../core/resource.ts';
import * as act from './actions.ts';
import { directoryGroupStep } from './directory-group-step.ts';
import { activeDirectoryStep } from './directory-step.ts';
import { domainsStep, federationStep } from './domain-steps.ts';
import { groupStep } from './group-step.ts';
import type { Access, ObservedTenant, Precheck } from './observed.ts';
import { setupRoleIds } from './permissions.ts';
import { done, open, type Step } from './step.ts';

type Judge = (tenant: M365Tenant, observed: ObservedTenant) => Step | undefined;

const judges: readonly Judge[] = [
  customerStep,
  agreementStep,
  accountStep,
  accessStep,
  activeDirectoryStep,
  domainsStep,
  federationStep,
];

/**
 * Every step up to and including the first that is open; and the groups, for which access is enough, and the place in
 * Active Directory for those there.
 */
export function stepsOf(tenant: M365Tenant, observed: ObservedTenant): readonly Step[] {
  const steps: Step[] = [];
  for (const judge of judges) {
    const step = judge(tenant, observed);
    if (step === undefined) continue;
    steps.push(step);
    if (!isDone(step)) break;
  }
  const groups = [
    hasAccess(steps) ? groupStep(tenant, observed) : undefined,
    isPast(steps, 'ActiveDirectoryReady') ? directoryGroupStep(tenant, observed) : undefined,
  ];
  return [...steps, ...groups.filter((step) => step !== undefined)];
}

/** The step is among them, and done. */
function isPast(steps: readonly Step[], type: string): boolean {
  return steps.some((step) => step.condition.type === type && isDone(step));
}

/** Its people can be worked on. */
export function hasAccess(steps: readonly Step[]): boolean {
  return isPast(steps, 'AccessReady');
}

function isDone({ condition }: Step): boolean {
  return condition.status === 'True';
}

function customerStep(tenant: M365Tenant, observed: ObservedTenant): Step {
  const type = 'CustomerReady';
  if (observed.customer !== undefined) {
    return done(type, 'CustomerFound', 'the customer exists at Partner Center');
  }
  // One that was there once is never made again: the relationship has ended, or Partner Center lags behind.
  if (tenant.spec.create === undefined || tenant.status?.tenantId !== undefined) {
    return open(
      type,
      [
        'CustomerNotFound',
        'Partner Center lists no such customer: the customer must accept the reseller relationship first',
      ],
      { delayMs: 60_000 },
    );
  }
  if (tenant.status?.intent !== undefined) {
    return open(type, ['CreatingCustomer', 'the customer is being created'], {
      actions: [act.createCustomer],
    });
  }
  const problem = precheckProblem(observed.precheck);
  if (problem !== undefined) return open(type, problem, { isStalled: true });
  return open(type, ['CreatingCustomer', 'the customer is being created'], {
    actions: [act.recordIntent, act.createCustomer],
  });
}

function precheckProblem(precheck: Precheck | undefined): readonly [string, string] | undefined {
  if (precheck === undefined) return undefined;
  if (precheck.isReseller === true) {
    return [
      'ResellerCannotCreate',
      'an indirect reseller cannot create customers: have the provider create it, and connect to the tenant',
    ];
  }
  if (!precheck.isCountrySold) {
    return [
      'CountryNotInRegion',
      'create.country is not a market of the connection: use a connection of its region',
    ];
  }
  if (precheck.isDomainTaken) {
    return [
      'DomainPrefixTaken',
      'create.domainPrefix is taken by another tenant: choose another, or connect to the tenant',
    ];
  }
  if (precheck.addressProblem !== undefined) return ['AddressInvalid', precheck.addressProblem];
  return addressCheckProblem(precheck);
}

/** Statuses of the address check that Partner Center itself would refuse (partner-center.md 2.4). */
function addressCheckProblem({ address }: Precheck): readonly [string, string] | undefined {
  const refused = ['None', 'StreetPartial', 'PremisesPartial', 'Multiple'];
  if (address === undefined || !refused.includes(address.status)) return undefined;
  const suggestions = address.suggestions.map((line) => `"${line}"`).join(' or ');
  const advice = suggestions === '' ? 'check it' : `Microsoft suggests ${suggestions}`;
  return ['AddressInvalid', `Microsoft does not find create.address: ${advice}`];
}

function agreementStep(tenant: M365Tenant, observed: ObservedTenant): Step | undefined {
  if (tenant.spec.create === undefined) return undefined;
  const type = 'AgreementReady';
  if (observed.agreement !== undefined) {
    return done(type, 'AgreementConfirmed', 'the Microsoft Customer Agreement is recorded');
  }
  return open(type, ['AgreementMissing', 'the Microsoft Customer Agreement is being recorded'], {
    actions: [act.confirmAgreement],
  });
}

function accountStep(tenant: M365Tenant, observed: ObservedTenant): Step | undefined {
  if (tenant.spec.create === undefined) return undefined;
  const type = 'AccountReady';
  switch (observed.accountStatus?.toLowerCase()) {
    case undefined:
    case 'allowed':
      return done(type, 'AccountAllowed', 'Microsoft allows purchases for the customer');
    case 'notallowed':
      return open(
        type,
        [
          'AccountNotAllowed',
          "Microsoft did not approve the customer's account: contact Microsoft",
        ],
        { isStalled: true },
      );
    default:
      // Only purchases wait for the review: pools say so; the tenant goes on.
      return done(
        type,
        'AccountUnderReview',
        'Microsoft reviews the account; purchases wait for it',
      );
  }
}

function accessStep(tenant: M365Tenant, observed: ObservedTenant): Step {
  const type = 'AccessReady';
  const { access } = observed;
  if (access === undefined || !access.isTenantKnown) {
    return open(type, ['TenantNotReady', 'Microsoft is still setting the tenant up']);
  }
  if (access.refusal !== undefined) {
    const { reason, message } = access.refusal;
    return open(type, [reason, message], { delayMs: observed.pollMs });
  }
  if (access.missing.length === 0 && observed.organization !== undefined) {
    return done(
      type,
      'PermissionsGranted',
      'the operator has the permissions that it needs',
      tidyUp(access),
    );
  }
  if (access.missing.length === 0) {
    return open(type, ['TenantNotReady', 'Graph does not show the tenant yet']);
  }
  return enterTenant(tenant, access);
}

/** An assignment that holds other roles too is not (only) ours: it is left alone. */
function tidyUp({ relationship, assignment }: Access): readonly act.TenantAction[] {
  if (relationship === undefined || assignment === undefined) return [];
  if (!assignment.roleIds.every((id) => setupRoleIds.includes(id))) return [];
  return [act.removeAccess(relationship.id, assignment.id)];
}

function enterTenant(tenant: M365Tenant, access: Access): Step {
  const type = 'AccessReady';
  const { relationship, assignment, securityGroupId } = access;
  // `created`: requested, and never locked for approval (a crash between the two).
  if (relationship === undefined || relationship.status === 'created') {
    return waitForRelationship(tenant);
  }
  if (relationship.status !== 'active') {
    return open(
      type,
      ['ApprovalPending', "the customer's administrator must open the link in status.approvalUrl"],
      { delayMs: 60_000 },
    );
  }
  if (securityGroupId === undefined) {
    return open(
      type,
      [
        'SecurityGroupUnknown',
        'the service user is in no security group: put it into one, or name one in delegatedAccess.securityGroupId of the connection',
      ],
      { delayMs: 60_000 },
    );
  }
  if (assignment === undefined) {
    return open(type, ['AssigningAccess', 'the provider gets the roles to enter the tenant'], {
      actions: [act.assignAccess(relationship.id, securityGroupId)],
    });
  }
  if (assignment.status !== 'active') {
    return open(type, ['AccessPending', 'Microsoft is giving the provider the roles']);
  }
  if (!access.hasServicePrincipal) {
    return open(type, ['ConsentMissing', "the operator's application gets its consent"], {
      actions: [act.consentApplication],
    });
  }
  const wanted = [...access.missing, ...access.missingOptional];
  return open(type, ['PermissionsMissing', `missing: ${named(access.missing)}`], {
    actions: [act.grantPermissions(wanted.map(({ permission }) => permission))],
  });
}

function named(missing: readonly MissingPermission[]): string {
  return missing.map(({ permission, feature }) => `${permission} (${feature})`).join(', ');
}

/** Advisory, once the tenant can be worked in: what it goes without. */
export function permissionsComplete(
  steps: readonly Step[],
  { access }: ObservedTenant,
): readonly Condition[] {
  if (!hasAccess(steps) || access === undefined) return [];
  const type = 'PermissionsComplete';
  if (access.missingOptional.length === 0) {
    return [condition(type, 'True', 'AllGranted', 'every feature has its permission')];
  }
  const message = `off until an administrator of the tenant consents to the application again: ${named(access.missingOptional)}; the annotation m365-operator.io/reconcile-requested-at has it seen at once`;
  return [condition(type, 'False', 'OptionalMissing', message)];
}

function waitForRelationship(tenant: M365Tenant): Step {
  const type = 'AccessReady';
  if (tenant.spec.create !== undefined) {
    return open(type, [
      'RelationshipPending',
      'Microsoft is setting up the delegated administration',
    ]);
  }
  const name = relationshipName(tenant);
  return open(
    type,
    ['RelationshipMissing', 'a delegated administration relationship is being requested'],
    {
      actions: [act.requestRelationship(name)],
    },
  );
}

/** Names of relationships are unique for the partner and at most 50 characters (partner-center.md 15.9). */
function relationshipName({ metadata }: M365Tenant): string {
  const name = `m365-operator ${metadata.namespace}/${metadata.name}`;
  return name.length <= 50 ? name : `${name.slice(0, 41)} ${fingerprint(name).slice(0, 8)}`;
}

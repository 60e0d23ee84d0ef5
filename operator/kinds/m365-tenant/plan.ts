/**
 * A tenant is set up in this order; each line is a condition of its own, and the first that is not True is what Ready
 * says. Nothing below a line is looked at before it holds.
 *
 * | condition            | observed                               | actions                                       |
 * | -------------------- | -------------------------------------- | --------------------------------------------- |
 * | CustomerReady        | no customer, no intent                 | RecordIntent, CreateCustomer                  |
 * |                      | no customer, intent (crash, no answer) | CreateCustomer with the same request id       |
 * |                      | prefix taken, country not sold, address wrong | none: Stalled                          |
 * |                      | the partner is an indirect reseller    | none: Stalled                                 |
 * |                      | connect, or made before: no such customer | none: wait                                 |
 * | AgreementReady       | not confirmed                          | ConfirmAgreement                              |
 * | AccountReady         | under review                           | none: pools wait, the tenant goes on          |
 * |                      | not approved                           | none: Stalled                                 |
 * | AccessReady          | permissions missing, no relationship   | create: wait; connect: RequestRelationship    |
 * |                      | no access assignment                   | AssignAccess                                  |
 * |                      | access pending                         | none: wait                                    |
 * |                      | no service principal                   | ConsentApplication                            |
 * |                      | permissions missing                    | GrantPermissions (optional ones with them)    |
 * |                      | optional permissions missing           | none: PermissionsComplete=False names them    |
 * |                      | was set up, refuses us now             | none: its reason, asked again once a poll     |
 * |                      | complete, broad access still there     | RemoveAccess                                  |
 * | ActiveDirectoryReady | OU or UPN suffix missing               | EnsureOrganizationalUnit, EnsureUpnSuffixes   |
 * |                      | to be isolated, OU open or group missing | EnsureIsolation                             |
 * |                      | isolated, the forest shows it all the same | none: TenantVisible                       |
 * |                      | the OU has another name or place       | none: status follows it by its GUID           |
 * |                      | directory sync active, accounts synced | none: Stalled, and looked at again            |
 * |                      | hand-over declared, not through        | none: wait, hand-over.ts has the table        |
 * | DomainsReady         | domain missing                         | AddDomain                                     |
 * |                      | domain unverified                      | PublishDnsRecords, VerifyDomain               |
 * |                      | another is default                     | SetDefaultDomain                              |
 * |                      | declared by an older M365Tenant        | none: Stalled                                 |
 * | FederationReady      | managed, accounts without an anchor    | none: wait                                    |
 * |                      | managed                                | CreateFederation                              |
 * |                      | settings differ                        | UpdateFederation                              |
 * |                      | below another domain of the tenant     | none: Stalled                                 |
 * |                      | federated, declared Managed            | none: ManagedNotConfirmed; RemoveFederation once confirmed |
 * |                      | certificate ends soon, no other known  | none: FederationCertificateExpiring           |
 * | GroupsReady          | name is ambiguous, other type, members not ours to write, a group in itself | none: Stalled |
 * |                      | group missing                          | CreateGroup                                   |
 * |                      | member missing                         | AddGroupMember                                |
 * |                      | exclusive, others are members          | RemoveGroupMember                             |
 * | ActiveDirectoryGroupsReady | directory-group-step.ts has the table | CreateGroup, AddGroupMember, RemoveGroupMember |
 * Groups wait for AccessReady only, those of Active Directory for ActiveDirectoryReady.
 *
 * What others changed of federations and groups is done as core/drift.ts says.
 *
 * Beside these: changes of too many people are held (../mass-change.ts): MassChangeHeld, status.massChange.
 *
 * Deleted: released once no user and no pool names it; the tenant itself stays (Retain).
 */
import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import { condition, notReady, ready } from '../../core/conditions.ts';
import { driftedCondition, lookAgain } from '../../core/drift.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { type Next, onChange, type Plan } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';
import { heldBatch } from '../mass-change.ts';
import type { TenantAction } from './actions.ts';
import { planBackToManaged } from './back-to-managed.ts';
import { attributedInGroups, directoryGroupStatus } from './directory-group-step.ts';
import { visibleTenants } from './directory-step.ts';
import { domainStatus } from './domains.ts';
import { asLeft, judgeTenant } from './drift.ts';
import { expiringCertificates } from './federation-server.ts';
import { groupStatus } from './group-step.ts';
import { handOverStatus } from './hand-over.ts';
import type { ObservedTenant } from './observed.ts';
import { attributed } from './outside-changes.ts';
import type { Step } from './step.ts';
import { hasAccess, permissionsComplete, stepsOf } from './steps.ts';

export type TenantPlan = Plan<TenantAction, M365TenantStatus>;

export function planTenant(
  tenant: M365Tenant,
  observed: ObservedTenant,
  nowMs: number,
): TenantPlan {
  const plan = withWindow(
    tenant.metadata.deletionTimestamp === undefined
      ? planPresence(tenant, observed, nowMs)
      : planDeletion(observed),
    observed,
  );
  const massChange = heldBatch(tenant, observed.massChanges, nowMs);
  if (massChange === undefined && tenant.status?.massChange === undefined) return plan;
  const isHeld = massChange !== undefined && !massChange.confirmed;
  return {
    ...plan,
    conditions: isHeld ? [...plan.conditions, massChangeHeld] : plan.conditions,
    status: { ...plan.status, massChange },
    next: massChange === undefined ? plan.next : sooner(plan.next, batchLook),
  };
}

/** Stored before its people are changed (../mass-change-window.ts). */
function withWindow(plan: TenantPlan, { massChangeWindow }: ObservedTenant): TenantPlan {
  return { ...plan, status: { ...plan.status, massChangeWindow } };
}

const massChangeHeld: Condition = {
  type: 'MassChangeHeld',
  status: 'True',
  reason: 'TooManyUsers',
  message:
    'changes of many people are held, and nothing of them is done: set the annotation m365-operator.io/confirm to the batch in status.massChange, or take them back in Git',
};

/** Its people join it, are marked and are done meanwhile. */
const batchLook = { look: 'after', delayMs: 10_000, reason: 'MassChange' } as const;

function sooner(next: Next, other: Extract<Next, { look: 'after' }>): Next {
  return next.look === 'after' && next.delayMs <= other.delayMs ? next : other;
}

function planPresence(tenant: M365Tenant, observed: ObservedTenant, nowMs: number): TenantPlan {
  const { drift: judged, leave, corrections, lookAtMs } = judgeTenant(tenant, observed, nowMs);
  const before = tenant.status?.drift;
  const drift = attributedInGroups(
    attributed(judged, observed.outsideChanges ?? [], before),
    observed,
    before,
  );
  const steps = stepsOf(tenant, asLeft(tenant, observed, leave));
  const backToManaged = planBackToManaged(tenant, observed);
  const open = steps.find((step) => step.condition.status !== 'True');
  return {
    actions: [...steps.flatMap((step) => step.actions), ...backToManaged.actions],
    conditions: [
      summary(open),
      ...(open?.isStalled === true ? [stalled(open.condition)] : []),
      ...driftedCondition(drift, tenant),
      ...adminCredentials(tenant),
      ...permissionsComplete(steps, observed),
      ...expiringCertificates(observed, nowMs),
      ...backToManaged.conditions,
      ...visibleTenants(observed),
      ...steps.map((step) => step.condition),
    ],
    status: {
      ...(isRefused(observed)
        ? { managedUsers: observed.managedUsers }
        : statusOf(tenant, observed)),
      drift: drift.length > 0 ? [...drift] : undefined,
      corrections,
    },
    released: false,
    next: lookAgain(nextLook(open, observed, hasAccess(steps)), lookAtMs, nowMs),
  };
}

/** Advisory: the tenant works without its first administrator. */
function adminCredentials({ status }: M365Tenant): readonly Condition[] {
  if (status?.adminPasswordStored === undefined) return [];
  const type = 'AdminCredentialsReady';
  if (status.adminPasswordStored) {
    return [
      condition(
        type,
        'True',
        'PasswordStored',
        'the first administrator stands in status.adminCredentialsSecretRef',
      ),
    ];
  }
  return [
    condition(
      type,
      'False',
      'PasswordUnknown',
      "Microsoft told the first administrator's password once, and the operator stopped before it could store it: reset it at Partner Center",
    ),
  ];
}

/** Then nothing else was looked at: status stays as it was last seen. */
function isRefused({ access }: ObservedTenant): boolean {
  return access?.refusal !== undefined;
}

/** Others may have renamed or moved it. */
function placeStatus({ unit }: ObservedTenant): Partial<M365TenantStatus> {
  if (unit === undefined) return {};
  const { distinguishedName, objectGuid } = unit;
  return { organizationalUnit: distinguishedName, organizationalUnitGuid: objectGuid };
}

function statusOf(tenant: M365Tenant, observed: ObservedTenant): Partial<M365TenantStatus> {
  const { customer, agreement, organization, directory } = observed;
  return {
    ...(customer === undefined ? {} : { tenantId: customer.id, initialDomain: customer.domain }),
    ...(agreement === undefined
      ? {}
      : { agreement: { acceptedOn: agreement.dateAgreed.slice(0, 10) } }),
    ...placeStatus(observed),
    country: organization?.countryLetterCode ?? tenant.spec.create?.country,
    domains: domainStatus(tenant, observed),
    groups: groupStatus(tenant, observed),
    activeDirectoryGroups: directoryGroupStatus(tenant, observed),
    users: directory?.users,
    ...(directory === undefined ? {} : { protectedAccounts: directory.protectedAccounts }),
    managedUsers: observed.managedUsers,
    lastDirectoryReadTime: readTime(tenant, directory?.lastFullRead),
    approvalUrl: observed.approvalUrl,
    handOver: handOverStatus(tenant, observed),
  };
}

/** A restart reads everything as well: the time is for the nightly look, and a write for every start would be none of it. */
function readTime(tenant: M365Tenant, lastFullRead: string | undefined): string | undefined {
  const shown = tenant.status?.lastDirectoryReadTime;
  if (shown === undefined || lastFullRead === undefined) return lastFullRead;
  return Date.parse(lastFullRead) - Date.parse(shown) < shownReadMs ? shown : lastFullRead;
}

/** Less than a night's distance, whatever the schedule's jitter. */
const shownReadMs = 20 * 60 * 60_000;

function summary(open: Step | undefined): Condition {
  if (open === undefined) return ready('Provisioned', 'the tenant is set up as declared');
  return notReady(open.condition.reason, open.condition.message);
}

function stalled({ reason, message }: Condition): Condition {
  return { type: 'Stalled', status: 'True', reason, message };
}

/** `isRead`: its people wait for news of its directories, whatever of the tenant itself waits for an edit. */
function nextLook(open: Step | undefined, observed: ObservedTenant, isRead: boolean): Next {
  if (open === undefined) return { look: 'after', delayMs: observed.pollMs, reason: 'Poll' };
  if (open.isStalled === true && open.delayMs === undefined && !isRead) return onChange;
  return { look: 'after', delayMs: open.delayMs ?? observed.pollMs, reason: open.condition.reason };
}

function planDeletion({ managedUsers, managedPools }: ObservedTenant): TenantPlan {
  const isUsed = managedUsers + managedPools > 0;
  return {
    actions: [],
    conditions: [
      isUsed
        ? notReady('InUse', 'M365Users or LicensePools name this tenant: delete them first')
        : notReady('Deleting', 'the tenant itself is kept (deletionPolicy Retain)'),
    ],
    status: {},
    released: !isUsed,
    next: isUsed ? { look: 'after', delayMs: 10_000, reason: 'InUse' } : onChange,
  };
}

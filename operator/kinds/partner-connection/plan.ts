/**
 * | observed                                   | Ready                              | next look |
 * | ------------------------------------------ | ---------------------------------- | --------- |
 * | Secret missing or broken                   | False, the Secret's reason         | 15 s      |
 * | app-only token or Partner Center refused   | False, `AppAccess` says why        | 1 min     |
 * | a cloud out of order, or throttled         | as any failure: told when it lasts | back-off  |
 * | app + user token refused, or without MFA   | False, `UserAccess` says why       | 1 min     |
 * | an offer of the catalogue is not there     | True; `CatalogReady=False`         | 5 min     |
 * | Active Directory not reachable, no rights  | False, `DirectoryReady` says why;  | 1 min     |
 * |                                            | tenants in Entra only are served   |           |
 * | commerce clock differs by over a minute    | True; `ClockInSync=False`          | 5 min     |
 * | all well                                   | True                               | 5 min     |
 * | deleted, tenants still use it              | False, `InUse`; finalizer stays    | 10 s      |
 * | deleted, unused                            | released                           | never     |
 *
 * Nothing is changed outside: a connection has no actions.
 */
import type { PartnerConnectionStatus } from '../../api/partner-connection.ts';
import { marketsOf } from '../../api/regions.ts';
import { condition, notReady, ready } from '../../core/conditions.ts';
import type { OperatorError } from '../../core/errors.ts';
import type { PartnerConnection } from '../../core/objects.ts';
import { type Action, type Next, onChange, type Plan } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';

/** What a probe found: a value, or the classified reason why there is none. */
export type Probe<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: OperatorError };

export interface ObservedConnection {
  readonly tenants: number;
  readonly credentials: Probe<{ readonly expireOn: string | undefined }>;
  /** The rest is probed only with credentials. */
  readonly appAccess?: Probe<{ readonly customers: number }>;
  readonly userAccess?: Probe<{ readonly isMfaCompliant: boolean }>;
  /** Partner Center's activity log, read for who changes subscriptions. */
  readonly activityLog?: Probe<void>;
  readonly catalog?: Probe<{ readonly found: number; readonly missing: readonly string[] }>;
  readonly directory?: Probe<{ readonly defaultNamingContext: string }>;
  readonly clockOffsetMs?: number;
}

const minute = 60_000;
const clockToleranceMs = minute;

type ConnectionPlan = Plan<Action, PartnerConnectionStatus>;

export function planConnection(
  connection: PartnerConnection,
  observed: ObservedConnection,
): ConnectionPlan {
  if (connection.metadata.deletionTimestamp !== undefined) return planDeletion(observed);
  const details = [
    ...probeCondition(
      'CredentialsReady',
      observed.credentials,
      'CredentialsFound',
      'the Secret holds all that is needed',
    ),
    ...probeCondition(
      'AppAccess',
      observed.appAccess,
      'TokenAccepted',
      'Partner Center accepts the application',
    ),
    ...userAccess(observed),
    ...catalogReady(observed),
    ...activityLogReadable(observed),
    ...probeCondition(
      'DirectoryReady',
      observed.directory,
      'Connected',
      'Active Directory is reachable with these credentials',
    ),
    ...clock(observed),
  ];
  const blocking = firstBlocking(details);
  const summary =
    blocking === undefined
      ? ready('Connected', 'credentials, Partner Center and directory work')
      : notReady(blocking.reason, blocking.message);
  return {
    actions: [],
    conditions: [summary, ...stalled(observed), ...details],
    status: statusOf(connection, observed),
    released: false,
    next: nextLook(blocking),
  };
}

function planDeletion({ tenants }: ObservedConnection): ConnectionPlan {
  const base = { actions: [], status: {} };
  if (tenants === 0)
    return {
      ...base,
      conditions: [notReady('Deleting', 'nothing uses the connection')],
      released: true,
      next: onChange,
    };
  return {
    ...base,
    conditions: [notReady('InUse', 'M365Tenants use this connection: delete them first')],
    released: false,
    next: { look: 'after', delayMs: 10_000, reason: 'InUse' },
  };
}

function probeCondition<T>(
  type: string,
  probe: Probe<T> | undefined,
  reason: string,
  message: string,
): readonly Condition[] {
  if (probe === undefined) return [];
  if (probe.ok) return [condition(type, 'True', reason, message)];
  return [condition(type, 'False', probe.error.reason, probe.error.message)];
}

function userAccess({ userAccess: probe }: ObservedConnection): readonly Condition[] {
  if (probe?.ok === true && !probe.value.isMfaCompliant) {
    return [
      condition(
        'UserAccess',
        'False',
        'MfaRequired',
        'refreshToken was issued without MFA: sign in as the service user with MFA and store the new one',
      ),
    ];
  }
  return probeCondition(
    'UserAccess',
    probe,
    'TokenAccepted',
    "the service user's token is accepted, with MFA",
  );
}

/** Abnormal only: pools do without, they are read in full each night. */
function activityLogReadable({ activityLog }: ObservedConnection): readonly Condition[] {
  if (activityLog === undefined || activityLog.ok) return [];
  const { message } = activityLog.error;
  return [
    condition(
      'ActivityLogUnreadable',
      'True',
      'ActivityLogUnreadable',
      `who changes subscriptions outside is not known: ${message}`,
    ),
  ];
}

function catalogReady({ catalog }: ObservedConnection): readonly Condition[] {
  if (catalog?.ok === true && catalog.value.missing.length > 0) {
    const names = catalog.value.missing.map((name) => `"${name}"`).join(', ');
    return [
      condition(
        'CatalogReady',
        'False',
        'OfferNotFound',
        `Partner Center's catalogue does not have ${names}: check productId and skuId`,
      ),
    ];
  }
  return probeCondition(
    'CatalogReady',
    catalog,
    'OffersFound',
    "every offer is in Partner Center's catalogue",
  );
}

function clock({ clockOffsetMs }: ObservedConnection): readonly Condition[] {
  if (clockOffsetMs === undefined || Math.abs(clockOffsetMs) <= clockToleranceMs) return [];
  return [
    condition(
      'ClockInSync',
      'False',
      'ClockDiffers',
      "the clock here differs from Microsoft's by more than a minute; Microsoft's is used for commerce",
    ),
  ];
}

/** A missing offer stops the pools that want it, not the connection. */
const advisory = new Set(['CatalogReady', 'ClockInSync']);

function firstBlocking(details: readonly Condition[]): Condition | undefined {
  return details.find((detail) => detail.status === 'False' && !advisory.has(detail.type));
}

function stalled(observed: ObservedConnection): readonly Condition[] {
  const probes = [
    observed.credentials,
    observed.appAccess,
    observed.userAccess,
    observed.directory,
  ];
  for (const probe of probes) {
    if (probe?.ok === false && probe.error.class === 'Terminal') {
      return [condition('Stalled', 'True', probe.error.reason, probe.error.message)];
    }
  }
  return [];
}

function statusOf(
  connection: PartnerConnection,
  observed: ObservedConnection,
): Partial<PartnerConnectionStatus> {
  const { credentials, appAccess, catalog, directory } = observed;
  return {
    markets: (connection.spec.markets ?? marketsOf(connection.spec.region)).length,
    tenants: observed.tenants,
    credentialsExpireOn: credentials.ok ? credentials.value.expireOn : undefined,
    ...(appAccess?.ok === true ? { customers: appAccess.value.customers } : {}),
    ...(catalog?.ok === true ? { catalogOffers: catalog.value.found } : {}),
    ...(directory?.ok === true
      ? { defaultNamingContext: directory.value.defaultNamingContext }
      : {}),
  };
}

function nextLook(blocking: Condition | undefined): Next {
  if (blocking === undefined) return { look: 'after', delayMs: 5 * minute, reason: 'Probe' };
  const delayMs = blocking.type === 'CredentialsReady' ? 15_000 : minute;
  return { look: 'after', delayMs, reason: blocking.reason };
}

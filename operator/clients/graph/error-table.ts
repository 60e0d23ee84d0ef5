/**
 * Graph's codes and texts, as plain reasons. Several causes share the code Request_BadRequest, so the message decides there.
 * Source: graph.md 0.3 and 10 (2026-11-24).
 */
import type { ErrorClass } from '../../core/errors.ts';
import { throttledMessage } from './budget.ts';

export interface Row {
  readonly status?: number;
  readonly code?: string;
  readonly text?: RegExp;
  readonly class: ErrorClass;
  readonly reason: string;
  readonly message: string;
  readonly delayMs?: number;
}

const minute = 60_000;

/** First match wins. */
export const graphErrors: readonly Row[] = [
  {
    text: /Another object with the same value for property userPrincipalName|conflicting object with one or more of the specified property values/i,
    class: 'Terminal',
    reason: 'UserPrincipalNameTaken',
    message:
      'another account of the tenant has this userPrincipalName or one of its addresses: choose another name, or take that account over with entraId',
  },
  {
    text: /Another object with the same value/i,
    class: 'Terminal',
    reason: 'NameConflict',
    message:
      'another object of the tenant has the same value of a unique property: change it here or there',
  },
  {
    text: /domain portion of the userPrincipalName/i,
    class: 'Wait',
    reason: 'DomainNotVerified',
    message: 'the domain of userPrincipalName is not verified in the tenant (yet)',
    delayMs: minute,
  },
  {
    text: /password does not comply/i,
    class: 'Terminal',
    reason: 'PasswordNotAccepted',
    message:
      'Entra refuses the password: put one of at least 8 characters of three kinds into the Secret',
  },
  {
    text: /on-premises mastered/i,
    class: 'Terminal',
    reason: 'DirectorySyncActive',
    message: 'a sync server owns this account: change it in Active Directory',
  },
  {
    text: /invalid usage location/i,
    class: 'Wait',
    reason: 'UsageLocationNotSet',
    message: 'the usage location has not arrived in Entra yet',
    delayMs: 5_000,
  },
  {
    text: /does not have any available licenses/i,
    class: 'Wait',
    reason: 'WaitingForSeat',
    message: 'no seat is free; one is bought or freed by the pool',
    delayMs: 30_000,
  },
  // Texts of the conflicts are unconfirmed (graph.md 16): words that any of them must hold.
  {
    text: /mutually exclusive/i,
    class: 'Terminal',
    reason: 'LicenseConflict',
    message:
      'a service plan of the licence excludes one that the person has: switch one off in disabledServicePlans of the plan',
  },
  {
    text: /service plan.*depends on/i,
    class: 'Terminal',
    reason: 'LicenseDependencyMissing',
    message:
      'a service plan of the licence needs another that the person does not have: add its product, or switch the plan off in disabledServicePlans',
  },
  {
    text: /not available in usage location/i,
    class: 'Terminal',
    reason: 'LicenseProhibitedInUsageLocation',
    message:
      'Microsoft does not offer the licence in the usageLocation of the person: change it, or the plan',
  },
  {
    text: /inherited from a group membership|does not have a corresponding license/i,
    class: 'Transient',
    reason: 'LicenseChangedMeanwhile',
    message: 'the licence is not the own one of the person any more: it is looked at again',
  },
  {
    text: /immutable ?id/i,
    status: 400,
    class: 'Terminal',
    reason: 'AnchorNotAccepted',
    message:
      'Entra refuses the anchor (on a federated domain it is required and cannot be changed): set that of the account in Active Directory',
  },
  {
    code: 'Directory_ConcurrencyViolation',
    class: 'Transient',
    reason: 'ConcurrentChange',
    message: 'Entra is busy with another change of the same object',
  },
  {
    text: /One or more property values specified are invalid|Not a valid reference update|reference-property objects are not present/i,
    status: 400,
    class: 'Transient',
    reason: 'NotReplicatedYet',
    message: 'Entra does not see a related object yet',
  },
  ...['Directory_QuotaExceeded', 'quotaLimitReached'].map(
    (code): Row => ({
      code,
      class: 'Terminal',
      reason: 'DirectoryQuotaExceeded',
      message:
        'the tenant has reached its number of directory objects: verify a domain (50,000 become 300,000), or delete some for good',
    }),
  ),
  {
    code: 'Request_MultipleObjectsWithSameKeyValue',
    class: 'Terminal',
    reason: 'NameConflict',
    message:
      'several objects of the tenant have the same value of a unique property: change all but one',
  },
  // A refusal that comes with another status than 429.
  ...[
    'TooManyRequests',
    'activityLimitReached',
    'Request_ThrottledTemporarily',
    'Request_ThrottledPermanently',
  ].map(
    (code): Row => ({
      code,
      class: 'Wait',
      reason: 'Throttled',
      message: throttledMessage,
      delayMs: code === 'Request_ThrottledPermanently' ? minute : 10_000,
    }),
  ),
  {
    code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    class: 'Wait',
    reason: 'PremiumLicenseMissing',
    message: 'this needs a licence of Entra ID P1 in the tenant: it is left off till then',
  },
  ...['Directory_ObjectNotFound', 'itemNotFound'].map(
    (code): Row => ({
      code,
      class: 'Transient',
      reason: 'ObjectNotFound',
      message: 'Entra does not have (or not see yet) an object that the change is about',
    }),
  ),
  ...['syncStateNotFound', 'resyncRequired', 'Directory_ExpiredPageToken'].map(
    (code): Row => ({
      code,
      class: 'Wait',
      reason: 'ResyncRequired',
      message: 'the directory is read again in full',
      delayMs: 0,
    }),
  ),
  {
    status: 401,
    class: 'Wait',
    reason: 'TokenRefused',
    message: 'Graph does not accept the token',
    delayMs: 10_000,
  },
  {
    code: 'Authorization_IdentityNotFound',
    class: 'Wait',
    reason: 'ConsentMissing',
    message:
      'the application has no service principal in this tenant any more: consent to it again',
    delayMs: minute,
  },
  {
    code: 'Authorization_IdentityDisabled',
    class: 'Wait',
    reason: 'ApplicationDisabled',
    message:
      "the tenant's administrator has disabled the operator's application: enable it among the enterprise applications",
    delayMs: minute,
  },
  {
    status: 403,
    class: 'Wait',
    reason: 'PermissionDenied',
    message: 'Graph denies this to the application: a permission or an Entra role is missing',
    delayMs: minute,
  },
  {
    status: 404,
    class: 'Transient',
    reason: 'ObjectNotFound',
    message: 'Entra does not have (or not see yet) an object that the change is about',
  },
  {
    status: 410,
    class: 'Wait',
    reason: 'ResyncRequired',
    message: 'the directory is read again in full',
    delayMs: 0,
  },
  {
    status: 409,
    class: 'Transient',
    reason: 'ConcurrentChange',
    message: 'somebody else changed it meanwhile',
  },
  {
    status: 412,
    class: 'Transient',
    reason: 'ConcurrentChange',
    message: 'somebody else changed it meanwhile',
  },
  {
    status: 423,
    class: 'Transient',
    reason: 'ObjectLocked',
    message: 'the object is locked at the moment',
  },
];
